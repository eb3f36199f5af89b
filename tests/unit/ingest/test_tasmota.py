"""Tasmota: local times over the end of summer time, bare nan, arrays, siblings and the radar."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.tasmota import decode
from tests.messages import RECEIVED, load

TOPIC = b"tele/keller/SENSOR"
BERLIN = ZoneInfo("Europe/Berlin")


def micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def message(tree: object, topic: bytes = TOPIC, received: int = RECEIVED) -> Message:
    payload = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return Message(topic, payload, received)


def fields(tree: object) -> dict[str, tuple[float, str | None]]:
    return {s.field: (s.value, s.unit) for s in decode(message(tree))}


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        (b"tele/keller/SENSOR", "keller"),
        (b"keller/tele/SENSOR", "keller"),
        (b"tele/rathaus/keller/SENSOR", "rathaus/keller"),
        (b"rathaus/keller/tele/SENSOR", "rathaus/keller"),
        (b"stat/keller/STATUS10", "keller"),
        (b"keller/stat/STATUS8", "keller"),
    ],
)
def test_the_prefix_stands_before_or_after_the_topic(topic: bytes, device: str) -> None:
    sensors: dict[str, object] = {"Time": "2026-07-01T12:00:00", "ANALOG": {"A0": 7}}
    tree = {"StatusSNS": sensors} if b"STATUS" in topic else sensors
    (sample,) = decode(message(tree, topic))
    assert (sample.device, sample.field) == (device, "ANALOG.A0")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"Time": "2026-07-01T12:00:00"}, "2026-07-01T10:00:00+00:00"),
        ({"Time": "2026-12-01T12:00:00"}, "2026-12-01T11:00:00+00:00"),
        ({"Time": "2026-07-01T12:00:00+02:00"}, "2026-07-01T10:00:00+00:00"),
        ({"Time": "2026-07-01T10:00:00Z"}, "2026-07-01T10:00:00+00:00"),
        ({"Time": 1782900000}, "2026-07-01T10:00:00+00:00"),
        ({"Time": 1782900000000}, "2026-07-01T10:00:00+00:00"),
        ({"Time": "2026-07-01T23:59:59", "Epoch": 1782900000}, "2026-07-01T10:00:00+00:00"),
        ({"Time": "1970-01-01T00:00:12"}, "1969-12-31T23:00:12+00:00"),
    ],
)
def test_time(told: dict[str, object], expected: str) -> None:
    (sample,) = decode(message({**told, "ANALOG": {"A0": 7}}))
    assert sample.time == micros(expected)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-10-25T00:30:05+00:00", "2026-10-25T00:30:00+00:00"),  # still summer time
        ("2026-10-25T01:30:05+00:00", "2026-10-25T01:30:00+00:00"),  # an hour later, no more
        ("2026-10-25T03:00:00+00:00", "2026-10-25T01:30:00+00:00"),
        ("2026-10-24T22:00:00+00:00", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_the_hour_that_happens_twice(received: str, expected: str) -> None:
    tree = {"Time": "2026-10-25T02:30:00", "ANALOG": {"A0": 7}}
    (sample,) = decode(message(tree, received=micros(received)))
    assert sample.time == micros(expected)


def test_the_hour_that_is_left_out_by_a_clock_that_was_not_changed() -> None:
    tree = {"Time": "2026-03-29T02:30:00", "ANALOG": {"A0": 7}}
    (sample,) = decode(message(tree, received=micros("2026-03-29T01:30:04+00:00")))
    assert sample.time == micros("2026-03-29T01:30:00+00:00")


def test_readings_in_order_stay_in_order_over_the_end_of_summer_time() -> None:
    start = int(datetime(2026, 10, 25, tzinfo=UTC).timestamp())
    times = []
    for second in range(start, start + 3 * 3600, 300):
        local = datetime.fromtimestamp(second, tz=BERLIN).replace(tzinfo=None)
        tree = {"Time": local.isoformat(), "ANALOG": {"A0": 7}}
        times.append(decode(message(tree, received=(second + 2) * 1_000_000))[0].time)
    assert times == [second * 1_000_000 for second in range(start, start + 3 * 3600, 300)]


def test_without_any_time_the_moment_of_reception_counts() -> None:
    (sample,) = decode(message({"ZbReceived": {"0x4F2E": {"Temperature": 21.5}}}))
    assert (sample.field, sample.time) == ("ZbReceived.0x4F2E.Temperature", RECEIVED)


def test_a_bare_nan_spoils_only_its_own_value() -> None:
    payload = (
        b'{"Time":"2026-07-01T12:00:00","DHT11":{"Temperature":nan,"Humidity":44.0},'
        b'"MIX":[nan, -NaN,1],"Name":"a:nan,b","TempUnit":"C"}'
    )
    values = {field: value for field, (value, _) in fields(payload).items()}
    assert math.isnan(values["DHT11.Temperature"])
    assert math.isnan(values["MIX.0"])
    assert math.isnan(values["MIX.1"])
    assert values["DHT11.Humidity"] == 44
    assert values["MIX.2"] == 1


def test_energy_of_one_channel_and_of_several() -> None:
    assert fields({"ENERGY": {"Total": 1.5, "Power": 20}}) == {
        "ENERGY.Total": (1.5, "kWh"),
        "ENERGY.Power": (20, "W"),
    }
    assert fields({"ENERGY": {"Total": 1.5, "Power": [20, 0]}}) == {
        "ENERGY.Total": (1.5, "kWh"),
        "ENERGY.Power.0": (20, "W"),
        "ENERGY.Power.1": (0, "W"),
    }


def test_what_belongs_to_the_past_is_left_out() -> None:
    energy = {"Yesterday": 3.2, "Period": 12, "TotalStartTime": "2018-11-14T18:39:40", "Today": 1}
    assert fields({"ENERGY": energy}) == {"ENERGY.Today": (1, "kWh")}


@pytest.mark.parametrize(
    ("siblings", "expected"),
    [({"TempUnit": "C"}, "°C"), ({"TempUnit": "F"}, "°F"), ({}, None), ({"TempUnit": 1}, None)],
)
def test_the_unit_of_temperatures_is_a_sibling(
    siblings: dict[str, object], expected: str | None
) -> None:
    told = fields({"BME280": {"Temperature": 21, "DewPoint": 9}} | siblings)
    assert told["BME280.Temperature"] == (21, expected)
    assert told["BME280.DewPoint"] == (9, expected)


def test_the_unit_of_pressures_is_a_sibling() -> None:
    assert fields({"BME280": {"Pressure": 1013.2}, "PressureUnit": "hPa"}) == {
        "BME280.Pressure": (1013.2, "hPa")
    }


def test_the_radars_energy_is_none() -> None:
    radar = {"Distance": 125, "Energy": 80, "Moving": {"Distance": 90, "Energy": [0, 55]}}
    assert fields({"LD2410": radar}) == {
        "LD2410.Distance": (125, None),
        "LD2410.Moving.Distance": (90, None),
    }


def test_two_meters_and_a_climate_sensor_in_one_message() -> None:
    samples = decode(load("tasmota/evcc_statussns_3_sml.json"))
    assert {s.field: (s.value, s.unit) for s in samples} == {
        "HTU21.Temperature": (25.2, "°C"),
        "HTU21.Humidity": (45.5, "%"),
        "SML.Total_in": (34507.4761, None),
        "SML.Total_out": (14737.1422, None),
        "SML.Power_curr": (-894, None),
        "Gas.Count": (1.84, None),
    }


def test_the_same_energy_in_two_units() -> None:
    values = {
        s.field: (s.value, s.unit) for s in decode(load("tasmota/linky_teleinfo_energy.json"))
    }
    assert values["ENERGY.Today"] == (2275.56, "kWh")
    assert values["TIC.HCHP"] == (2275560, "Wh")


def test_of_the_state_only_what_is_not_about_the_device() -> None:
    state = {
        "Time": "2026-07-01T12:00:00", "Uptime": "1T00:00:05", "UptimeSec": 86405, "Heap": 26,
        "SleepMode": "Dynamic", "Sleep": 50, "LoadAvg": 19, "MqttCount": 1, "POWER": "ON",
        "Vcc": 3.4, "Dimmer": 40, "Wifi": {"AP": 1, "RSSI": 78, "Signal": -61},
    }  # fmt: skip
    samples = decode(message(state, b"tele/keller/STATE"))
    assert {s.field: s.value for s in samples} == {"Vcc": 3.4, "Dimmer": 40}


@pytest.mark.parametrize(
    "topic",
    [b"tele/keller/LWT", b"tele/keller/INFO1", b"stat/keller/RESULT", b"stat/keller/POWER",
     b"cmnd/keller/POWER", b"keller/cmnd/POWER", b"tele/keller/UPTIME", b"stat/keller/STATUS5",
     b"tele/SENSOR"],
)  # fmt: skip
def test_what_is_no_reading(topic: bytes) -> None:
    assert decode(message({"Status": {"Power": 1}, "POWER": 1}, topic)) == []


@pytest.mark.parametrize("topic", [b"haus/stat/power", b"tele/zigbee/ZbReceived"])
def test_a_kind_that_is_not_tasmotas_is_kept(topic: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(message({"0x4F2E": {"Temperature": 21.5}}, topic))
    assert caught.value.reason is Reason.UNKNOWN_TOPIC


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"Time":"2026-07-01T12:00:00"', Reason.INVALID_JSON),
        (b'{"Time":"2026-07-01T12:00:00","A":{"B":nano}}', Reason.INVALID_JSON),
        (b'[{"Time":"2026-07-01T12:00:00"}]', Reason.INVALID_STRUCTURE),
        (b'{"Time":"noon","A":{"B":1}}', Reason.TIME_MISSING),
        (b'{"Time":true,"A":{"B":1}}', Reason.TIME_MISSING),
        (b'{"Time":1e308,"A":{"B":1}}', Reason.TIME_MISSING),
    ],
)
def test_what_is_refused(payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        fields(payload)
    assert caught.value.reason is reason
