"""The directory a demo keeps everything in: one demo at a time, never deleted by mistake."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from gebaeude.errors import Conflict, UsageError
from gebaeude.text import _

MARKER = "gebaeude-demo"
PRIVATE = ("log", "run", "mail")


@dataclass(frozen=True)
class Running:
    """Where a running demo can be reached; pid is its supervisor's."""

    pid: int
    public_url: str
    database_url: str
    mqtt_url: str
    mail_directory: str


def default_directory() -> Path:
    """Return where the data lies when nobody says otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/gebaeude")
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "gebaeude"


@contextmanager
def held(state: Path) -> Iterator[Path]:
    """Hold the directory for one demo, creating it if need be.

    Raises Conflict when another demo holds it, UsageError when it holds something else.
    """
    _make(state)
    _claim(state)
    _make_private(state)
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(_already_running(state)) from None
        # One that was killed has left it behind.
        (state / "running.json").unlink(missing_ok=True)
        try:
            yield state
        finally:
            (state / "running.json").unlink(missing_ok=True)


def reset(state: Path) -> None:
    """Delete all data of a held directory, but not the directory and its lock."""
    for entry in state.iterdir():
        if entry.name in {"lock", MARKER}:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    _make_private(state)


def second_factor_key(state: Path) -> str:
    """The demo's own key for second factors, made when first asked for."""
    file = state / "second-factor.key"
    if not file.exists():
        # Only here: it would be a good part of what every later start imports.
        from gebaeude.access import sealed

        file.touch(mode=0o600)
        file.write_text(sealed.new_key())
    return file.read_text().strip()


def announce(state: Path, running: Running) -> None:
    """Write down how the demo can be reached; for its owner's eyes, there is a password in it."""
    temporary = state / "running.json.new"
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(asdict(running)))
    temporary.replace(state / "running.json")


def running(state: Path) -> Running | None:
    """Return how the demo that runs in this directory can be reached, None if none does."""
    try:
        found = Running(**json.loads((state / "running.json").read_text()))
        with (state / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return found
    except (OSError, ValueError, TypeError):
        return None
    return None


def _make(state: Path) -> None:
    """Create the directory, whatever our umask, so that the servers' accounts can pass through."""
    missing = [path for path in (state, *state.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir()
        path.chmod(0o711)


def _make_private(state: Path) -> None:
    for name in PRIVATE:
        (state / name).mkdir(exist_ok=True, mode=0o700)


def _claim(state: Path) -> None:
    marker = state / MARKER
    if marker.exists():
        return
    if any(state.iterdir()):
        raise UsageError(
            _("{state} enthält schon etwas anderes. Bitte ein leeres Verzeichnis nennen.").format(
                state=state
            )
        )
    marker.touch()


def _already_running(state: Path) -> str:
    try:
        found = Running(**json.loads((state / "running.json").read_text()))
    except (OSError, ValueError, TypeError):
        return _("In {state} startet oder endet gerade eine andere Demo.").format(state=state)
    return _(
        "In {state} läuft schon eine Demo: {address} (Prozess {pid}). "
        "Eine zweite braucht ein eigenes Verzeichnis (--state) und einen eigenen Port (--port)."
    ).format(state=state, address=found.public_url, pid=found.pid)
