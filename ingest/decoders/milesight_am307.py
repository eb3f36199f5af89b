"""Milesight AM307: climate, CO₂, presence and light in a room.

`tvoc` is an index of air quality (1.00 to 5.00) or in µg/m³, as its owner set it, under the same
name. `light_level` is a class of brightness (0 to 5). `pir` is 1 where somebody moved.
Older decoders, and converters made after them, give the index a hundred times too high.
Frames may carry formaldehyde and dust, which larger models of the family (AM319) measure.

Source: Milesight SensorDecoders, am-series/am307/README.md and am319-hcho/README.md.
"""

from __future__ import annotations

from ingest.decoders.items import Item, Part
from ingest.decoders.milesight import ABOUT_THE_DEVICE, BATTERY, TIME, past, present
from ingest.decoders.milesight_em300_th import HUMIDITY, TEMPERATURE

UNITS: dict[str, str] = {
    "battery": "%", "temperature": "°C", "humidity": "%", "co2": "ppm", "pressure": "hPa",
}  # fmt: skip

_PIR = Part("pir", "B")
_LIGHT = Part("light_level", "B")
_CO2 = Part("co2", "H")
_INDEX = Part("tvoc", "H", 100)
_MASS = Part("tvoc", "H")
_PRESSURE = Part("pressure", "H", 10)
_OF_LARGER = (Part("", "H"),)
_CLIMATE = (Part(TIME, "I"), TEMPERATURE, Part("humidity", "H", 2), _PIR, _LIGHT, _CO2)

TABLE: dict[bytes, Item] = {
    **ABOUT_THE_DEVICE,
    **BATTERY,
    b"\x03\x67": (TEMPERATURE,),
    b"\x04\x68": (HUMIDITY,),
    b"\x05\x00": (_PIR,),
    b"\x06\xcb": (_LIGHT,),
    b"\x07\x7d": (_CO2,),
    b"\x08\x7d": (_INDEX,),
    b"\x08\xe6": (_MASS,),
    b"\x09\x73": (_PRESSURE,),
    b"\x0a\x7d": _OF_LARGER,
    b"\x0b\x7d": _OF_LARGER,
    b"\x0c\x7d": _OF_LARGER,
    b"\x0e\x01": (Part("", "B"),),  # buzzer
    b"\x20\xce": (*_CLIMATE, _INDEX, _PRESSURE),
    b"\x21\xce": (*_CLIMATE, _MASS, _PRESSURE),
}


def decode(port: int, data: bytes) -> dict[str, float]:
    """The values of now. Raises DecodeError."""
    return present(TABLE, data)


def history(port: int, data: bytes) -> list[tuple[int, dict[str, float]]]:
    """The values of earlier, with their times [µs since 1970-01-01 UTC]. Raises DecodeError."""
    return past(TABLE, data)
