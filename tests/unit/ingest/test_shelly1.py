"""Shelly Gen1: watt-minutes and watt-hours, and a status that repeats the topics."""

from __future__ import annotations

import json
import math

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.shelly1 import decode
from tests.messages import RECEIVED

ID = "shelly1pm-68C63AF9B3C1"


def message(levels: str, payload: str | bytes) -> Message:
    body = payload if isinstance(payload, bytes) else payload.encode()
    return Message(f"shellies/{ID}/{levels}".encode(), body, RECEIVED)


def fields(levels: str, payload: str | bytes) -> dict[str, tuple[float, str | None]]:
    return {s.field: (s.value, s.unit) for s in decode(message(levels, payload))}


@pytest.mark.parametrize(
    ("levels", "payload", "expected"),
    [
        ("relay/0/power", "81.50", (81.5, "W")),
        ("relay/0/energy", "6472513", (6472513 / 60, "Wh")),  # watt-minutes
        ("roller/0/energy", "60", (1, "Wh")),
        ("emeter/0/energy", "60", (1, "Wh")),
        ("emeter/0/returned_energy", "90", (1.5, "Wh")),
        ("emeter/0/total", "3003.4", (3003.4, "Wh")),
        ("emeter/0/total_returned", "0.0", (0, "Wh")),
        ("emeter/0/reactive_power", "-12.1", (-12.1, "var")),
        ("temperature", "48.21", (48.21, "°C")),
        ("ext_temperature/0", "19.5", (19.5, "°C")),
        ("sensor/temperature", "21.12", (21.12, None)),
        ("sensor/humidity", "48.5", (48.5, "%")),
        ("input/0", "1", (1, None)),
    ],
)
def test_a_bare_value(levels: str, payload: str, expected: tuple[float, str | None]) -> None:
    assert fields(levels, payload) == {levels.replace("/", "."): expected}
    (sample,) = decode(message(levels, payload))
    assert (sample.device, sample.time) == (ID, RECEIVED)


def test_the_same_energy_as_evcc_reads_it() -> None:
    told, unit = fields("relay/0/energy", "6472513")["relay.0.energy"]
    assert (round(told, 1), unit) == (107875.2, "Wh")


def info(**status: object) -> dict[str, tuple[float, str | None]]:
    return fields("info", json.dumps(status))


def test_the_status_under_the_names_of_the_topics() -> None:
    meters = [{"power": 81.5, "is_valid": True, "total": 120, "counters": [1, 2, 3]}]
    assert info(meters=meters) == {"relay.0.power": (81.5, "W"), "relay.0.energy": (2, "Wh")}
    assert info(meters=meters, rollers=[{"state": "stop"}]).keys() == {
        "roller.0.power",
        "roller.0.energy",
    }
    assert info(meters=meters, lights=[{"ison": True}]).keys() == {
        "light.0.power",
        "light.0.energy",
    }


def test_an_invalid_meter_in_the_status_is_left_out() -> None:
    meters = [{"power": 1, "is_valid": False}, {"power": 2, "is_valid": True}]
    assert info(emeters=meters) == {"emeter.1.power": (2, "W")}
    assert info(meters=meters) == {"relay.1.power": (2, "W")}


def test_the_status_has_a_time_once_the_clock_is_set() -> None:
    meter = [{"power": 1}]
    told = {"meters": meter, "unixtime": 1676139913}
    assert decode(message("info", json.dumps(told)))[0].time == 1_676_139_913_000_000
    assert decode(message("info", json.dumps(told | {"unixtime": 0})))[0].time == RECEIVED


@pytest.mark.parametrize(
    ("levels", "payload"),
    [
        ("relay/0", "on"),
        ("relay/0/command", "1"),
        ("online", "true"),
        ("announce", '{"id": "x"}'),
        ("input_event/0", '{"event": "S", "event_cnt": 2}'),
        ("settings", "{}"),
        ("relay/0/power", ""),
    ],
)
def test_what_is_no_reading(levels: str, payload: str) -> None:
    assert decode(message(levels, payload)) == []


@pytest.mark.parametrize("topic", [b"shellies/announce", b"shellies/command"])
def test_topics_of_no_device(topic: bytes) -> None:
    assert decode(Message(topic, b"1", RECEIVED)) == []


def test_a_word_in_the_place_of_a_number() -> None:
    ((value, _),) = fields("relay/0/power", "nan").values()
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("levels", "payload", "reason"),
    [
        ("relay/0/power", b"\xff\xfe", Reason.INVALID_UTF8),
        ("info", b'{"meters": 7}', Reason.INVALID_STRUCTURE),
        ("info", b'{"meters": ', Reason.INVALID_JSON),
    ],
)
def test_what_is_refused(levels: str, payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        fields(levels, payload)
    assert caught.value.reason is reason
