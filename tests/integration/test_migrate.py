"""Migrations: from nothing, twice in a row, on a database with data, and on either edition."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest

from gebaeude.errors import ServiceMissing
from gebaeude.store import schema, timescale
from gebaeude.store.database import Connection, Pool, connect, open_pool, retrying, wait_for
from gebaeude.store.migrate import migrate
from gebaeude.store.schema import MIGRATIONS, head, is_current


def test_empty_database_then_again(empty_database_url: str) -> None:
    with connect(empty_database_url, name="test") as connection:
        assert not is_current(connection)
    assert "0001_spine" in migrate(empty_database_url)
    assert migrate(empty_database_url) == []
    with connect(empty_database_url, name="test") as connection:
        assert is_current(connection)


def test_what_is_there_stays(database_url: str) -> None:
    with connect(database_url, name="test") as connection:
        connection.execute("INSERT INTO reading VALUES (1, '2026-01-01T00:00Z', 21.5)")
    assert migrate(database_url) == []
    with connect(database_url, name="test") as connection:
        rows = connection.execute("SELECT time, value FROM reading").fetchall()
    assert rows == [(datetime(2026, 1, 1, tzinfo=UTC), 21.5)]


def test_two_at_once_wait_for_each_other(empty_database_url: str) -> None:
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(migrate(empty_database_url)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(bool, results)) == [False, True]


def test_a_broken_migration_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("migrations")
    for path in MIGRATIONS.glob("*.sql"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "9999_broken.sql").write_text("CREATE TABLE half (x int); SELECT 1/0;")
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    with pytest.raises(Exception, match="division by zero"):
        migrate(database_url)
    with connect(database_url, name="test") as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
        assert not is_current(connection)
        assert head() == "9999_broken"


def test_reading_is_a_hypertable_in_30_day_chunks(connection: Connection) -> None:
    row = connection.execute(
        "SELECT time_interval::text FROM timescaledb_information.dimensions"
        " WHERE hypertable_name = 'reading'"
    ).fetchone()
    assert row == ("30 days",)


def test_the_edition_is_asked_of_the_server(connection: Connection) -> None:
    row = connection.execute("SHOW timescaledb.license").fetchone()
    assert row == (timescale.edition(connection),)


def test_apache_edition_refuses_just_what_only_community_gets(connection: Connection) -> None:
    """Each Community statement is one that this server knows and says it has no licence for.

    That is as far as the Apache edition lets us look: a typing mistake would be a syntax error or
    an unknown function, not the licence's refusal.
    """
    statements = timescale.compression(timescale.COMMUNITY)
    assert len(statements) == 2
    assert timescale.compression(timescale.APACHE) == []
    if timescale.edition(connection) == timescale.COMMUNITY:
        for statement in statements * 2:
            connection.execute(statement)
        return
    for statement in statements:
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="license"):
            connection.execute(statement)
        connection.rollback()


def test_wrong_password_is_said_and_not_waited_for(server_url: str) -> None:
    wrong = psycopg.conninfo.make_conninfo(server_url, password="wrong")
    with pytest.raises(ServiceMissing, match="weist uns ab"):
        wait_for(wrong, name="test", patience_s=30)


def test_a_server_that_is_not_there_is_waited_for(free_port: Callable[[], int]) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ServiceMissing, match="antwortet nicht"):
        wait_for(f"postgresql://u@127.0.0.1:{free_port()}/x", name="test", patience_s=0.3)


def test_work_goes_on_after_its_connection_was_cut(database_url: str) -> None:
    cuts = iter([True, True, False])

    @retrying
    def work(pool: Pool) -> int:
        with pool.connection() as connection:
            if next(cuts):
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            row = connection.execute("SELECT 42").fetchone()
            assert row is not None
            return int(row[0])

    with open_pool(database_url, name="test-cut") as pool:
        assert work(pool) == 42
