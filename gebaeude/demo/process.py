"""Child processes that never outlive us: spawned, stopped, and found again after a kill -9.

A child gets the kernel's parent-death signal, so it ends when we are killed. What still
escapes is found at the next start by its note (process id, start time, boot), which cannot
point at a stranger that happens to have the same id.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gebaeude.demo import accounts
from gebaeude.errors import ServiceMissing
from gebaeude.text import _

LOG_BYTES = 10 * 2**20
Identity = tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """What to run.

    name: also the name of its log and note files. user: the system account, None for our own.
    stop_with: the signal that asks it to end in an orderly way, also sent when we are killed.
    environment: all of it; None for ours.
    """

    name: str
    argv: Sequence[str]
    user: str | None = None
    stop_with: signal.Signals = signal.SIGTERM
    environment: Mapping[str, str] | None = None


class Child:
    """One running command; its output goes to `state/log/<name>.log`."""

    def __init__(self, command: Command, state: Path) -> None:
        self.command = command
        self.log = log_file(state, command.name)
        self._note = state / "run" / f"{command.name}.{command.stop_with.name}"
        for path in (self.log, self._note):
            path.parent.mkdir(parents=True, exist_ok=True)
        end_leftover(self._note)
        _set_aside(self.log)
        self.process = self._spawn(state)
        self._note.write_text(" ".join(_identity(self.process.pid)))

    def _spawn(self, state: Path) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*_wrapper(self.command), *self.command.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # The checkout may lie where the other account cannot look.
                cwd=state,
                env=None if self.command.environment is None else dict(self.command.environment),
                # Ctrl-C goes to us alone, or everything would stop at once and in no order.
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """True until the process has ended."""
        return self.process.poll() is None

    def stop(self, patience: float = 30.0) -> None:
        """Ask the process to end, wait `patience` seconds, then kill it."""
        if self.running:
            self.process.send_signal(self.command.stop_with)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            _kill_group(self.process.pid)
            self.process.wait()
        self._note.unlink(missing_ok=True)

    def last_words(self, lines: int = 3) -> str:
        """Return the last lines of the log, for a message."""
        return last_words(self.log, lines)


def log_file(state: Path, name: str) -> Path:
    """Return where the output of the process of this name goes."""
    return state / "log" / f"{name}.log"


def _set_aside(log: Path) -> None:
    """Begin a new log where the old one has grown long; one old one is kept."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path, lines: int = 3) -> str:
    """Return the last lines of a log in one line."""
    if not log.exists():
        return ""
    return " | ".join(log.read_text(errors="replace").strip().splitlines()[-lines:])


def end_leftovers(state: Path) -> list[str]:
    """End whatever an earlier run left behind in this directory; return the names."""
    notes = sorted((state / "run").glob("*.SIG*"))
    return [note.stem for note in notes if end_leftover(note)]


def end_leftover(note: Path, patience: float = 15.0) -> bool:
    """End the process a note names, if it is still that very one; True if it was."""
    try:
        identity = tuple(note.read_text().split())
    except OSError:
        return False
    found = len(identity) == 3 and _identity(int(identity[0])) == identity
    if found:
        _end(identity, signal.Signals[note.suffix.removeprefix(".")], patience)
    note.unlink(missing_ok=True)
    return found


def _end(identity: Identity, stop_with: signal.Signals, patience: float) -> None:
    pid = int(identity[0])
    deadline = time.monotonic() + patience
    with suppress(ProcessLookupError):
        os.kill(pid, stop_with)
    while _identity(pid) == identity:
        if time.monotonic() > deadline:
            _kill_group(pid)
        time.sleep(0.02)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _identity(pid: int) -> Identity:
    """Return (pid, start in clock ticks, boot), or nothing if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ()
    # The name stands in brackets and may hold spaces and brackets itself.
    fields = stat.rpartition(")")[2].split()
    status, start = fields[0], fields[19]
    return () if status == "Z" else (str(pid), start, boot)


def _wrapper(command: Command) -> list[str]:
    setpriv = shutil.which("setpriv", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin")
    if setpriv is None:
        raise ServiceMissing(_("Das Programm setpriv fehlt (Paket util-linux)."))
    account = [] if command.user is None else accounts.become(command.user)
    return [setpriv, *account, "--pdeathsig", command.stop_with.name.removeprefix("SIG"), "--"]
