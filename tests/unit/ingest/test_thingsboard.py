"""ThingsBoard's gateway API: many devices and many times in one message."""

from __future__ import annotations

import json
import math

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.thingsboard import decode
from tests.messages import RECEIVED

TOPIC = b"v1/gateway/telemetry"


def message(telemetry: object, topic: bytes = TOPIC) -> Message:
    payload = telemetry if isinstance(telemetry, bytes) else json.dumps(telemetry).encode()
    return Message(topic, payload, RECEIVED)


def test_devices_and_times_stay_apart() -> None:
    telemetry = {
        "Kessel 1": [
            {"ts": 1_700_000_000_500, "values": {"t": 61.5, "pump": {"rpm": [900, 910]}}},
            {"ts": 1_700_000_060_500, "values": {"t": 61.0}},
        ],
        "Kessel 2": [{"ts": 1_700_000_000_500, "values": {"t": 40}}],
        "Kessel 3": [],
    }
    assert [(s.device, s.field, s.time, s.value) for s in decode(message(telemetry))] == [
        ("Kessel 1", "t", 1_700_000_000_500_000, 61.5),
        ("Kessel 1", "pump.rpm.0", 1_700_000_000_500_000, 900),
        ("Kessel 1", "pump.rpm.1", 1_700_000_000_500_000, 910),
        ("Kessel 1", "t", 1_700_000_060_500_000, 61.0),
        ("Kessel 2", "t", 1_700_000_000_500_000, 40),
    ]


@pytest.mark.parametrize("telemetry", [{"K": [{"t": 5}]}, {"K": {"t": 5}}])
def test_without_a_time_the_moment_of_reception_counts(telemetry: object) -> None:
    (sample,) = decode(message(telemetry))
    assert (sample.field, sample.value, sample.time) == ("t", 5, RECEIVED)


def test_quoted_numbers_text_truth_and_null() -> None:
    values = {"a": "21.5", "b": "auto", "c": True, "d": None}
    samples = {s.field: s.value for s in decode(message({"K": [{"ts": 1, "values": values}]}))}
    assert samples.keys() == {"a", "b"}
    assert samples["a"] == 21.5
    assert math.isnan(samples["b"])


@pytest.mark.parametrize("last", [b"attributes", b"connect", b"disconnect", b"rpc", b"claim"])
def test_what_is_no_reading(last: bytes) -> None:
    assert decode(message({"K": {"t": 5}}, b"v1/gateway/" + last)) == []


@pytest.mark.parametrize(
    ("telemetry", "reason"),
    [
        ({"K": [{"ts": 1}]}, Reason.INVALID_STRUCTURE),
        ({"K": [{"ts": 1, "values": [5]}]}, Reason.INVALID_STRUCTURE),
        ({"K": [{"ts": "2026-07-01", "values": {"t": 5}}]}, Reason.TIME_MISSING),
        ({"K": [{"ts": None, "values": {"t": 5}}]}, Reason.TIME_MISSING),
        ({"K": 5}, Reason.INVALID_STRUCTURE),
        ([{"ts": 1}], Reason.INVALID_STRUCTURE),
        (b'{"K": [{"ts": 1, ', Reason.INVALID_JSON),
        (b"", Reason.EMPTY),
    ],
)
def test_what_is_refused(telemetry: object, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(message(telemetry))
    assert caught.value.reason is reason
