"""Batches of many readings: written as new ones, and what happens where they are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import psycopg
import pytest

from gebaeude.model import Message, Reason
from gebaeude.store import devices, readings
from gebaeude.store.deliveries import Page
from ingest.batch import Batch
from ingest.resolve import Channels
from ingest.write import Expectation, Stale, Stored, Writer

LOGGER = "urn:dev:mac:0024befffe804ff1:"
MIDNIGHT = 1_795_046_400  # s; 2026-11-19 UTC
MANY = Expectation.MANY

Store = Callable[[Iterable[float]], Stored]


@pytest.fixture
def write(store: Any) -> Store:
    """Writes values of the logger, one a minute from midnight on, a hundred in a message."""
    writer, pages = Writer(), iter(range(1, 100))
    channels = Channels(devices.channels(store.connection), 3600)
    version = devices.version(store.connection)

    def written(values: Iterable[float]) -> Stored:
        batch, rows = Batch(5000, version), list(values)
        for start in range(0, len(rows), 100):
            batch.add(_pack(rows[start : start + 100], start), channels, 1_000_000)
        number = next(pages)
        return writer.store(store.connection, batch, Page("bulk", number, [(7, 1, number)], 1))

    return written


def _pack(values: list[float], start: int) -> Message:
    records: list[dict[str, Any]] = [
        {"n": "waerme", "t": 60 * (start + n), "v": value} for n, value in enumerate(values)
    ]
    records[0] |= {"bn": LOGGER, "bt": MIDNIGHT, "bu": "kWh"}
    received = (MIDNIGHT + 7 * 86_400) * 1_000_000
    return Message(b"senml/logger", json.dumps(records).encode(), received, False)


def test_columns_come_out_as_they_went_in(store: Any) -> None:
    done = readings.add(
        store.connection,
        np.array([2, 1, 1, 1], np.int32),
        np.array([1, 2, 2, -(10**15)], np.int64),
        np.array([1e300, 7.0, -0.25, 0.1]),
        np.array([1, 0, 2, 3], np.int16),
    )
    assert done.inserted_or_changed == 3
    assert store.ask(
        "SELECT point_id, (extract(epoch FROM time) * 1000000)::bigint, value, quality"
        " FROM reading ORDER BY point_id, time"
    ) == [(1, -(10**15), 0.1, 3), (1, 2, -0.25, 2), (2, 1, 1e300, 1)]


def test_nothing_is_added_where_one_is_there_already(store: Any) -> None:
    points, values = np.arange(1, 3001, dtype=np.int32), np.zeros(3000)
    times, qualities = np.zeros(3000, np.int64), np.zeros(3000, np.int16)
    readings.add(store.connection, points[-1:], times[-1:], values[-1:] + 5, qualities[-1:])
    with pytest.raises(psycopg.errors.UniqueViolation):
        readings.add(store.connection, points, times, values, qualities)
    assert store.ask("SELECT point_id, value FROM reading") == [(3000, 5.0)]


def test_new_ones_then_repeats_and_corrections_among_new_ones(store: Any, write: Store) -> None:
    first = [n / 10 for n in range(2 * MANY)]
    assert write(first).changed == 2 * MANY
    assert write(first).changed == 0
    second = [*first, *range(50)]
    second[1500] = -1.0
    assert write(second).changed == 51
    assert store.values("waerme") == second
    third = [n + 0.5 for n in range(3 * MANY)]
    assert write(third).changed == 3 * MANY
    assert store.values("waerme") == third
    assert store.one("SELECT count(*) FROM delivery WHERE client = 'bulk'") == 4


def test_a_refused_row_among_new_ones_and_among_known_ones(store: Any, write: Store) -> None:
    store.connection.execute("ALTER TABLE reading ADD CONSTRAINT poison CHECK (value <> 666)")
    values = [float(n) for n in range(2 * MANY)]  # one of them is 666
    for changed in (2 * MANY - 1, 0):
        stored = write(values)
        assert stored.changed == changed
        assert [entry.reason for entry in stored.rejected] == [Reason.REFUSED_BY_DATABASE]
        assert store.values("waerme") == [value for value in values if value != 666]
    assert [row[3] for row in store.quarantine()] == [2]


def test_new_ones_resolved_by_channels_that_have_changed(store: Any, write: Store) -> None:
    store.connection.execute("UPDATE channel SET factor = 2")
    with pytest.raises(Stale):
        write([1.0] * MANY)
    assert store.count() == 0
    assert store.one("SELECT count(*) FROM delivery") == 0
