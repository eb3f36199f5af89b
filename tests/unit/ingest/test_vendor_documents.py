"""Decoders of raw LoRaWAN frames against their vendors' documents: examples, widths, signs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gebaeude.model import Message
from ingest.decoders import DECODERS, HISTORIES
from ingest.formats import chirpstack, thethingsstack
from ingest.raw import RawFrame
from tests.rawframes import FRAMES, examples, numbers


@pytest.mark.parametrize(("name", "data", "stated"), list(examples()))
def test_the_vendors_own_examples(name: str, data: bytes, stated: dict[str, Any]) -> None:
    assert DECODERS[name](85, data) == numbers(stated)
    past = HISTORIES[name](85, data) if name in HISTORIES else []
    assert [{"timestamp": time // 1_000_000} | values for time, values in past] == [
        numbers(one) for one in stated.get("history", [])
    ]


@pytest.mark.parametrize(("name", "data", "stated"), list(examples()))
def test_a_device_looks_the_same_whoever_decodes_it(
    name: str, data: bytes, stated: dict[str, Any]
) -> None:
    """Also what it tells of earlier, if the vendor's codec runs in the network server."""
    at, eui = "2026-11-22T11:30:00Z", "24e124136d000001"
    topic = f"application/1/device/{eui}/event/up"
    raw = {"time": at, "fPort": 85, "data": base64.b64encode(data).decode()}
    with pytest.raises(RawFrame) as frame:
        chirpstack.decode(Message(topic.encode(), json.dumps(raw).encode(), 0))
    here = [(one.field, one.time, one.value) for one in frame.value.samples(name)]
    uplinks = {
        topic: (chirpstack, {"time": at, "object": stated}),
        f"v3/app@tenant/devices/{eui}/up": (
            thethingsstack,
            {"uplink_message": {"received_at": at, "decoded_payload": stated}},
        ),
    }
    for of, (kind, tree) in uplinks.items():
        samples = kind.decode(Message(of.encode(), json.dumps(tree).encode(), 0))
        there = [(one.field, one.time, one.value) for one in samples if one.value == one.value]
        words = {field for field, _, _ in here} - {field for field, _, _ in there}  # states
        assert sorted(there) == sorted(one for one in here if one[0] not in words)
        assert words <= {"gpio", "pir"}


def test_a_history_of_another_kind_is_left_as_it_is() -> None:
    history = [{"timestamp": "yesterday", "t": 1}, {"t": 2}]
    tree = {"time": "2026-11-22T11:30:00Z", "object": {"history": history}}
    topic = b"application/1/device/24e124136d000001/event/up"
    samples = chirpstack.decode(Message(topic, json.dumps(tree).encode(), 0))
    assert {one.field for one in samples} >= {"history.0.t", "history.1.t"}


def test_the_vendors_examples_were_found() -> None:
    assert [name for name, _, _ in examples()] == [
        "milesight-am307",
        *["milesight-ct101"] * 5,
        "milesight-em300-di",
        *["milesight-em300-th"] * 2,
    ]


# The largest numbers but one: what is signed is −2, what is not is as large as it can be.
LARGEST: dict[str, tuple[str, dict[str, float]]] = {
    "milesight-em300-th": (
        "0175FE 0367FEFF 0468FE",
        {"battery": 254, "temperature": -0.2, "humidity": 127},
    ),
    "milesight-em300-di": (
        "0500FE 05C8FEFFFFFF 05E1FEFFFDFF0000803F",
        {"gpio": 254, "pulse": 4294967294, "water_conv": 6553.4, "pulse_conv": 6553.3, "water": 1},
    ),
    "milesight-am307": (
        "0500FE 06CBFE 077DFEFF 087DFEFF 0973FEFF",
        {"pir": 254, "light_level": 254, "co2": 65534, "tvoc": 655.34, "pressure": 6553.4},
    ),
    "milesight-ct101": (
        "0397FEFFFFFF 0967FEFF 8498FEFFFDFFFCFF00",
        {
            "total_current": 42949672.94,
            "temperature": -0.2,
            "current_max": 655.34,
            "current_min": 655.33,
            "current": 655.32,
        },
    ),
    "elsys-ers": (
        "02FE 03FEFDFC 04FFFE 05FE 06FFFE 07FFFE 08FFFE 0AFFFE 0BFFFFFFFE 0CFFFE 0DFE 0EFFFE 0FFE"
        "11FE 12FE 15FEFD 16FFFE 17FFFFFFFE 18FFFE 19FFFE 1AFE 1BFFFFFFFE 1CFFFE 14000F4240",
        {
            "humidity": 254, "x": -2, "y": -3, "z": -4, "light": 65534, "pir": 254, "co2": 65534,
            "vdd": 65534, "analog1": 65534, "pulse1": 65534, "pulseAbs": 4294967294,
            "externalTemperature": -0.2, "digital": 254, "distance": 65534, "accMotion": 254,
            "occupancy": 254, "waterleak": 254, "soundPeak": 254, "soundAvg": 253,
            "pulse2": 65534, "pulseAbs2": 4294967294, "analog2": 65534,
            "externalTemperature2": -0.2, "digital2": 254, "analogUv": -2, "tvoc": 65534,
            "pressure": 1000,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGEST)
def test_which_numbers_have_a_sign(name: str) -> None:
    data, expected = LARGEST[name]
    assert DECODERS[name](5, bytes.fromhex(data)) == expected


def registers() -> Iterator[tuple[str, int, int, float, bool, str]]:
    """(decoder, register, size, resolution, whether signed, name) as the vendor's documents say."""
    for line in (FRAMES / "yobiiq_registers.table").read_text().splitlines()[1:]:
        number, size, resolution, sign, name = line.split()
        told = int(number, 16), int(size), float(resolution), sign == "signed"
        yield ("yobiiq-em4301", *told, name)
        if "L2" not in name and "L3" not in name and name not in ("currentL123", "activePowerL123"):
            yield ("yobiiq-em2101", *told, name.replace("L123", "L1"))


@pytest.mark.parametrize("told", list(registers()))
def test_every_register_of_the_vendors_documents(
    told: tuple[str, int, int, float, bool, str],
) -> None:
    decoder, register, size, resolution, is_signed, name = told
    number = -2 if is_signed else 256**size - 2
    data = bytes([1, register]) + number.to_bytes(size, "big", signed=is_signed)
    (found,) = DECODERS[decoder](1, data).items()
    assert found == (name, pytest.approx(number * resolution))
