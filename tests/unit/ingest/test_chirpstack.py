"""ChirpStack v4: what an uplink yields, and what is refused."""

from __future__ import annotations

import json
import math

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats.chirpstack import decode
from tests.messages import load

TOPIC = b"application/17c82e96/device/0101010101010101/event/up"
TIME = 1_658_136_855_775_023  # 2022-07-18T09:34:15.775023242Z


def uplink(**changes: object) -> Message:
    """The documentation's uplink, with a decoded object."""
    tree = json.loads(load("chirpstack/docs_up.json").payload)
    tree |= {"object": {"temperature": 21.5}} | changes
    return Message(TOPIC, json.dumps(tree).encode(), TIME)


def sample(field: str, value: float) -> Sample:
    return Sample("0101010101010101", field, TIME, value)


@pytest.mark.parametrize("event", ["join", "ack", "txack", "log", "integration"])
def test_other_events_are_no_readings(event: str) -> None:
    assert decode(load(f"chirpstack/docs_{event}.json")) == []


def test_commands_to_devices_are_no_readings() -> None:
    topic = b"application/17c82e96/device/0101010101010101/command/down"
    assert decode(Message(topic, b'{"devEui": "0101010101010101", "data": "qg=="}', TIME)) == []


@pytest.mark.parametrize(
    "name",
    ["docs_up", "elsys_ers2_co2", "milesight_am307_iaq", "milesight_ct101_current",
     "milesight_em300_th", "yobiiq_em2101_1phase_meter"],
)  # fmt: skip
def test_a_raw_frame_is_refused_as_undecoded(name: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(load(f"chirpstack/{name}.json"))
    assert caught.value.reason is Reason.UNDECODED


def test_an_empty_frame_is_no_reading() -> None:
    assert decode(uplink(object=None, data="")) == []


def test_numbers_text_and_nested_members() -> None:
    decoded = {
        "temperature": 21.5,
        "co2": 613,
        "humidity": "45.25",
        "battery": None,
        "occupied": True,
        "firmware": "v1.1",
        "counters": {"pulse": [4, 5.5]},
    }
    samples = decode(uplink(object=decoded))
    assert samples[:3] == [
        sample("temperature", 21.5),
        sample("co2", 613),
        sample("humidity", 45.25),
    ]
    assert (samples[3].field, math.isnan(samples[3].value)) == ("firmware", True)
    assert samples[4:] == [sample("counters.pulse.0", 4), sample("counters.pulse.1", 5.5)]


def test_a_value_with_its_unit_is_one_value() -> None:
    """As Yobiiq's codec gives it."""
    decoded = {
        "activePowerL1": {"data": 12.5, "unit": "W"},
        "phaseAngleL1": {"data": "3", "unit": "degree"},
        "temperature": {"value": None, "unit": "°C"},
        "nested": {"value": {"a": 1}, "unit": "W"},
        "three": {"value": 1, "unit": "W", "more": 2},
    }
    samples = decode(uplink(object=decoded))
    assert [(s.field, s.value, s.unit) for s in samples if not math.isnan(s.value)] == [
        ("activePowerL1", 12.5, "W"),
        ("phaseAngleL1", 3, None),
        ("nested.value.a", 1, None),
        ("three.value", 1, None),
        ("three.more", 2, None),
    ]


@pytest.mark.parametrize("text", ["NaN", "inf", "1_000", "21,5", "", "٢١"])
def test_text_that_is_no_number_is_not_a_number(text: str) -> None:
    (only,) = decode(uplink(object={"temperature": text}))
    assert math.isnan(only.value)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_neighbours_of_what_is_no_json_survive(word: str) -> None:
    payload = uplink(object={"temperature": 0.25, "humidity": 45}).payload
    temperature, humidity = decode(Message(TOPIC, payload.replace(b"0.25", word.encode()), TIME))
    assert not math.isfinite(temperature.value)
    assert humidity == sample("humidity", 45)


def test_the_device_is_in_lower_case_and_else_in_the_topic() -> None:
    assert decode(uplink(deviceInfo={"devEui": "0101AA0101010101"}))[0].device == "0101aa0101010101"
    assert decode(uplink(deviceInfo={}))[0].device == "0101010101010101"


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (None, Reason.TIME_MISSING),
        ("", Reason.TIME_MISSING),
        ("gestern", Reason.TIME_MISSING),
        ("2022-07-18T09:34:15", Reason.TIME_NAIVE),
    ],
)
def test_a_time_must_be_there_and_have_a_zone(time: str | None, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(uplink(time=time))
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"{", Reason.INVALID_JSON),
        (b"hello", Reason.INVALID_JSON),
        (b"[" * 9_000, Reason.INVALID_JSON),
        (b'{"time": "\xff"}', Reason.INVALID_UTF8),
        (b"[]", Reason.INVALID_STRUCTURE),
        (b'{"object": 5}', Reason.INVALID_STRUCTURE),
        (b'{"time": 1658136855}', Reason.INVALID_STRUCTURE),
    ],
)
def test_what_is_no_uplink_is_refused(payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Message(TOPIC, payload, TIME))
    assert caught.value.reason is reason


def test_an_object_may_nest_but_not_without_end() -> None:
    tree: dict[str, object] = {"value": 1}
    for _ in range(40):
        tree = {"deeper": tree}
    with pytest.raises(DecodeError) as caught:
        decode(uplink(object=tree))
    assert caught.value.reason is Reason.INVALID_STRUCTURE
