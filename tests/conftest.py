"""Real servers for every test: one private PostgreSQL and one Mosquitto for the run.

The schema is built once in a template database, and each test gets a clone of it (0.2 s).
Servers that `GEBAEUDE_DATABASE_URL` and `GEBAEUDE_MQTT_URL` name are used instead; the databases
made there are dropped again.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import pytest

from gebaeude.store.database import Connection, Pool, connect, open_pool

T = TypeVar("T")
_number = count(1)


@pytest.fixture(scope="session")
def state() -> Iterator[Path]:
    """A directory for servers' data that the `postgres` user can reach."""
    path = Path(tempfile.mkdtemp(prefix="gebaeude-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url(state: Path) -> Iterator[str]:
    """A PostgreSQL server with TimescaleDB, for the whole run."""
    if url := os.environ.get("GEBAEUDE_DATABASE_URL"):
        yield url
        return
    from gebaeude.demo.postgres import EmbeddedPostgres

    with EmbeddedPostgres(state, durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def mqtt_url(state: Path) -> Iterator[str]:
    """A Mosquitto for the whole run; tests keep apart by their topics and client ids."""
    if url := os.environ.get("GEBAEUDE_MQTT_URL"):
        yield url
        return
    from gebaeude.demo.mosquitto import EmbeddedMosquitto

    with EmbeddedMosquitto(state) as broker:
        yield broker.url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """A migrated, empty database to clone."""
    from gebaeude.store.migrate import migrate

    with _database(server_url) as url:
        migrate(url, _as_web(url))
        yield url


@pytest.fixture(scope="session")
def as_web() -> Callable[[str], str]:
    """The address as the web process has it: of the role that the municipalities bind."""
    return _as_web


@pytest.fixture(scope="session")
def portfolio_template(server_url: str, template: str) -> Iterator[str]:
    """The same with the Nordlippe portfolio in it."""
    from gebaeude.portfolio.load import NORDLIPPE, load
    from gebaeude.store.portfolio import write

    with _database(server_url, template) as url:
        with connect(url, name="test") as connection:
            write(connection, load(NORDLIPPE))
        yield url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database without any table."""
    with _database(server_url) as url:
        yield url


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    with _database(server_url, template) as url:
        yield url


@pytest.fixture
def portfolio_db(server_url: str, portfolio_template: str) -> Iterator[str]:
    """A database of the test's own that holds the Nordlippe portfolio and no reading."""
    with _database(server_url, portfolio_template) as url:
        yield url


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with connect(database_url, name="test") as open_connection:
        yield open_connection


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    with open_pool(database_url, name="test", max_size=4) as open_one:
        yield open_one


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Asks the system for a loopback port that nobody listens on."""

    def ask() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return ask


@pytest.fixture
def eventually() -> Callable[..., object]:
    """Calls `check` until it returns something true, and returns that; fails after `timeout` s."""

    def wait(check: Callable[[], T], timeout: float = 10.0, pause: float = 0.02) -> T:
        deadline = time.monotonic() + timeout
        while not (result := check()):
            if time.monotonic() > deadline:
                pytest.fail(f"still {result!r} after {timeout} s")
            time.sleep(pause)
        return result

    return wait


def _as_web(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"gebaeude_web_tests:not-a-secret@{host}"))


@contextmanager
def _database(server_url: str, template: str | None = None) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_number)}"
    copy = f' TEMPLATE "{urlsplit(template).path[1:]}"' if template else ""
    with connect(server_url, name="test-admin", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"{copy}')  # type: ignore[call-overload]
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        with connect(server_url, name="test-admin", autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]
