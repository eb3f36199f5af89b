"""Making a running broker read its files again."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def reload(pid_file: Path | None) -> bool:
    """Tells the broker of this pid file to read its accounts again; False where that cannot be.

    Mosquitto then also breaks off connections whose account is gone.
    """
    try:
        process = int(pid_file.read_text()) if pid_file else 0
        if not process or not _is_mosquitto(process):
            return False
        os.kill(process, signal.SIGHUP)
    except (OSError, ValueError):
        return False
    return True


def _is_mosquitto(process: int) -> bool:
    """A note may have outlived its process, and the number gone to a stranger."""
    return Path(f"/proc/{process}/comm").read_text().strip() == "mosquitto"
