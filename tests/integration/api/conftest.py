"""A real server of the web process, over a database with ten days of readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from bench import access, fill
from gebaeude.config import Settings
from gebaeude.store.database import connect
from gebaeude.store.schema import is_current
from tests import webprocess
from tests.databases import database


@contextmanager
def served(url: str) -> Iterator[httpx.Client]:
    """A client of the web process over this database."""
    settings = Settings(web_database_url=access.as_web(url), web_port=0)
    with (
        webprocess.served(settings) as address,
        httpx.Client(
            base_url=address, timeout=30, headers=_headers(url), verify=webprocess.TLS
        ) as client,
    ):
        yield client


def _headers(url: str) -> dict[str, str]:
    """Of somebody who may everything; of nobody where the database has no tables yet."""
    return access.headers(url) if _is_migrated(url) else {"Authorization": "Bearer nobody"}


def _is_migrated(url: str) -> bool:
    with connect(url, name="test") as connection:
        return is_current(connection)


@contextmanager
def filled(server_url: str, template: str, readings: int) -> Iterator[str]:
    """The example portfolio with readings, findings, tickets and quarantine."""
    with database(server_url, template) as url:
        now = datetime.now(UTC)
        fill.readings(url, readings, now)
        fill.trouble(url, now, messages=230)
        yield url


@pytest.fixture(scope="session")
def stocked_url(server_url: str, portfolio_template: str) -> Iterator[str]:
    """A database with ten days of readings."""
    with filled(server_url, portfolio_template, 250_000) as url:
        yield url


@pytest.fixture(scope="session")
def stocked(stocked_url: str) -> Iterator[httpx.Client]:
    """A client over that database; tests only read from it."""
    with served(stocked_url) as client:
        yield client


@pytest.fixture(scope="session")
def fuzzed(server_url: str, portfolio_template: str) -> Iterator[httpx.Client]:
    """A client over a database that may be changed by whatever is sent."""
    with filled(server_url, portfolio_template, 25_000) as url, served(url) as client:
        yield client


@pytest.fixture
def serve() -> Callable[[str], object]:
    """Starts a server over a database of the test's own."""
    return served
