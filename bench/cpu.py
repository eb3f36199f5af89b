"""Seconds that processes have had of a processor.

On a machine that others use too, the time by the clock says how busy they are; this does not, or
far less.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def seconds(pids: Iterable[int]) -> float:
    """All threads that these processes have now; what has ended counts nothing."""
    nanoseconds = 0
    for pid in pids:
        for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError):  # a thread that ends just now
                nanoseconds += int(file.read_text().split()[0])
    return nanoseconds / 1e9


def of_family(pid: int) -> float:
    """A process, all that descend from it, and those of them that it has seen end."""
    ticks = 0
    for member in _family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> Iterator[int]:
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in file.read_text().split():
                yield from _family(int(child))
