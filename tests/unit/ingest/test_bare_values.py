"""OpenEMS, evcc and Homie: one bare value a topic, and what its name says about it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import FORMATS, evcc, format_of, homie, openems
from ingest.interpret import interpret
from ingest.resolve import Channels
from ingest.rows import Rows
from tests.messages import RECEIVED

Told = tuple[str, str, float, str | None]


@pytest.fixture(autouse=True)
def _no_descriptions() -> Iterator[None]:
    homie.forget()
    yield
    homie.forget()


def decode(topic: str, payload: str | bytes) -> list[Sample]:
    body = payload if isinstance(payload, bytes) else payload.encode()
    message = Message(topic.encode(), body, RECEIVED)
    return FORMATS[format_of(message.topic)].decode(message)


def told(topic: str, payload: str | bytes) -> Told:
    (sample,) = decode(topic, payload)
    assert sample.time == RECEIVED
    return sample.device, sample.field, sample.value, sample.unit


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("_sum/GridActivePower", "-2500", ("edge0/_sum", "GridActivePower", -2500, "W")),
        ("_sum/EssSoc", "85", ("edge0/_sum", "EssSoc", 85, "%")),
        (
            "_sum/ProductionActiveEnergy",
            "1.2E7",
            ("edge0/_sum", "ProductionActiveEnergy", 1.2e7, "Wh"),
        ),
        ("meter0/ActivePowerL2", "310", ("edge0/meter0", "ActivePowerL2", 310, "W")),
        ("meter0/ReactivePower", "31", ("edge0/meter0", "ReactivePower", 31, "var")),
        ("charger0/ActualPower", "31", ("edge0/charger0", "ActualPower", 31, "W")),
        ("meter0/VoltageL1", "229400", ("edge0/meter0", "VoltageL1", 229400, None)),
    ],
)
def test_openems(topic: str, payload: str, expected: Told) -> None:
    assert told(f"edge/edge0/channel/{topic}", payload) == expected


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("edge/edge0/channel/lastUpdate", "2026-11-22T11:30:00Z"),
        ("edge/edge0/edgeConfig", '{"components": {"a": 1}}'),
        ("edge/edge0/edgeConfig/", "{}"),
        ("edge/edge0/edgeConfig/a/b", "5"),
        ("edge/edge0/channel/meter0/ActivePower", "null"),
        ("edge/edge0/channel/meter0/ActivePower", ""),
        ("edge/edge0/channel/_meta/Version", '"2026.11.0"'),
        ("edge/edge0/channel/ess0/Allowed", "true"),
    ],
)
def test_what_of_openems_is_no_reading(topic: str, payload: str) -> None:
    assert decode(topic, payload) == []


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("evcc/site/pvPower", "4210", ("evcc/site", "pvPower", 4210, "W")),
        ("evcc/site/pv/1/energy", "812.5", ("evcc/site", "pv.1.energy", 812.5, "kWh")),
        ("evcc/site/grid/power", "-12", ("evcc/site", "grid.power", -12, "W")),
        ("evcc/site/batterySoc", "61", ("evcc/site", "batterySoc", 61, "%")),
        (
            "bauhof/evcc/loadpoints/2/chargedEnergy",
            "5210.4",
            ("bauhof/evcc/loadpoints/2", "chargedEnergy", 5210.4, "Wh"),
        ),
        (
            "evcc/loadpoints/1/chargeCurrents/l2",
            "15.9",
            ("evcc/loadpoints/1", "chargeCurrents.l2", 15.9, "A"),
        ),
        (
            "evcc/loadpoints/1/chargeTotalImport",
            "812.5",
            ("evcc/loadpoints/1", "chargeTotalImport", 812.5, None),
        ),
        (
            "evcc/loadpoints/1/chargeDuration",
            "1340",
            ("evcc/loadpoints/1", "chargeDuration", 1340, "s"),
        ),
        (
            "evcc/loadpoints/1/chargeDuration",
            "1340000000000",
            ("evcc/loadpoints/1", "chargeDuration", 1340, "s"),
        ),
        ("evcc/vehicles/bus/minSoc", "20", ("evcc/vehicles/bus", "minSoc", 20, "%")),
    ],
)
def test_evcc(topic: str, payload: str, expected: Told) -> None:
    assert told(topic, payload) == expected


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("evcc/updated", "1795347000"),
        ("evcc/status", "online"),
        ("evcc/loadpoints", "2"),
        ("evcc/vehicles", "1"),
        ("evcc/site", "1"),
        ("evcc/loadpoints/1", "1"),
        ("evcc/loadpoints/1/mode", "pv"),
        ("evcc/loadpoints/1/minSoc/set", "20"),
        ("evcc/loadpoints/1/connected", "true"),
        ("evcc/site/pvPower", ""),
    ],
)
def test_what_of_evcc_is_no_reading(topic: str, payload: str) -> None:
    assert decode(topic, payload) == []


DESCRIPTION = {
    "homie": "5.0",
    "version": 7,
    "nodes": {
        "engine": {
            "properties": {
                "temperature": {"datatype": "float", "unit": "°C", "format": "-20:120"},
                "water": {"datatype": "float", "unit": "m³"},
                "serial": {"datatype": "string"},
                "since": {"datatype": "integer"},
            }
        }
    },
}


def describe(description: object = DESCRIPTION, retained: bool = True) -> None:
    payload = json.dumps(description).encode()
    message = Message(b"homie/5/super-car/$description", payload, RECEIVED, retained)
    assert interpret(message, Channels([], 900), 100_000, Rows()) == []


def test_homie_without_a_description_has_no_unit() -> None:
    assert told("homie/5/super-car/engine/temperature", "21.5") == (
        "super-car",
        "engine.temperature",
        21.5,
        None,
    )


def test_homie_takes_the_unit_from_the_description_even_if_retained() -> None:
    describe()
    assert told("homie/5/super-car/engine/temperature", "21.5")[3] == "°C"
    assert told("homie/5/super-car/engine/water", "3")[3] == "m3"
    assert told("homie/5/super-car/engine/since", "3")[3] is None
    assert told("homie/5/other-car/engine/temperature", "21.5")[3] is None


def test_homie_describes_in_arrays_too() -> None:
    temperature = {"id": "temperature", "datatype": "float", "unit": "°F"}
    describe({"nodes": [{"id": "engine", "properties": [temperature, {"unit": "x"}]}]})
    assert told("homie/5/super-car/engine/temperature", "70")[3] == "°F"


def test_what_homie_describes_as_text_is_no_measurement() -> None:
    describe()
    assert decode("homie/5/super-car/engine/serial", "4711") == []
    (sample,) = decode("homie/5/super-car/engine/temperature", "warm")
    assert math.isnan(sample.value)


def test_a_removed_description_is_forgotten() -> None:
    describe()
    assert decode("homie/5/super-car/$description", "") == []
    assert told("homie/5/super-car/engine/temperature", "21.5")[3] is None


def test_homie_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homie, "MOST_DESCRIBED", 3)
    payload = json.dumps(DESCRIPTION)
    for number in range(5):
        decode(f"homie/5/car-{number}/$description", payload)
    units = [told(f"homie/5/car-{n}/engine/temperature", "1")[3] for n in range(5)]
    assert units == [None, None, "°C", "°C", "°C"]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("homie/5/super-car/$state", "ready"),
        ("homie/5/super-car/$alert/battery", "8"),
        ("homie/5/super-car/$log/warn", "12"),
        ("homie/5/super-car/engine/temperature/set", "21"),
        ("homie/5/super-car/engine/temperature/$target", "21"),
        ("homie/5/$broadcast/alert", "1"),
        ("homie/5/super-car/engine", "1"),
        ("homie/5/super-car/engine/power", "true"),
        ("homie/5/super-car/engine/temperature", ""),
        ("homie/5/super-car/engine/temperature", "\0"),
    ],
)
def test_what_of_homie_is_no_reading(topic: str, payload: str) -> None:
    describe()
    assert decode(topic, payload) == []


@pytest.mark.parametrize("payload", ["NaN", "nan", "+Inf", "-Infinity"])
@pytest.mark.parametrize(
    "topic",
    ["edge/edge0/channel/meter0/ActivePower", "evcc/site/pvPower", "homie/5/car/engine/rpm"],
)
def test_a_word_in_the_place_of_a_number(topic: str, payload: str) -> None:
    assert math.isnan(told(topic, payload)[2])


@pytest.mark.parametrize(
    "topic",
    ["edge/edge0/channel/meter0/ActivePower", "evcc/site/pvPower", "homie/5/car/engine/rpm"],
)
def test_what_the_broker_repeats_is_refused_but_its_erasing_is_not(topic: str) -> None:
    rows = Rows()
    value = Message(topic.encode(), b"5", RECEIVED, retained=True)
    (rejected,) = interpret(value, Channels([], 900), 1000, rows)
    assert rejected.reason is Reason.RETAINED
    erased = Message(topic.encode(), b"", RECEIVED, retained=True)
    assert interpret(erased, Channels([], 900), 1000, rows) == []
    assert not len(rows)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("edge/edge0/channel/meter0/ActivePower", b"\xff", Reason.INVALID_UTF8),
        ("edge/edge0/channel/meter0/ActivePower", b'{"a"', Reason.INVALID_JSON),
        ("evcc/site/pvPower", b"\xff", Reason.INVALID_UTF8),
        ("homie/5/car/engine/rpm", b"\xff", Reason.INVALID_UTF8),
        ("homie/5/car/$description", b"{", Reason.INVALID_JSON),
        ("homie/5/car/$description", b'{"nodes": {"a": 5}}', Reason.INVALID_STRUCTURE),
    ],
)
def test_what_is_refused(topic: str, payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(topic, payload)
    assert caught.value.reason is reason


def test_each_of_them_has_its_topics() -> None:
    assert format_of(b"edge/edge0/channel/meter0/ActivePower") == "openems"
    assert format_of(b"bauhof/evcc/site/pvPower") == "evcc"
    assert format_of(b"homie/5/a/status/b") == "homie"
    assert {openems.decode, evcc.decode, homie.decode} <= {f.decode for f in FORMATS.values()}
