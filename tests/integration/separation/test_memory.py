"""What is remembered for a minute is remembered for nobody who sees something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gebaeude.access.person import Membership, Person
from gebaeude.access.roles import Role
from gebaeude.store import summary
from gebaeude.store.database import Pool, open_pool
from gebaeude.store.memory import KEPT, remembered
from gebaeude.store.scope import asking, open_scoped_pool

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def pool(portfolio_db: str, as_web: Callable[[str], str]) -> Iterator[Pool]:
    with open_scoped_pool(as_web(portfolio_db), name="test", max_size=2) as pool:
        yield pool


def person(*ids: int, building: int | None = None) -> Person:
    held = tuple(Membership(one, f"m{one}", "", Role.READER) for one in ids)
    return Person(1, "a@b.example", "A", held, building=building)


def places(pool: Pool, who: Person, now: datetime = NOW) -> set[str]:
    """Where the buildings are that this person sees, as it is remembered."""
    with asking(who), pool.connection() as connection:
        return remembered(
            connection,
            "places",
            now,
            lambda: {one.municipality for one in summary.buildings(connection)},
        )


def ids(url: str) -> tuple[int, int]:
    with open_pool(url, name="test", max_size=1) as pool, pool.connection() as connection:
        first, second = connection.execute("SELECT id FROM municipality ORDER BY id LIMIT 2")
    return int(first[0]), int(second[0])


def test_who_sees_something_else_finds_something_else(pool: Pool, portfolio_db: str) -> None:
    first, second = ids(portfolio_db)
    here, there = places(pool, person(first)), places(pool, person(second))
    assert len(here) == len(there) == 1
    assert here != there
    assert places(pool, person(first, second)) == here | there
    assert places(pool, person()) == set()
    assert places(pool, person(first, building=-1)) == set()


def test_it_is_remembered_for_a_minute(pool: Pool, portfolio_db: str) -> None:
    first, _second = ids(portfolio_db)
    found = places(pool, person(first))
    assert places(pool, person(first), NOW + KEPT / 2) is found
    assert places(pool, person(first), NOW + KEPT) is not found
    assert places(pool, person(first), NOW - timedelta(seconds=1)) is not found


def test_a_connection_that_is_nobodys_remembers_nothing(portfolio_db: str) -> None:
    with open_pool(portfolio_db, name="test", max_size=1) as pool:
        assert places(pool, person()) is not places(pool, person())
