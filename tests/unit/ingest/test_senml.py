"""SenML: the RFC's own examples, resolved as the RFC resolves them, and its rules one by one."""

from __future__ import annotations

import json
import math

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats.senml import UNITS, decode
from tests.messages import PAYLOADS, load

NOW = 1_498_780_179  # s; when the RFC's editors resolved their examples
DEVICE = "urn:dev:ow:10e2073a01080063:"


def pack(*records: dict[str, object], topic: bytes = b"senml/x") -> Message:
    return Message(topic, json.dumps(records).encode(), NOW * 1_000_000)


def one(**record: object) -> Sample:
    (only,) = decode(pack({"bn": DEVICE, "n": "x", **record}))
    return only


@pytest.mark.parametrize(
    "name", sorted(path.name.split(".")[0] for path in PAYLOADS.glob("senml/*.resolved.json"))
)
def test_examples_of_the_rfc(name: str) -> None:
    resolved = json.loads((PAYLOADS / "senml" / f"{name}.resolved.json").read_bytes())
    message = Message(b"senml/x", load(f"senml/{name}.json").payload, NOW * 1_000_000)
    assert [
        (sample.device + sample.field, sample.time, sample.value, sample.unit)
        for sample in decode(message)
    ] == [
        (record["n"], round(record["t"] * 1e6), record["v"], UNITS.get(record["u"], record["u"]))
        for record in resolved
        if "v" in record
    ]


def test_an_example_without_a_resolved_form() -> None:
    samples = decode(load("senml/rfc8428_ex13.json"))
    assert samples == [
        Sample("2001:db8::", "3", 1_320_078_429_000_000, 0.5, "1"),
        Sample("2001:db8::", "4", 1_320_078_429_000_000, 0.5, "1"),
        Sample("2001:db8::", "3", 1_320_078_429_100_000, 0.0, "1"),
        Sample("2001:db8::", "4", 1_320_078_429_100_000, 0.0, "1"),
    ]


@pytest.mark.parametrize(
    ("name", "device", "field"),
    [
        ("urn:dev:mac:0024befffe804ff1:waerme", "urn:dev:mac:0024befffe804ff1:", "waerme"),
        ("2001:db8::2/temperature", "2001:db8::2/", "temperature"),
        ("zaehler", "zaehler", ""),
    ],
)
def test_a_name_is_device_and_field(name: str, device: str, field: str) -> None:
    (only,) = decode(pack({"n": name, "v": 1}))
    assert (only.device, only.field) == (device, field)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, NOW),
        ({"t": -5}, NOW - 5),
        ({"t": 5}, NOW + 5),
        ({"bt": -3600, "t": 60}, NOW - 3540),
        ({"t": 2**28 - 1}, NOW + 2**28 - 1),
        ({"t": 2**28}, 2**28),
        ({"bt": 1_320_067_464.25, "t": 0.5}, 1_320_067_464.75),
    ],
)
def test_times(times: dict[str, float], expected: float) -> None:
    assert one(v=1, **times).time == round(expected * 1e6)


def test_base_value_base_unit_and_base_name_change_in_mid_pack() -> None:
    samples = decode(
        pack(
            {"bn": "a:", "bu": "W", "bv": 100, "bt": NOW, "n": "p", "v": 1.5},
            {"n": "p", "t": 1},
            {"n": "e", "u": "kWh", "v": -100},
            {"bn": "b:", "bv": 0, "n": "p", "v": 2},
            {"n": "p", "bu": "Cel", "v": 3},
        )
    )
    assert [(s.device, s.field, s.time - NOW * 1_000_000, s.value, s.unit) for s in samples] == [
        ("a:", "p", 0, 101.5, "W"),
        ("a:", "p", 1_000_000, 100.0, "W"),
        ("a:", "e", 0, 0.0, "kWh"),
        ("b:", "p", 0, 2.0, "W"),
        ("b:", "p", 0, 3.0, "°C"),
    ]


def test_text_truth_and_data_are_left_out() -> None:
    assert (
        decode(pack({"n": "a:x", "vs": "on"}, {"n": "a:y", "vb": True}, {"n": "a:z", "vd": "YQ"}))
        == []
    )
    assert decode(pack({"bn": "a:", "bv": 5, "n": "x", "vs": "on"})) == []


def test_a_sum_is_a_field_of_its_own() -> None:
    samples = decode(pack({"bn": "a:", "bs": 1000, "n": "p", "u": "W", "v": 5, "s": 200}))
    assert [(s.field, s.value, s.unit) for s in samples] == [("p", 5, "W"), ("p.sum", 1200, "J")]


@pytest.mark.parametrize("value", ["21.5", True, [1], {"a": 1}])
def test_a_value_that_is_no_number(value: object) -> None:
    assert math.isnan(one(v=value).value)


def test_neighbours_of_nan_survive() -> None:
    payload = b'[{"bn":"a:","n":"x","v":NaN},{"n":"y","v":2}]'
    bad, good = decode(Message(b"senml/x", payload, 0))
    assert math.isnan(bad.value)
    assert good.value == 2


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"{}", Reason.INVALID_STRUCTURE),
        (b'[{"v": 1}]', Reason.INVALID_STRUCTURE),
        (b'[{"n": 5, "v": 1}]', Reason.INVALID_STRUCTURE),
        (b'[{"bver": 11, "n": "a", "v": 1}]', Reason.INVALID_STRUCTURE),
        (b'[{"n": "a", "v": 1, "new_": 2}]', Reason.INVALID_STRUCTURE),
        (b'[{"n": "a", "v": 1, "t": "2026-01-01T00:00:00Z"}]', Reason.INVALID_STRUCTURE),
        (b'[{"n": "a", "v": 1, "t": 1e999}]', Reason.TIME_MISSING),
        (b'[{"n": "a", "v": 1, "t": NaN}]', Reason.TIME_MISSING),
        (b'[{"n": "a", "v": 1}', Reason.INVALID_JSON),
        (b'[{"n": "\xff", "v": 1}]', Reason.INVALID_UTF8),
    ],
)
def test_what_is_no_pack_is_refused(payload: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Message(b"senml/x", payload, 0))
    assert caught.value.reason is reason


def test_a_name_may_end_with_an_underscore() -> None:
    (only,) = decode(pack({"n": "a:b_", "v": 1}))
    assert only.field == "b_"
