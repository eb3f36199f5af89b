"""Zigbee2MQTT: names with slashes, three ways to write a time, and what a voltage is."""

from __future__ import annotations

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.zigbee2mqtt import decode
from tests.messages import RECEIVED

Told = dict[str, tuple[float, str | None]]


def message(payload: bytes, name: bytes = b"rathaus/Flur") -> Message:
    return Message(b"zigbee2mqtt/" + name, payload, RECEIVED)


def fields(payload: bytes) -> Told:
    return {s.field: (s.value, s.unit) for s in decode(message(payload))}


def test_a_state_with_nested_values() -> None:
    payload = (
        b'{"temperature": 21.4, "color": {"x": 0.3}, "occupancy": false, "action": "1_single",'
        b' "linkquality": 87, "update": {"installed_version": 4}, "update_available": null}'
    )
    assert fields(payload) == {"temperature": (21.4, "°C"), "color.x": (0.3, None)}
    assert {s.device for s in decode(message(payload))} == {"rathaus/Flur"}


@pytest.mark.parametrize(
    ("last_seen", "expected"),
    [
        (b'"2026-11-22T11:30:00.500Z"', 1_795_347_000_500_000),
        (b'"2026-11-22T12:30:00+01:00"', 1_795_347_000_000_000),
        (b'"2026-11-22T12:30:00"', 1_795_347_000_000_000),
        (b"1795347000500", 1_795_347_000_500_000),
        (b"null", RECEIVED),
    ],
)
def test_time(last_seen: bytes, expected: int) -> None:
    (sample,) = decode(message(b'{"co2": 800, "last_seen": ' + last_seen + b"}"))
    assert sample.time == expected


def test_without_last_seen_the_moment_of_reception_counts() -> None:
    assert decode(message(b'{"co2": 800}'))[0].time == RECEIVED


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"voltage": 2985, "battery": 81}', (2985, "mV")),
        (b'{"voltage": 2985}', (2985, "mV")),
        (b'{"voltage": 229.4, "power": 12}', (229.4, "V")),
    ],
)
def test_a_voltage_is_the_batterys_or_the_mains(
    payload: bytes, expected: tuple[float, str]
) -> None:
    assert fields(payload)["voltage"] == expected


def test_illuminance_is_raw_beside_illuminance_lux() -> None:
    assert fields(b'{"illuminance": 16994, "illuminance_lux": 49}') == {
        "illuminance": (16994, None),
        "illuminance_lux": (49, "lx"),
    }
    assert fields(b'{"illuminance": 49}') == {"illuminance": (49, "lx")}


def test_one_attribute_a_topic() -> None:
    (sample,) = decode(message(b"21.4", b"rathaus/Flur/temperature"))
    assert (sample.device, sample.field, sample.value) == ("rathaus/Flur", "temperature", 21.4)
    assert sample.unit == "°C"
    assert decode(message(b"ON", b"rathaus/Flur/state")) == []
    assert decode(message(b"87", b"rathaus/Flur/linkquality")) == []


@pytest.mark.parametrize(
    "name",
    [b"bridge/state", b"bridge/devices", b"bridge/response/device/rename", b"Flur/set",
     b"Flur/set/state", b"Flur/get", b"Flur/availability"],
)  # fmt: skip
def test_what_is_no_reading(name: bytes) -> None:
    assert decode(message(b'{"temperature": 21.4}', name)) == []


def test_an_empty_payload_erases() -> None:
    assert decode(message(b"")) == []


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"temperature": 21.4', Reason.INVALID_JSON),
        (b'{"temperature": 21.4, "last_seen": "yesterday"}', Reason.TIME_MISSING),
        (b'{"temperature": 21.4, "last_seen": [1]}', Reason.TIME_MISSING),
    ],
)
def test_what_is_refused(payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(message(payload))
    assert caught.value.reason is reason


def test_a_bare_value_without_a_devices_name_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(message(b"21.4", b"temperature"))
    assert caught.value.reason is Reason.INVALID_STRUCTURE
