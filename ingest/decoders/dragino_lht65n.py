"""Dragino LHT65N (also LHT65): temperature and humidity, with an external sensor of several kinds.

A frame on port 2 is a record of 11 bytes, big endian: battery, temperature, humidity, a byte of
flags and the kind of the external sensor, and four bytes of that sensor. With the flag "polled" or
"not acknowledged" it is a row of records of earlier: two bytes of the external sensor stand in the
battery's place, and a time in the last four. 327.67 °C is a thermometer that is not there; the
older LHT65 sets the flag "not acknowledged" for that, and there is no time then.
Port 5 tells about the device, port 3 carries a recording of its own kind. A count of 32 bits is
cut to 16 in records of earlier, and left out there.

Source: Dragino LHT65N manual, "Uplink payload" and "Datalog"; LHT65N-TTN-v1.5.6_decoder.txt;
lht65.js in the LoRaWAN device repository.
"""

from __future__ import annotations

import struct

from gebaeude.errors import DecodeError
from gebaeude.model import Reason

UNITS: dict[str, str] = {
    "BatV": "V", "TempC_SHT": "°C", "Hum_SHT": "%", "TempC_DS": "°C", "TempC_TMP117": "°C",
    "Ext_TempC_SHT": "°C", "Ext_Hum_SHT": "%", "ILL_lx": "lx", "ADC_V": "V", "Exit_count": "1",
}  # fmt: skip
PORT, ABOUT = 2, 5
SIZE = 11  # bytes of a record

NAMES: dict[int, str] = {  # kind of the external sensor → its value; 9, 10: with the device's time
    1: "TempC_DS", 2: "TempC_TMP117", 4: "Exti_pin_level", 5: "ILL_lx", 6: "ADC_V",
    7: "Exit_count", 8: "Exit_count", 9: "TempC_DS", 10: "TempC_TMP117", 11: "Ext_TempC_SHT",
}  # fmt: skip
_THERMOMETERS = frozenset({1, 2, 9, 10, 11})
_WITH_TIME = frozenset({9, 10})
_WIDE_COUNT = 8
_WITH_HUMIDITY = 11
_IDENTITIES = frozenset({0x0F, 0x10, 0x20})  # flags and kind of a message with a serial number
_ABSENT = 0x7FFF
_POLLED, _NOT_ACKNOWLEDGED = 0x40, 0x80

_record = struct.Struct(">2shHB4s")
_of_earlier = struct.Struct(">2shHBI")


def decode(port: int, data: bytes) -> dict[str, float]:
    """The values of now; none in a frame of earlier ones. Raises DecodeError."""
    if port == ABOUT or _is_of_earlier(port, data):
        return {}
    first, temperature, humidity, flags, external = _record.unpack_from(data)
    if flags in _IDENTITIES:
        return {}
    kind = flags & 0x0F
    values = _climate(temperature, humidity)
    if kind in _WITH_TIME:
        return values | _external(kind, first)
    values["BatV"] = (_whole(first) & 0x3FFF) / 1000
    if kind == _WIDE_COUNT:
        values["Exit_count"] = float(_whole(external))
    elif kind in NAMES:
        values |= _external(kind, external[:2])
    if kind == _WITH_HUMIDITY:
        values["Ext_Hum_SHT"] = (_whole(external[2:]) & 0x0FFF) / 10
    return values


def history(port: int, data: bytes) -> list[tuple[int, dict[str, float]]]:
    """The values of earlier, with their times [µs since 1970-01-01 UTC]. Raises DecodeError."""
    if port == ABOUT or not _is_of_earlier(port, data):
        return []
    return [
        (time * 1_000_000, _climate(temperature, humidity) | _external(flags & 0x0F, first))
        for first, temperature, humidity, flags, time in _of_earlier.iter_unpack(data)
    ]


def _is_of_earlier(port: int, data: bytes) -> bool:
    """Whether a frame holds records of earlier. Raises DecodeError."""
    if port != PORT:
        raise DecodeError(Reason.UNDECODED, f"port {port}")
    if len(data) < SIZE:
        raise DecodeError(Reason.INVALID_STRUCTURE, f"{len(data)} B")
    flags = data[6]
    is_absent = len(data) == SIZE and _whole(data[7:9]) == _ABSENT  # as a time it would be 2038
    is_of_earlier = bool(flags & _POLLED or (flags & _NOT_ACKNOWLEDGED and not is_absent))
    if is_of_earlier and len(data) % SIZE:
        raise DecodeError(Reason.INVALID_STRUCTURE, f"{len(data)} B")
    return is_of_earlier


def _climate(temperature: int, humidity: int) -> dict[str, float]:
    values = {"Hum_SHT": (humidity & 0x0FFF) / 10}
    if temperature != _ABSENT:
        values["TempC_SHT"] = temperature / 100
    return values


def _external(kind: int, two: bytes) -> dict[str, float]:
    """The external sensor's value, from its first two bytes."""
    if kind not in NAMES or kind == _WIDE_COUNT:
        return {}
    if kind in _THERMOMETERS:
        celsius = int.from_bytes(two, "big", signed=True)
        return {} if celsius == _ABSENT else {NAMES[kind]: celsius / 100}
    if NAMES[kind] == "Exti_pin_level":
        return {"Exti_pin_level": float(two[0]), "Exti_status": float(two[1])}
    return {NAMES[kind]: _whole(two) / (1000 if NAMES[kind] == "ADC_V" else 1)}


def _whole(number: bytes) -> int:
    return int.from_bytes(number, "big")
