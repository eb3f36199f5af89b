"""How long every page waits for its data, with ten million readings in the database.

Each call takes a building or point at random and the longest range its page offers, so that the
hard case is what is measured. Readings lie on the disk in the order in which they arrived.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

from bench import fill
from gebaeude.model import Kind
from gebaeude.reports.board import board
from gebaeude.reports.building import building, buildings, load_carpet, series
from gebaeude.reports.overview import overview
from gebaeude.reports.quality import quality
from gebaeude.store import summary
from gebaeude.store.database import Connection, connect

READINGS = 10_000_000
QUARANTINED = 20_000
CALLS = 60
WARM_UP = 5
WIDTH = 1_200  # pixels of a wide chart
YEAR = timedelta(days=365)

Page = Callable[[Connection, datetime], object]


def pages(url: str) -> Iterator[tuple[str, float, str, dict[str, object]]]:
    """Name, value, unit and context of each page; `url` is of an empty database."""
    now = datetime.now(UTC)
    fill.nordlippe(url)
    readings = fill.readings(url, READINGS, now)
    fill.trouble(url, now, QUARANTINED)
    with connect(url, name="bench", autocommit=True) as connection:
        for name, page in _pages(connection).items():
            took = _measured(page, connection, now)
            context: dict[str, object] = {
                "readings": readings,
                "calls": len(took),
                "median": round(median(took), 1),
                "max": round(max(took), 1),
            }
            yield f"page.{name}.p95", round(quantiles(took, n=20)[-1], 1), "ms", context


def _pages(connection: Connection) -> dict[str, Page]:
    draw = random.Random(1)
    points = [point for point in summary.points(connection) if point.time is not None]
    counters = [point for point in points if point.kind is Kind.COUNTER]
    houses = [house.key for house in summary.buildings(connection)]

    def one_series(connection: Connection, now: datetime) -> object:
        of = draw.choice(points)
        return series(connection, of.building, of.key, now - YEAR, now, WIDTH)

    def one_carpet(connection: Connection, now: datetime) -> object:
        of = draw.choice(counters)
        return load_carpet(connection, of.building, of.key, now - YEAR, now)

    return {
        "overview": overview,
        "buildings": buildings,
        "building": lambda connection, now: building(connection, draw.choice(houses), now),
        "series": one_series,
        "carpet": one_carpet,
        "quality": quality,
        "board": board,
    }


def _measured(page: Page, connection: Connection, now: datetime) -> list[float]:
    """Milliseconds of each call."""
    took = []
    for _call in range(WARM_UP + CALLS):
        started = time.perf_counter()
        page(connection, now)
        took.append((time.perf_counter() - started) * 1000)
    return took[WARM_UP:]
