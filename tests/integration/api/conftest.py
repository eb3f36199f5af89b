"""A real server of the web process, over a database with ten days of readings."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from bench import access, fill
from gebaeude.config import Settings
from gebaeude.store.database import connect
from gebaeude.store.schema import is_current
from gebaeude.web import run


@contextmanager
def served(url: str) -> Iterator[httpx.Client]:
    """A client of the web process over this database, in a thread, on a port of the system's."""
    stop, ready, addresses = threading.Event(), threading.Event(), list[str]()

    def started(address: str) -> None:
        addresses.append(address)
        ready.set()

    settings = Settings(web_database_url=access.as_web(url), web_port=0)
    server = threading.Thread(target=run, args=(settings, stop), kwargs={"ready": started})
    server.start()
    try:
        assert ready.wait(30)
        headers = _headers(url)
        with httpx.Client(base_url=addresses[0], timeout=30, headers=headers) as client:
            yield client
    finally:
        stop.set()
        server.join(20)
    assert not server.is_alive()


def _headers(url: str) -> dict[str, str]:
    """Of somebody who may everything; of nobody where the database has no tables yet."""
    return access.headers(url) if _is_migrated(url) else {"Authorization": "Bearer nobody"}


def _is_migrated(url: str) -> bool:
    with connect(url, name="test") as connection:
        return is_current(connection)


@contextmanager
def filled(server_url: str, template: str, name: str, readings: int) -> Iterator[str]:
    """The example portfolio with readings, findings, tickets and quarantine."""
    url = urlunsplit(urlsplit(template)._replace(path=f"/{name}"))
    copied = urlsplit(template).path[1:]
    with connect(server_url, name="test-admin", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{copied}"')  # type: ignore[call-overload]
    now = datetime.now(UTC)
    fill.readings(url, readings, now)
    fill.trouble(url, now, messages=230)
    yield url
    with connect(server_url, name="test-admin", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def stocked_url(server_url: str, portfolio_template: str) -> Iterator[str]:
    """A database with ten days of readings."""
    with filled(server_url, portfolio_template, f"stocked_{os.getpid()}", 250_000) as url:
        yield url


@pytest.fixture(scope="session")
def stocked(stocked_url: str) -> Iterator[httpx.Client]:
    """A client over that database; tests only read from it."""
    with served(stocked_url) as client:
        yield client


@pytest.fixture(scope="session")
def fuzzed(server_url: str, portfolio_template: str) -> Iterator[httpx.Client]:
    """A client over a database that may be changed by whatever is sent."""
    with (
        filled(server_url, portfolio_template, f"fuzzed_{os.getpid()}", 25_000) as url,
        served(url) as client,
    ):
        yield client


@pytest.fixture
def serve() -> Callable[[str], object]:
    """Starts a server over a database of the test's own."""
    return served
