"""`gebaeude demo` in a process of its own, as a person starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gebaeude.demo import state as state_directory
from gebaeude.store.database import connect
from gebaeude.store.status import counts

SETTINGS = ("DATABASE_URL", "MQTT_URL", "SMTP_URL", "STATE_DIR", "WEB_PORT")


@dataclass
class Demo:
    """A demo that runs in a process of its own."""

    process: subprocess.Popen[str]
    state: Path

    def reached(self) -> state_directory.Running:
        found = state_directory.running(self.state)
        assert found is not None
        return found

    def readings(self) -> int:
        with connect(self.reached().database_url, name="test") as connection:
            return counts(connection).readings

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=40)[0]


Starter = Callable[..., list[Demo]]


def environment(**more: str) -> dict[str, str]:
    ours = {f"GEBAEUDE_{name}{end}" for name in SETTINGS for end in ("", "_FILE")}
    return {name: value for name, value in os.environ.items() if name not in ours} | more


def command(state: Path, *arguments: str) -> list[str]:
    return [
        sys.executable, "-m", "gebaeude.cli", "demo", "--state", str(state), "--port", "0",
        "--days", "1", *arguments,
    ]  # fmt: skip


def processes_of(state: Path) -> list[str]:
    """Every live process whose command line or working directory lies in the state directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(state) in line or place.startswith(str(state)):
            found.append(line)
    return found
