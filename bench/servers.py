"""The database and the broker that measurements run on: as the demo's, private, and thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench import cpu
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.store.database import connect

Result = tuple[str, float, str, dict[str, object]]  # name, value, unit, context


class Servers:
    """One PostgreSQL with everything that makes it safe switched on, and one Mosquitto."""

    def __init__(self, state: Path, running: ExitStack) -> None:
        self._state = state
        self._running = running
        self._number = count(1)
        self._databases: list[str] = []
        self._brokers: dict[str, EmbeddedMosquitto] = {}

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"bench_{next(self._number)}"
        with connect(self._postgres.url, name="bench-admin", autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        self._databases.append(name)
        return urlunsplit(urlsplit(self._postgres.url)._replace(path=f"/{name}"))

    def broker(self, name: str = "broker") -> str:
        """The address of a broker; each name is a broker of its own."""
        return self._started(name).url

    def broker_log(self) -> Path:
        """Where the broker notes who connects."""
        return self._started("broker").log

    def broker_pid(self, name: str = "broker") -> int:
        """The broker's process."""
        pid = self._started(name).pid
        assert pid is not None
        return pid

    def database_cpu(self) -> float:
        """Seconds of the processors that the database server has had, all of its processes."""
        pid = int((self._state / "postgres" / "postmaster.pid").read_text().split()[0])
        return cpu.of_family(pid)

    def clear(self) -> None:
        """Drops every database, and every broker with its sessions.

        A session that nobody reads any more gets everything that is sent later. The broker keeps
        it all and writes it to disk every 30 seconds, longer and longer, and answers nobody
        meanwhile.
        """
        for name, broker in self._brokers.items():
            broker.stop()
            shutil.rmtree(self._state / name, ignore_errors=True)
        self._brokers.clear()
        if self._databases:
            with connect(self._postgres.url, name="bench-admin", autocommit=True) as admin:
                for name in self._databases:
                    admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        self._databases.clear()

    def take_database_away(self, seconds: float) -> None:
        """Stops the database server, as for an update, and starts it again that much later."""
        self._postgres.stop()
        time.sleep(seconds)
        self._postgres.start()

    @cached_property
    def _postgres(self) -> EmbeddedPostgres:
        return self._running.enter_context(EmbeddedPostgres(self._state))

    def _started(self, name: str) -> EmbeddedMosquitto:
        if name not in self._brokers:
            state = self._state / name
            state.mkdir(mode=0o755)
            self._brokers[name] = self._running.enter_context(EmbeddedMosquitto(state))
        return self._brokers[name]


@contextmanager
def servers() -> Iterator[Servers]:
    """Servers that start when they are asked for, and leave nothing behind."""
    state = Path(tempfile.mkdtemp(prefix="gebaeude-bench-"))
    state.chmod(0o755)
    try:
        with ExitStack() as running:
            yield Servers(state, running)
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextmanager
def process(command: str, settings: dict[str, str]) -> Iterator[None]:
    """A process of the system, with these settings, for the time of the block."""
    with started(command, settings):
        yield


@contextmanager
def started(command: str, settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The same, where the process itself is asked for."""
    environment = os.environ | {"GEBAEUDE_LOG_LEVEL": "WARNING"} | settings
    running = subprocess.Popen([sys.executable, "-m", "gebaeude.cli", command], env=environment)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)
