"""Telling when devices were heard does not keep the messages up, however many devices there are."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest

from gebaeude.config import Settings
from gebaeude.model import Message
from gebaeude.store import devices
from gebaeude.store.database import connect
from ingest.batch import Batch
from ingest.heard import SignsOfLife
from ingest.resolve import Channels

SENSOR = "0101010101010101"  # of the good message
DEVICES = 5


@pytest.fixture
def heard(store: Any, settings: Settings, good: Any) -> Channels:
    """Channels that have just heard five sensors."""
    names = [f"{number:016x}" for number in range(DEVICES)]
    store.attach({("chirpstack", name): {"temperature": None} for name in names})
    channels = Channels(devices.channels(store.connection), settings.clock_ahead_s)
    batch, now = Batch(DEVICES), time.time_ns() // 1000
    topic, payload = good(0)
    for name in names:
        known = payload.replace(SENSOR.encode(), name.encode())
        batch.add(Message(topic, known, now, retained=False), channels, settings.message_limit)
    return channels


def count(store: Any) -> int:
    return int(store.one("SELECT count(*) FROM device_heard"))


def test_many_are_told_in_portions_with_pauses_between(
    store: Any, heard: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.heard.MOST", 2)
    monkeypatch.setattr("gebaeude.store.heartbeat.EVERY_S", 1000.0)
    signs = SignsOfLife()
    with connect(store.url, name="test") as other:
        other.execute("LOCK TABLE device_heard IN EXCLUSIVE MODE")
        release = threading.Timer(0.2, other.rollback)
        release.start()
        signs.tell(store.connection, heard)
        ended = time.monotonic()
        release.join()
    assert count(store) == 2
    assert not signs.are_due(ended + 3.5)  # it took 0.2 s and may take a twentieth of the time
    signs.tell(store.connection, heard)
    assert count(store) == 4
    signs.tell(store.connection, heard)
    assert count(store) == DEVICES
    assert not signs.are_due(time.monotonic() + 900)


def test_what_could_not_be_told_still_waits(store: Any, heard: Channels) -> None:
    signs = SignsOfLife()
    with connect(store.url, name="test") as gone:
        gone.close()
        with pytest.raises(psycopg.OperationalError):
            signs.tell(gone, heard)
    signs.tell(store.connection, heard)
    assert count(store) == DEVICES


def test_nothing_is_told_twice(store: Any, heard: Channels) -> None:
    signs = SignsOfLife()
    signs.tell(store.connection, heard)
    store.connection.execute("DELETE FROM device_heard")
    signs.tell(store.connection, heard)
    assert count(store) == 0


def test_what_was_heard_by_channels_that_are_replaced_is_told(store: Any, heard: Channels) -> None:
    signs = SignsOfLife()
    signs.note(heard)
    assert signs.are_due(time.monotonic())
    signs.tell(store.connection, Channels([], 0))
    assert count(store) == DEVICES
