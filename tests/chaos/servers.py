"""Real servers that can be killed, frozen and brought back on the same port."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gebaeude.demo import ports
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.errors import ServiceMissing
from tests.chaos.embedded import EmbeddedBroker

Broker = EmbeddedMosquitto | EmbeddedBroker
Server = EmbeddedPostgres | Broker

SAVED_WITHIN_S = 60.0


def pid_of(server: Server) -> int:
    """The server's main process, from the note that its starter keeps."""
    (note,) = (server.state / "run").glob(f"{server.name}.SIG*")
    return int(note.read_text().split()[0])


def family(pid: int) -> list[int]:
    """The process and its children, the parent first."""
    with suppress(OSError):
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    return [pid]


def kill(server: Server) -> None:
    """kill -9 of the main process; PostgreSQL's others notice that and end."""
    others = family(pid_of(server))[1:]
    os.kill(pid_of(server), signal.SIGKILL)
    server.stop()
    _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in others), "its children to end")


def restart(server: Server, patience_s: float = 180.0) -> None:
    """Starts a server that was stopped or killed, on its old port, however long recovery takes."""
    port = server.port
    _wait(lambda: ports.is_free(port), f"port {port}")
    deadline = time.monotonic() + patience_s
    while True:
        try:
            server.start()
        except ServiceMissing:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            assert server.port == port
            return


def freeze(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)


def thaw(pids: list[int]) -> None:
    for pid in reversed(pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def save(broker: Broker) -> None:
    """Has the broker write its queues to disk now, as autosave does every 30 seconds."""
    file = broker.data / "mosquitto.db"
    before = file.stat().st_mtime_ns if file.exists() else 0
    os.kill(pid_of(broker), signal.SIGUSR1)
    # Written as another file and then renamed: the name changes its meaning at once.
    _wait(lambda: file.exists() and file.stat().st_mtime_ns != before, "mosquitto.db")


class SavingMosquitto(EmbeddedMosquitto):
    """Mosquitto told to write its queues for every message."""

    def _write_settings(self) -> Path:
        file = super()._write_settings()
        settings = file.read_text()
        settings = settings.replace("autosave_interval 30", "autosave_interval 1")
        settings = settings.replace("autosave_on_changes false", "autosave_on_changes true")
        assert "autosave_on_changes true" in settings
        file.write_text(settings)
        return file


def _wait(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SAVED_WITHIN_S
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SAVED_WITHIN_S:g} s for {what}")
        time.sleep(0.01)
