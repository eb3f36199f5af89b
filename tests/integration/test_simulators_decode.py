"""What simulated devices send is understood by ingest, value for value; nothing is left over."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gebaeude.model import Message
from gebaeude.portfolio.load import load
from gebaeude.portfolio.records import Portfolio
from gebaeude.store import devices
from gebaeude.store.database import connect
from ingest.interpret import interpret
from ingest.resolve import Channels
from ingest.rows import Rows
from simulators.run import history, live
from simulators.signals import signal
from simulators.stock import houses, stock
from simulators.world import World

START = datetime(2026, 10, 25, 0, 20, tzinfo=UTC)  # within the hour that comes twice
LIMIT = 1_000_000


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return load()


@pytest.fixture
def channels(portfolio_db: str) -> Channels:
    with connect(portfolio_db, name="test") as connection:
        return Channels(devices.channels(connection), ahead_s=900)


@pytest.fixture
def points(portfolio_db: str) -> dict[int, tuple[str, str]]:
    with connect(portfolio_db, name="test") as connection:
        rows = connection.execute(
            "SELECT p.id, b.key, p.key FROM point p JOIN building b ON b.id = p.building_id"
        ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def _expected(
    portfolio: Portfolio, wanted: dict[tuple[str, str], np.ndarray]
) -> dict[tuple[str, str], np.ndarray]:
    """What the physics say of each point at these times [s]."""
    world = World(stock(houses(portfolio), 1), 1)
    found = {}
    for building in portfolio.buildings():
        for point in building.points:
            if (times := wanted.get((building.key, point.key))) is not None:
                shown = signal(world, building, point)
                assert shown is not None
                found[building.key, point.key] = shown.at(times)
    return found


def _compare(portfolio: Portfolio, rows: Rows, points: dict[int, tuple[str, str]]) -> int:
    """Number of readings, after each has been found to be what the physics say."""
    which = np.array(rows.points)
    seconds = np.array(rows.times) // 1_000_000
    values = np.array(rows.values)
    wanted = {points[int(point)]: seconds[which == point] for point in np.unique(which)}
    expected = _expected(portfolio, wanted)
    assert set(expected) == set(wanted) == set(points.values())
    for point in np.unique(which):
        key = points[int(point)]
        assert values[which == point] == pytest.approx(expected[key], rel=1e-9, abs=1e-9), key
    return len(values)


def test_live_messages_become_the_right_readings(
    portfolio: Portfolio, channels: Channels, points: dict[int, tuple[str, str]]
) -> None:
    rows = Rows()
    rejected = []
    for at, topic, body in live(portfolio, 1, START, START + timedelta(minutes=61)):
        message = Message(topic.encode(), body, received=at * 1_000_000)
        rejected += interpret(message, channels, LIMIT, rows)
    assert Counter(str(one.reason) for one in rejected) == {}
    assert _compare(portfolio, rows, points) > 5_000


def test_history_becomes_the_right_readings(
    portfolio: Portfolio, channels: Channels, points: dict[int, tuple[str, str]]
) -> None:
    rows = Rows()
    rejected = []
    now = time.time_ns() // 1_000
    for topic, body in history(portfolio, 1, START - timedelta(days=6), START):
        rejected += interpret(Message(topic.encode(), body, received=now), channels, LIMIT, rows)
    assert rejected == []
    assert _compare(portfolio, rows, points) > 100_000


def test_faults_end_where_they_should(portfolio: Portfolio, channels: Channels) -> None:
    """A wrong clock and an unknown meter stand in quarantine with their reason."""
    rows = Rows()
    reasons: Counter[str] = Counter()
    faults = ["clock-wrong@-1h:barntrup-rathaus", "meter-replaced@-1h:barntrup-gymnasium"]
    for at, topic, body in live(portfolio, 1, START, START + timedelta(minutes=20), faults):
        message = Message(topic.encode(), body, received=at * 1_000_000)
        reasons.update(str(one.reason) for one in interpret(message, channels, LIMIT, rows))
    assert set(reasons) == {"time_ahead", "unknown_device"}
    assert min(reasons.values()) > 10
