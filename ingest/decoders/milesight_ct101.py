"""Milesight CT101: current of a line, by a clamp; `total_current` is its integral.

65535 says that the clamp or the thermometer failed, 65533 that the temperature is out of range.
The CT103 and CT105 of the same family use other factors.

Source: Milesight SensorDecoders, ct-series/ct101/README.md.
"""

from __future__ import annotations

from ingest.decoders.items import Item, Part
from ingest.decoders.milesight import ABOUT_THE_DEVICE, BATTERY, present

UNITS: dict[str, str] = {
    "total_current": "Ah", "current": "A", "current_max": "A", "current_min": "A",
    "temperature": "°C", "battery": "%",
}  # fmt: skip

_FAILED = frozenset({0xFFFF})
_CURRENT = Part("current", "H", 100, _FAILED)
_TEMPERATURE = Part("temperature", "h", 10, frozenset({-3, -1}))
_ALARM = Part("", "B")

TABLE: dict[bytes, Item] = {
    **ABOUT_THE_DEVICE,
    **BATTERY,
    b"\x03\x97": (Part("total_current", "I", 100),),
    b"\x04\x98": (_CURRENT,),
    b"\x09\x67": (_TEMPERATURE,),
    b"\x84\x98": (
        Part("current_max", "H", 100, _FAILED),
        Part("current_min", "H", 100, _FAILED),
        _CURRENT,
        _ALARM,
    ),
    b"\x89\x67": (_TEMPERATURE, _ALARM),
}


def decode(port: int, data: bytes) -> dict[str, float]:
    """The values of now. Raises DecodeError."""
    return present(TABLE, data)
