"""Nordlippe and its world, built once: nothing here changes them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gebaeude.portfolio.load import load
from gebaeude.portfolio.records import Building, Point, Portfolio
from simulators.stock import houses, stock
from simulators.world import World

BERLIN = ZoneInfo("Europe/Berlin")
SEED = 1


def local(text: str) -> int:
    """Seconds since 1970 of a local date or time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp())


@pytest.fixture(scope="session")
def portfolio() -> Portfolio:
    return load()


@pytest.fixture(scope="session")
def world(portfolio: Portfolio) -> World:
    whole = World(stock(houses(portfolio), SEED), SEED)
    whole.until(local("2026-01-02"))
    return whole


@pytest.fixture(scope="session")
def at():
    return local


@pytest.fixture(scope="session")
def places(portfolio: Portfolio) -> list[tuple[Building, Point]]:
    """Every point with its building."""
    return [(building, point) for building in portfolio.buildings() for point in building.points]
