"""The Things Stack: which of its times counts, what it leaves out, and what is no reading."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.thethingsstack import decode
from tests.messages import RECEIVED, load

TOPIC = b"v3/schulen@nordlippe/devices/klasse-1a/up"
AT = 1_700_000_000_123_456


def uplink(frame: dict[str, object], **around: object) -> Message:
    whole: dict[str, Any] = {
        "end_device_ids": {"device_id": "klasse-1a", "dev_eui": "A81758FFFE0ABCDE"},
        "received_at": "2023-11-14T22:13:20.345Z",
        "uplink_message": {"received_at": "2023-11-14T22:13:20.123456789Z"} | frame,
    }
    return Message(TOPIC, json.dumps(whole | around).encode(), RECEIVED)


def test_values_nested_or_not_with_the_network_servers_time() -> None:
    samples = decode(uplink({"decoded_payload": {"temperature": 0, "air": {"co2": [612, 615]}}}))
    assert [(s.field, s.value) for s in samples] == [
        ("temperature", 0),
        ("air.co2.0", 612),
        ("air.co2.1", 615),
    ]
    assert {(s.device, s.time) for s in samples} == {("a81758fffe0abcde", AT)}


def test_a_value_with_its_unit_is_one_value() -> None:
    payload = {"voltageL1N": {"data": 231.1, "unit": "V"}, "air": {"unit": "ppm", "co2": 612}}
    told = {s.field: (s.value, s.unit) for s in decode(uplink({"decoded_payload": payload}))}
    assert told["voltageL1N"] == (231.1, "V")
    assert told["air.co2"] == (612, None)


def test_text_truth_and_null_among_the_values() -> None:
    payload = {"t": "21.5", "n": "NaN", "status": "ok", "open": True, "none": None}
    samples = {s.field: s.value for s in decode(uplink({"decoded_payload": payload}))}
    assert samples.keys() == {"t", "n", "status"}
    assert samples["t"] == 21.5
    assert math.isnan(samples["n"])
    assert math.isnan(samples["status"])


def test_the_outer_time_only_where_there_is_no_inner_one() -> None:
    frame: dict[str, object] = {"decoded_payload": {"t": 1}, "received_at": None}
    (sample,) = decode(uplink(frame))
    assert sample.time == 1_700_000_000_345_000


def test_a_gateways_time_and_the_radios_counter_do_not_count() -> None:
    received = [{"time": "2019-01-01T00:00:00Z", "timestamp": 3893546133}]
    (sample,) = decode(uplink({"decoded_payload": {"t": 1}, "rx_metadata": received}))
    assert sample.time == AT


def test_without_an_eui_the_device_id_names_the_device() -> None:
    message = uplink({"decoded_payload": {"t": 1}}, end_device_ids={"device_id": "abp-7"})
    assert decode(message)[0].device == "abp-7"
    message = uplink({"decoded_payload": {"t": 1}}, end_device_ids=None)
    assert decode(message)[0].device == "klasse-1a"


def test_a_simulated_uplink_is_no_reading() -> None:
    assert decode(uplink({"decoded_payload": {"t": 1}}, simulated=True)) == []


def test_an_uplink_without_payload_is_no_reading() -> None:
    assert decode(uplink({})) == []


@pytest.mark.parametrize(
    "event", ["join", "down/ack", "down/queued", "service/data", "location/solved"]
)
def test_other_events_are_no_readings(event: str) -> None:
    topic = b"v3/schulen@nordlippe/devices/klasse-1a/" + event.encode()
    assert decode(Message(topic, b"not even JSON", RECEIVED)) == []


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"end_device_ids": {}}', Reason.INVALID_STRUCTURE),
        (b'{"uplink_message": {"decoded_payload": [1]}}', Reason.INVALID_STRUCTURE),
        (b'{"uplink_message": {"decoded_payload": {"t": 1}}}', Reason.TIME_MISSING),
        (b'{"uplink_message": {"frm_payload": "AQ=="}}', Reason.TIME_MISSING),
        (
            b'{"uplink_message": {"frm_payload": "AQ==", "received_at": "2026-11-22T12:00:00Z"}}',
            Reason.UNDECODED,
        ),
        (b'{"uplink_message": ', Reason.INVALID_JSON),
        (b'{"uplink_message": "\xff"}', Reason.INVALID_UTF8),
    ],
)
def test_what_is_refused(payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Message(TOPIC, payload, RECEIVED))
    assert caught.value.reason is reason


def test_the_documentations_example_lacks_a_comma() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(load("thethingsstack/docs_uplink_INVALID_JSON.txt"))
    assert caught.value.reason is Reason.INVALID_JSON
