"""What bad input gets: each kind between 1,000 good messages, which all arrive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

GOOD = 1000
UP = b"application/1/device/0101010101010101/event/up"
DAY = "2026-11-20T12:00:00+00:00"


def uplink(value: object = 21.5, *, time: object = DAY, **changes: Any) -> bytes:
    tree = {
        "time": time,
        "deviceInfo": {"devEui": "0101010101010101"},
        "object": {"temperature": value, "humidity": 45},
    }
    return json.dumps(tree | changes).encode()


def raw(word: bytes) -> bytes:
    return uplink(0.125).replace(b"0.125", word)


def in_years() -> str:
    return (datetime.now(UTC) + timedelta(days=1500)).isoformat()


# name: topic, payload, reason, readings of its own
CASES: dict[str, tuple[bytes, bytes, str, int]] = {
    "unknown topic": (b"somewhere/else", b'{"a": 1}', "unknown_topic", 0),
    "unknown device": (UP, uplink(deviceInfo={"devEui": "ffffffffffffffff"}), "unknown_device", 0),
    "unknown field": (UP, uplink(object={"temperature": 21.5, "co2": 613}), "unknown_field", 1),
    "invalid JSON": (UP, b'{"time": ', "invalid_json", 0),
    "NaN": (UP, raw(b"NaN"), "not_a_number", 1),
    "Infinity": (UP, raw(b"-Infinity"), "not_a_number", 1),
    "beyond every float": (UP, raw(b"1e999"), "not_a_number", 1),
    "array for a number": (UP, uplink([21.5]), "unknown_field", 1),
    "text for a number": (UP, uplink("defekt"), "not_a_number", 1),
    "number as text where none may be": (
        b"senml/logger",
        b'[{"bn": "urn:dev:mac:0024befffe804ff1:", "n": "waerme", "u": "kWh", "v": "21.5"}]',
        "not_a_number",
        0,
    ),
    "wrong type": (UP, uplink(object=[21.5]), "invalid_structure", 0),
    "time missing": (UP, uplink(time=None), "time_missing", 0),
    "no time": (UP, uplink(time="gestern"), "time_missing", 0),
    "naive time": (UP, uplink(time="2026-11-20T12:00:00"), "time_naive", 0),
    "1970": (UP, uplink(time="1970-01-01T00:01:00Z"), "time_implausible", 0),
    "years ahead": (UP, uplink(time=in_years()), "time_ahead", 0),
    "invalid UTF-8": (UP, uplink().replace(b"0101010101010101", b"\xff\xfe"), "invalid_utf8", 0),
    "empty": (UP, b"", "empty", 0),
    "a megabyte": (UP, uplink(data="x" * 1_048_576), "too_large", 0),
    "impossible value": (UP, uplink(-300), "implausible_value", 1),
    "another unit": (
        b"senml/logger",
        b'[{"bn": "urn:dev:mac:0024befffe804ff1:", "n": "waerme", "u": "Cel", "v": 21.5}]',
        "unit_mismatch",
        0,
    ),
    "raw frame": (UP, uplink(object=None, data="qg=="), "undecoded", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_kept_with_its_reason(
    name: str, ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    topic, payload, reason, readings = CASES[name]
    half = GOOD // 2
    publish([*map(good, range(half)), (topic, payload), *map(good, range(half, GOOD))])
    eventually(lambda: store.count() == 1 + GOOD + readings)
    assert store.all_good(GOOD)
    ((kept, kept_topic, kept_payload, times),) = store.ask(
        "SELECT reason, topic, payload, times FROM quarantine"
    )
    assert (kept, kept_topic, kept_payload, times) == (reason, topic, payload, 1)
    assert ingest.alive
