"""The writing side of the store: readings as arrays, quarantine, and the channels' map."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from gebaeude.model import Message, Reason
from gebaeude.store import devices, quarantine, readings
from gebaeude.store.quarantine import Rejected

NOON = 1_795_262_400_000_000  # µs; 2026-11-21 12:00 UTC


def write(store: Any, *rows: tuple[int, int, float]) -> int:
    """Writes (point, minutes after noon, value)."""
    points, minutes, values = zip(*rows, strict=True)
    return readings.write(
        store.connection,
        np.array(points, np.int32),
        NOON + np.array(minutes, np.int64) * 60_000_000,
        np.array(values, np.float64),
        np.zeros(len(rows), np.int16),
    ).inserted_or_changed


def stored(store: Any) -> list[tuple[Any, ...]]:
    return store.ask("SELECT point_id, time, value, quality FROM reading ORDER BY point_id, time")


def at(minute: int) -> datetime:
    return datetime(2026, 11, 21, 12, minute, tzinfo=UTC)


def test_arrays_come_out_as_they_went_in(store: Any) -> None:
    assert write(store, (2, 1, 1.5), (1, 0, -0.25), (1, 1, 1e300)) == 3
    assert stored(store) == [
        (1, at(0), -0.25, 0),
        (1, at(1), 1e300, 0),
        (2, at(1), 1.5, 0),
    ]


def test_microseconds_and_qualities_are_kept(store: Any) -> None:
    one = np.array([1], np.int32), np.array([NOON + 1], np.int64), np.array([1.0])
    readings.write(store.connection, *one, np.array([2], np.int16))
    assert stored(store) == [(1, at(0).replace(microsecond=1), 1.0, 2)]


def test_of_one_point_and_time_the_last_counts(store: Any) -> None:
    assert write(store, (1, 0, 1.0), (2, 0, 5.0), (1, 0, 2.0), (1, 0, 3.0)) == 2
    assert [row[2] for row in stored(store)] == [3.0, 5.0]


def test_the_same_again_is_no_change_and_another_value_is(store: Any) -> None:
    assert write(store, (1, 0, 1.0), (1, 1, 2.0)) == 2
    assert write(store, (1, 0, 1.0), (1, 1, 2.5), (1, 2, 3.0)) == 2
    assert [row[2] for row in stored(store)] == [1.0, 2.5, 3.0]


def test_nothing_is_nothing(store: Any) -> None:
    empty = np.array([], np.int64)
    done = readings.write(
        store.connection,
        empty.astype(np.int32), empty, empty.astype(np.float64), empty.astype(np.int16),
    )  # fmt: skip
    assert done.inserted_or_changed == 0
    assert quarantine.keep(store.connection, []) == 0


def rejected(payload: bytes, detail: str = "x", **changes: Any) -> Rejected:
    message = Message(b"t/\xff\x00", payload, NOON, False)
    return Rejected(message, Reason.INVALID_JSON, detail, **changes)


def test_quarantine_keeps_bytes_and_counts_repeats(store: Any) -> None:
    payload = bytes(range(256))
    quarantine.keep(store.connection, [rejected(payload), rejected(b""), rejected(payload)])
    quarantine.keep(store.connection, [rejected(payload, last=NOON + 60_000_000)])
    rows = store.ask("SELECT topic, payload, first_at, last_at, times FROM quarantine ORDER BY id")
    assert rows == [
        (b"t/\xff\x00", payload, at(0), at(1), 3),
        (b"t/\xff\x00", b"", at(0), at(0), 1),
    ]


def test_one_message_may_be_kept_for_several_reasons(store: Any) -> None:
    first = rejected(b"{")
    second = Rejected(first.message, Reason.UNKNOWN_FIELD, "a, b")
    quarantine.keep(store.connection, [first, second])
    assert {row[0] for row in store.quarantine()} == {"invalid_json", "unknown_field"}


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udcff" * 3, "x" * 10_000, "ä€🌡"])
def test_any_text_can_be_kept(store: Any, text: str) -> None:
    quarantine.keep(store.connection, [rejected(b"{", text, device=text)])
    detail, device = store.ask("SELECT detail, device FROM quarantine")[0]
    assert 0 < len(detail) <= quarantine.LONGEST_DETAIL
    assert device


def test_many_large_messages_are_kept_in_several_statements(store: Any) -> None:
    entries = [rejected(bytes([number]) * 400_000) for number in range(10)]
    assert quarantine.keep(store.connection, entries) == 10
    assert store.one("SELECT sum(length(payload)) FROM quarantine") == 4_000_000


def test_channels_and_their_spans(store: Any) -> None:
    store.connection.execute("DELETE FROM channel; DELETE FROM device")
    store.attach({("senml", "a:"): {"x": "waerme"}, ("senml", "b:"): {}})
    store.connection.execute(
        "UPDATE channel SET valid_to = '2026-11-21T12:00Z', unit = 'Wh', factor = 40;"
        " INSERT INTO channel (device_id, field, valid_from)"
        " SELECT device_id, field, '2026-11-21T12:01:00.000001Z' FROM channel"
    )
    point = store.one("SELECT id FROM point WHERE key = 'waerme'")
    first, second, bare = devices.channels(store.connection)
    assert first == devices.Channel(
        "senml", "a:", "x", None, NOON, point, "energy", "kWh", "Wh", 40.0
    )
    assert (second.since, second.until, second.point_id) == (NOON + 60_000_001, None, None)
    assert (bare.device, bare.field) == ("b:", None)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE channel SET factor = 2",
        "DELETE FROM channel",
        "UPDATE device SET external_id = external_id || '1'",
        "UPDATE point SET unit = unit",
    ],
)
def test_the_version_tells_of_every_change(store: Any, change: str) -> None:
    before = devices.version(store.connection)
    assert devices.version(store.connection) == before
    store.connection.execute(change)
    assert devices.version(store.connection) > before
