"""Real servers for every test: one private PostgreSQL and one Mosquitto for the run.

The schema is built once in a template database, and each test gets a clone of it.
Servers that `GEBAEUDE_DATABASE_URL` and `GEBAEUDE_MQTT_URL` name are used instead; the databases
made there are dropped again.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from xdist.remote import Producer

from gebaeude.store.database import Connection, Pool, connect, open_pool
from tests.databases import as_web as as_web_role
from tests.databases import database
from tests.places import scratch
from tests.workers import ByWorld

T = TypeVar("T")
PATIENCE = 4  # for machines that have much else to do
# The web process does not start without one; whoever tests keys gives their own.
os.environ.setdefault("GEBAEUDE_SECOND_FACTOR_KEY", "bm8tc2VjcmV0LW9mLWFueWJvZHktYnV0LXRoZS10ZXM=")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByWorld:
    return ByWorld(config, log)


@pytest.fixture(scope="session")
def state() -> Iterator[Path]:
    """A directory for servers' data that the `postgres` user can reach."""
    with scratch() as path:
        yield path


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

    with database(server_url) as url:
        migrate(url, as_web_role(url))
        yield url


@pytest.fixture(scope="session")
def as_web() -> Callable[[str], str]:
    """The address as the web process has it: of the role that the municipalities bind."""
    return as_web_role


@pytest.fixture(scope="session")
def portfolio_template(server_url: str, template: str) -> Iterator[str]:
    """The same with the Nordlippe portfolio in it."""
    from gebaeude.portfolio.load import NORDLIPPE, load
    from gebaeude.store.portfolio import write

    with database(server_url, template) as url:
        with connect(url, name="test") as connection:
            write(connection, load(NORDLIPPE))
        yield url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database without any table."""
    with database(server_url) as url:
        yield url


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    with database(server_url, template) as url:
        yield url


@pytest.fixture
def portfolio_db(server_url: str, portfolio_template: str) -> Iterator[str]:
    """A database of the test's own that holds the Nordlippe portfolio and no reading."""
    with database(server_url, portfolio_template) as url:
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
    """Calls `check` until it returns something true, and returns that; fails after a while.

    timeout: s that are enough on a quiet machine; others get several times as many.
    """

    def wait(check: Callable[[], T], timeout: float = 10.0, pause: float = 0.02) -> T:
        deadline = time.monotonic() + PATIENCE * timeout
        while not (result := check()):
            if time.monotonic() > deadline:
                pytest.fail(f"still {result!r} after {PATIENCE * timeout:g} s")
            time.sleep(pause)
        return result

    return wait
