"""Decoders of raw LoRaWAN frames: real frames with the result their origin states, and damage."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.decoders import DECODERS, HISTORIES, UNITS
from tests.messages import PAYLOADS
from tests.rawframes import examples, numbers

# Real uplinks with the result that ThingsBoard's converter gives.
UPLINKS = {
    "chirpstack/elsys_ers2_co2": "elsys-ers",
    "chirpstack/milesight_am307_iaq": "milesight-am307",
    "chirpstack/milesight_ct101_current": "milesight-ct101",
    "chirpstack/milesight_em300_th": "milesight-em300-th",
    "chirpstack/yobiiq_em2101_1phase_meter": "yobiiq-em2101",
    "thethingsstack/elsys_ers2_co2": "elsys-ers",
    "thethingsstack/yobiiq_em4301_3phase_meter": "yobiiq-em4301",
}
# Where the origin of a result is wrong by the vendor's own document: the index of air quality is
# sent as hundredths, and the vendor's example of the very same bytes has 0.37.
CORRECTED = {"chirpstack/milesight_am307_iaq": {"tvoc": 0.37}}
# The meter's own clock, which the converter takes for the time of the values.
CLOCK = "dataloggerTimestamp"


def frame(name: str) -> tuple[int, bytes]:
    """(port, data) of a raw uplink of either network server."""
    uplink = json.loads((PAYLOADS / f"{name}.json").read_bytes())
    if "uplink_message" in uplink:
        told = uplink["uplink_message"]
        return told.get("f_port", 0), base64.b64decode(told["frm_payload"])
    return uplink.get("fPort", 0), base64.b64decode(uplink["data"])


@pytest.mark.parametrize("name", UPLINKS)
def test_a_real_uplink_gives_what_its_origin_states(name: str) -> None:
    expected = json.loads((PAYLOADS / f"{name}.expected.json").read_bytes())["telemetry"][-1]
    values = DECODERS[UPLINKS[name]](*frame(name))
    if CLOCK in values:
        assert values.pop(CLOCK) * 1000 == expected["ts"]
    assert values == numbers(expected["values"]) | CORRECTED.get(name, {})


def test_every_raw_uplink_we_hold_is_decoded_by_somebody() -> None:
    raw = set()
    for path in (*PAYLOADS.glob("chirpstack/*.json"), *PAYLOADS.glob("thethingsstack/*.json")):
        text = path.read_text()
        if re.search(r'"(data|frm_payload)": ', text) and "expected" not in path.name:
            raw.add(f"{path.parent.name}/{path.stem}")
    documentation = {"chirpstack/docs_up", "thethingsstack/docs_down_ack"}
    assert raw - documentation == UPLINKS.keys()


@pytest.mark.parametrize(
    ("name", "port", "data", "expected"),
    [
        ("milesight-em300-th", 85, "0367 9CFF", {"temperature": -10.0}),
        ("milesight-em300-th", 85, "0367 FFFF", {"temperature": -0.1}),
        ("milesight-em300-di", 85, "05C8 39300000", {"pulse": 12345}),
        ("milesight-em300-di", 85, "0500 01", {"gpio": 1}),
        ("milesight-em300-di", 85, "8500 0001", {"gpio": 0}),
        (
            "milesight-em300-di",
            85,
            "05E1 0A00 6400 CDCC8C3F",
            {"water_conv": 1, "pulse_conv": 10, "water": 1.1},
        ),
        ("milesight-em300-di", 85, "05E1 0A00 6400 0000C07F", {"water_conv": 1, "pulse_conv": 10}),
        (
            "milesight-em300-di",
            85,
            "85E1 0A00 6400 CDCC8C3F 01 046865",
            {"water_conv": 1, "pulse_conv": 10, "water": 1.1, "humidity": 50.5},
        ),
        ("milesight-am307", 85, "08E6 2500", {"tvoc": 37}),
        ("milesight-am307", 85, "0E0101 0367EE00", {"temperature": 23.8}),
        ("milesight-ct101", 85, "8967 9CFF 01 01755C", {"temperature": -10, "battery": 92}),
        ("milesight-ct101", 85, "0967 FDFF", {}),
        ("milesight-ct101", 85, "0967 DD00", {"temperature": 22.1}),
        ("elsys-ers", 5, "01FF9C", {"temperature": -10}),
        ("elsys-ers", 5, "0B0001E240 0CFFF6", {"pulseAbs": 123456, "externalTemperature": -1}),
        ("elsys-ers", 5, "10FFF6FFEC", {"irInternalTemperature": -1, "irExternalTemperature": -2}),
        ("elsys-ers", 5, "1BFFFFFFFE", {"analogUv": -2}),
        ("elsys-ers", 5, "19FFF6", {"externalTemperature2": -1}),
        (
            "elsys-ers",
            5,
            "0100E2 1900C8 19FFF6 0229",
            {
                "temperature": 22.6,
                "humidity": 41,
                "externalTemperature2.0": 20,
                "externalTemperature2.1": -1,
            },
        ),
        (
            "elsys-ers",
            5,
            "13" + "0A" * 65 + "0229 09" + "01" * 6 + "0608AC",
            {"humidity": 41, "co2": 2220},
        ),
        ("yobiiq-em2101", 1, "FE14FFFFFFF6", {"activePowerL1": -10}),
        ("yobiiq-em2101", 1, "FE1DA6 FE20FF9C", {"powerFactorL1": -0.9, "phaseAngleL1": -1}),
        ("yobiiq-em4301", 1, "FE16FFFFFFF6 FE1FA6", {"activePowerL3": -10, "powerFactorL3": -0.9}),
        ("yobiiq-em2101", 1, "010A000003E8", {"reactiveEnergyExportL1T1": 1000}),
        ("yobiiq-em2101", 1, "0B0A07", {"modbusErrorCode": 7}),
        ("yobiiq-em2101", 1, "00", {}),
        ("yobiiq-em2101", 50, "FF0B01", {}),
        ("yobiiq-em4301", 11, "010101", {}),
        # Dragino's manual of the LHT65(N), one for each kind of external sensor.
        (
            "dragino-lht65n",
            2,
            "CBF60B0D0376010ADD7FFF",
            {"BatV": 3.062, "TempC_SHT": 28.29, "Hum_SHT": 88.6, "TempC_DS": 27.81},
        ),
        (
            "dragino-lht65n",
            2,
            "CBBDF5C6022E01F54F7FFF",
            {"BatV": 3.005, "TempC_SHT": -26.18, "Hum_SHT": 55.8, "TempC_DS": -27.37},
        ),
        (
            "dragino-lht65n",
            2,
            "CB040B55025A0401007FFF",
            {
                "BatV": 2.82,
                "TempC_SHT": 29.01,
                "Hum_SHT": 60.2,
                "Exti_pin_level": 1,
                "Exti_status": 0,
            },
        ),
        (
            "dragino-lht65n",
            2,
            "CB030B2D027C0501917FFF",
            {"BatV": 2.819, "TempC_SHT": 28.61, "Hum_SHT": 63.6, "ILL_lx": 401},
        ),
        (
            "dragino-lht65n",
            2,
            "CB0B0B640272060B067FFF",
            {"BatV": 2.827, "TempC_SHT": 29.16, "Hum_SHT": 62.6, "ADC_V": 2.822},
        ),
        (
            "dragino-lht65n",
            2,
            "CBD50B0502E70700067FFF",
            {"BatV": 3.029, "TempC_SHT": 28.21, "Hum_SHT": 74.3, "Exit_count": 6},
        ),
        (
            "dragino-lht65n",
            2,
            "CBD50B0502E70800010006",
            {"BatV": 3.029, "TempC_SHT": 28.21, "Hum_SHT": 74.3, "Exit_count": 65542},
        ),
        (
            "dragino-lht65n",
            2,
            "0ADD0B0DC37609655DE8C0",
            {"TempC_SHT": 28.29, "Hum_SHT": 88.6, "TempC_DS": 27.81},
        ),
        (
            "dragino-lht65n",
            2,
            "CBF67FFF0376017FFF7FFF",
            {"BatV": 3.062, "Hum_SHT": 88.6},
        ),
        # The LHT65 marks a thermometer that is not there with the flag that means "of earlier" now.
        (
            "dragino-lht65n",
            2,
            "CBF60B0D0376817FFF7FFF",
            {"BatV": 3.062, "TempC_SHT": 28.29, "Hum_SHT": 88.6},
        ),
        (
            "dragino-lht65n",
            2,
            "CBF60B0D03760BFF9C81F4",
            {
                "BatV": 3.062,
                "TempC_SHT": 28.29,
                "Hum_SHT": 88.6,
                "Ext_TempC_SHT": -1,
                "Ext_Hum_SHT": 50,
            },
        ),
        ("dragino-lht65n", 5, "0B1506FF0BFF", {}),
    ],
)
def test_a_frame(name: str, port: int, data: str, expected: dict[str, float]) -> None:
    assert DECODERS[name](port, bytes.fromhex(data)) == expected


def test_records_of_earlier_do_not_become_present_ones() -> None:
    data = bytes.fromhex("0ADD0B0D037641655DE8C07FFFF5C6022E41655DE9EC")
    assert DECODERS["dragino-lht65n"](2, data) == {}
    assert HISTORIES["dragino-lht65n"](2, data) == [
        (1_700_653_248_000_000, {"TempC_SHT": 28.29, "Hum_SHT": 88.6, "TempC_DS": 27.81}),
        (1_700_653_548_000_000, {"TempC_SHT": -26.18, "Hum_SHT": 55.8}),
    ]


def test_what_was_not_acknowledged_is_of_earlier() -> None:
    data = bytes.fromhex("0ADD0B0D037681655DE8C0")
    assert DECODERS["dragino-lht65n"](2, data) == {}
    assert HISTORIES["dragino-lht65n"](2, data) == [
        (1_700_653_248_000_000, {"TempC_SHT": 28.29, "Hum_SHT": 88.6, "TempC_DS": 27.81})
    ]


def test_several_records_of_earlier_and_one_of_now() -> None:
    data = bytes.fromhex("01755C 20CE9E74466310015D00 20CEF676466311015E00 03673401")
    assert DECODERS["milesight-em300-th"](85, data) == {"battery": 92, "temperature": 30.8}
    assert HISTORIES["milesight-em300-th"](85, data) == [
        (1_665_561_758_000_000, {"temperature": 27.2, "humidity": 46.5}),
        (1_665_562_358_000_000, {"temperature": 27.3, "humidity": 47}),
    ]


def test_contact_and_count_of_earlier_by_what_the_input_was_set_to() -> None:
    contact = bytes.fromhex("20CE9E74466310015D010100010000")
    assert HISTORIES["milesight-em300-di"](85, contact) == [
        (1_665_561_758_000_000, {"temperature": 27.2, "humidity": 46.5, "gpio": 1})
    ]
    water = bytes.fromhex("21CE9E74466310015D0002000A006400CDCC8C3F")
    ((_, values),) = HISTORIES["milesight-em300-di"](85, water)
    assert values == {
        "temperature": 27.2,
        "humidity": 46.5,
        "water_conv": 1,
        "pulse_conv": 10,
        "water": 1.1,
    }


def test_climate_of_earlier_of_an_am307() -> None:
    data = bytes.fromhex("9E744663EE007C000102A80325006627")
    values = {
        "temperature": 23.8,
        "humidity": 62,
        "pir": 1,
        "light_level": 2,
        "co2": 936,
        "pressure": 1008.6,
    }
    for tag, air in (("20CE", 0.37), ("21CE", 37)):  # an index, or µg/m³
        assert HISTORIES["milesight-am307"](85, bytes.fromhex(tag) + data) == [
            (1_665_561_758_000_000, values | {"tvoc": air})
        ]


@pytest.mark.parametrize(
    ("name", "port", "data", "reason"),
    [
        ("milesight-em300-th", 85, "01755C 0367", Reason.INVALID_STRUCTURE),
        ("milesight-em300-th", 85, "01755C 0A7D2004", Reason.UNDECODED),
        ("milesight-em300-th", 85, "FE020A00", Reason.UNDECODED),
        ("elsys-ers", 5, "0100E2 3E05", Reason.UNDECODED),
        ("elsys-ers", 5, "0100", Reason.INVALID_STRUCTURE),
        ("yobiiq-em2101", 1, "FE0D00000906", Reason.UNDECODED),
        ("yobiiq-em4301", 1, "FE", Reason.UNDECODED),
        ("yobiiq-em4301", 99, "FE0D00000906", Reason.UNDECODED),
        ("milesight-em300-th", 85, "01755C" * 100, Reason.INVALID_STRUCTURE),
        ("dragino-lht65n", 2, "CBF6", Reason.INVALID_STRUCTURE),
        ("dragino-lht65n", 2, "0ADD0B0D037641655DE8C000", Reason.INVALID_STRUCTURE),
        ("dragino-lht65n", 3, "CBF60B0D0376010ADD7FFF", Reason.UNDECODED),
    ],
)
def test_what_is_refused(name: str, port: int, data: str, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        DECODERS[name](port, bytes.fromhex(data))
    assert caught.value.reason is reason


REAL = [frame(name) for name in UPLINKS] + [(85, data) for _, data, _ in examples()]


@given(st.sampled_from(sorted(DECODERS)), st.integers(0, 255), st.binary(max_size=60))
def test_any_bytes(name: str, port: int, data: bytes) -> None:
    check(name, port, data)


@given(
    st.sampled_from(sorted(DECODERS)),
    st.sampled_from(REAL),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)), max_size=4),
    st.integers(0, 60),
)
def test_damaged_real_frames(
    name: str, real: tuple[int, bytes], changes: list[tuple[int, int]], length: int
) -> None:
    port, data = real[0], bytearray(real[1])
    for place, byte in changes:
        data[place % len(data)] = byte
    check(name, port, bytes(data)[:length])


def check(name: str, port: int, data: bytes) -> None:
    with suppress(DecodeError):
        values = DECODERS[name](port, data)
        assert all(value == value and abs(value) < 1e39 for value in values.values())
    with suppress(DecodeError, KeyError):
        for time, values in HISTORIES[name](port, data):
            assert 0 <= time < 2**52 * 1_000_000
            assert all(value == value for value in values.values())


def test_units_are_told_for_every_decoder() -> None:
    assert UNITS.keys() == DECODERS.keys()
    assert HISTORIES.keys() <= DECODERS.keys()
