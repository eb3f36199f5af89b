"""Quarantine keeps within its bounds, oldest first, and tells what that cost."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from gebaeude.config import Settings
from gebaeude.model import Message, Reason
from gebaeude.store import bounds, quarantine
from gebaeude.store.database import Connection, connect
from gebaeude.store.quarantine import Rejected
from gebaeude.worker import jobs
from gebaeude.worker.quarantine import prune

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def opened(database_url: str) -> Connection:
    with connect(database_url, name="test", autocommit=True) as connection:
        yield connection


def put(connection: Connection, name: str, age: timedelta, size: int = 10, times: int = 1) -> None:
    at = int((NOW - age).timestamp() * 1_000_000)
    message = Message(name.encode(), os.urandom(size), at, False)
    reason = Reason.UNKNOWN_DEVICE if size > 10 else Reason.UNKNOWN_TOPIC
    quarantine.keep(connection, [Rejected(message, reason, "", times=times)])


def names(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT topic FROM quarantine ORDER BY last_at").fetchall()
    return [row[0].decode() for row in rows]


def run(connection: Connection, *, days: int = 365, mb: int = 2000) -> None:
    settings = Settings(quarantine_max_days=days, quarantine_max_mb=mb)
    prune(connection, settings, NOW, threading.Event())


def counted(cause: str) -> float:
    name = "gebaeude_worker_quarantine_dropped_total"
    return REGISTRY.get_sample_value(name, {"cause": cause}) or 0.0


def test_within_its_bounds_nothing_is_dropped(
    opened: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    put(opened, "a", 364 * DAY)
    put(opened, "b", timedelta(), size=100_000)
    run(opened, mb=1)
    assert names(opened) == ["a", "b"]
    assert bounds.dropped(opened) == []
    assert caplog.records == []
    filled = REGISTRY.get_sample_value("gebaeude_worker_quarantine_filled_ratio")
    assert filled is not None
    assert 0.1 < filled < 0.6


def test_what_has_not_come_for_too_long_is_dropped_and_counted(
    opened: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted("age")
    put(opened, "older", 40 * DAY, times=3)
    put(opened, "old", 31 * DAY, times=4)
    put(opened, "young", 29 * DAY)
    with caplog.at_level(logging.WARNING):
        run(opened, days=30)
    assert names(opened) == ["young"]
    assert bounds.dropped(opened) == [
        bounds.Dropped(NOW.date(), "age", Reason.UNKNOWN_TOPIC, 2, 7, NOW - 31 * DAY)
    ]
    assert counted("age") == before + 2
    [said] = caplog.messages
    assert "dropped the oldest 2 messages" in said
    assert "2026-10-22" in said


def test_one_that_came_again_is_young(opened: Connection) -> None:
    message = Message(b"again", b"x", int((NOW - 40 * DAY).timestamp() * 1e6), False)
    again = Message(b"again", b"x", int(NOW.timestamp() * 1e6), False)
    for one in (message, again):
        quarantine.keep(opened, [Rejected(one, Reason.UNKNOWN_TOPIC, "")])
    run(opened, days=30)
    assert names(opened) == ["again"]


def test_of_too_much_the_oldest_goes_and_no_more_than_needed(opened: Connection) -> None:
    before = counted("size")
    for number in range(20):
        put(opened, f"{number:02}", (20 - number) * DAY, size=100_000)
    run(opened, mb=1)
    assert names(opened) == [f"{number:02}" for number in range(11, 20)]
    [cost] = bounds.dropped(opened)
    assert (cost.cause, cost.reason, cost.messages) == ("size", Reason.UNKNOWN_DEVICE, 11)
    assert counted("size") == before + 11
    run(opened, mb=1)
    assert counted("size") == before + 11


def test_many_go_in_parts_and_the_numbers_add_up(
    opened: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PART", 7)
    for number in range(30):
        put(opened, f"{number}", 40 * DAY + number * timedelta(hours=1))
    run(opened, days=30)
    run(opened, days=30)
    assert names(opened) == []
    assert sum(cost.messages for cost in bounds.dropped(opened)) == 30


def test_what_a_replay_has_in_its_hands_is_left_alone(
    opened: Connection, database_url: str
) -> None:
    put(opened, "held", 40 * DAY)
    put(opened, "free", 39 * DAY)
    with connect(database_url, name="test-replay") as replay:
        [held, _free] = quarantine.page(replay, None, 0, 2)
        replay.rollback()
        assert quarantine.page(replay, None, 0, 1) == [held]
        run(opened, days=30)
        assert names(opened) == ["held"]
    run(opened, days=30)
    assert names(opened) == []


def test_the_worker_does_it_by_itself() -> None:
    assert jobs.JOBS["quarantine"].cron == "*/5 * * * *"
    assert "quarantine" in jobs.AT_START
