"""What a demo brings into its database, and how much history it still asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gebaeude.demo.prepare import missing_days, prepare
from gebaeude.store.database import connect
from gebaeude.store.status import counts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fill(url: str, oldest_days: float, newest_days: float, share: float = 1.0) -> None:
    """Two readings for this share of the points, so many days before NOW."""
    with connect(url, name="test") as connection:
        connection.execute(
            "INSERT INTO reading (point_id, time, value) SELECT id, time, 1"
            " FROM (SELECT id, percent_rank() OVER (ORDER BY id) AS rank FROM point) AS ranked,"
            " unnest(%s::timestamptz[]) AS time WHERE rank <= %s",
            ([NOW - timedelta(days=days) for days in (oldest_days, newest_days)], share),
        )


def test_example_is_imported_once(empty_database_url: str) -> None:
    assert prepare(empty_database_url)
    assert not prepare(empty_database_url)
    with connect(empty_database_url, name="test") as connection:
        assert counts(connection).buildings >= 30


def test_own_buildings_are_left_alone(database_url: str) -> None:
    with connect(database_url, name="test") as connection:
        connection.execute(
            "WITH m AS (INSERT INTO municipality (key, name, ags, population)"
            " VALUES ('a', 'A', '05766008', 1) RETURNING id),"
            " s AS (INSERT INTO site (municipality_id, key, name, address, latitude, longitude)"
            " SELECT id, 'a', 'A', 'A', 52, 9 FROM m RETURNING id)"
            " INSERT INTO building (site_id, key, name, use, floor_area_m2, built)"
            " SELECT id, 'a', 'A', 'school', 1, 1974 FROM s"
        )
    assert not prepare(database_url)
    with connect(database_url, name="test") as connection:
        assert counts(connection).buildings == 1


@pytest.mark.parametrize("days", [0, 1, 365])
def test_empty_database_wants_everything(portfolio_db: str, days: int) -> None:
    assert missing_days(portfolio_db, days, NOW) == days


@pytest.mark.parametrize(
    ("newest_days", "wanted"), [(0.001, 1), (0.9, 1), (1.1, 2), (3.0, 3), (40.0, 30)]
)
def test_complete_history_wants_only_what_has_passed(
    portfolio_db: str, newest_days: float, wanted: int
) -> None:
    fill(portfolio_db, oldest_days=60, newest_days=newest_days)
    assert missing_days(portfolio_db, 30, NOW) == wanted


def test_history_that_was_broken_off_is_brought_again(portfolio_db: str) -> None:
    fill(portfolio_db, oldest_days=10, newest_days=0.01)
    assert missing_days(portfolio_db, 30, NOW) == 30


@pytest.mark.parametrize(("share", "wanted"), [(0.95, 1), (0.5, 30)])
def test_a_few_silent_points_do_not_bring_all_of_it_again(
    portfolio_db: str, share: float, wanted: int
) -> None:
    fill(portfolio_db, oldest_days=40, newest_days=0.01, share=share)
    assert missing_days(portfolio_db, 30, NOW) == wanted
