"""Milesight EM300-TH: temperature and humidity, indoors and outdoors.

Source: Milesight SensorDecoders, em-series/em300-th/README.md.
"""

from __future__ import annotations

from ingest.decoders.items import Item, Part
from ingest.decoders.milesight import ABOUT_THE_DEVICE, BATTERY, TIME, past, present

TEMPERATURE = Part("temperature", "h", 10)
HUMIDITY = Part("humidity", "B", 2)
UNITS: dict[str, str] = {"battery": "%", "temperature": "°C", "humidity": "%"}

TABLE: dict[bytes, Item] = {
    **ABOUT_THE_DEVICE,
    **BATTERY,
    b"\x03\x67": (TEMPERATURE,),
    b"\x04\x68": (HUMIDITY,),
    b"\x20\xce": (Part(TIME, "I"), TEMPERATURE, HUMIDITY, Part("", "B")),
}


def decode(port: int, data: bytes) -> dict[str, float]:
    """The values of now. Raises DecodeError."""
    return present(TABLE, data)


def history(port: int, data: bytes) -> list[tuple[int, dict[str, float]]]:
    """The values of earlier, with their times [µs since 1970-01-01 UTC]. Raises DecodeError."""
    return past(TABLE, data)
