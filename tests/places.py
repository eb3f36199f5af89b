"""Directories for servers' data that the accounts they run as can reach.

They lie in memory where there is enough of it: PostgreSQL makes 700 files for a database, and the
tests have hundreds of databases.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 3 * 2**30  # bytes; two clusters and a few demos take about a third of it


@contextmanager
def scratch(prefix: str = "gebaeude-test-") -> Iterator[Path]:
    """A directory that everybody may pass through, taken away afterwards."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=_fastest()))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _fastest() -> Path | None:
    """None: where temporary files lie anyway."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None
