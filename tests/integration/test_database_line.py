"""What the database's address says of timeouts counts, and a silent server is given up."""

from __future__ import annotations

import time
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

from gebaeude.store.database import connect, open_pool
from tests.chaos.proxy import Proxy

OPTIONS = quote("-c statement_timeout=1234ms")


def one(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_options_of_the_address_count(database_url: str) -> None:
    with connect(f"{database_url}?options={OPTIONS}", name="test") as connection:
        assert one(connection, "SHOW statement_timeout") == "1234ms"
        assert one(connection, "SHOW timezone") == "UTC"
        assert one(connection, "SHOW application_name") == "test"
    with (
        open_pool(f"{database_url}?options={OPTIONS}", name="test", max_size=2) as pool,
        pool.connection() as connection,
    ):
        assert one(connection, "SHOW statement_timeout") == "1234ms"


def test_without_options_a_statement_has_a_minute(database_url: str) -> None:
    with connect(database_url, name="test") as connection:
        assert one(connection, "SHOW statement_timeout") == "1min"


def test_a_server_that_never_answers_is_given_up(database_url: str) -> None:
    parts = urlsplit(database_url)
    account = parts.netloc.rpartition("@")[0]
    with Proxy(parts.port or 5432) as proxy:
        netloc = f"{account}@127.0.0.1:{proxy.port}"
        url = urlunsplit(parts._replace(netloc=netloc, query="tcp_user_timeout=500"))
        with connect(url, name="test", autocommit=True) as connection:
            assert one(connection, "SELECT 1") == 1
            proxy.silent = True
            began = time.monotonic()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
            assert 0.4 < time.monotonic() - began < 5
