"""What all Milesight sensors have in common: channels, little endian, and what is no reading.

A frame is a row of channel (1 byte), type (1 byte), data. Channel 0xFF is about the device.
Values of earlier follow as items of their own, with seconds since 1970 UTC.

Source: Milesight SensorDecoders, the README of each product.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.decoders.items import Item, Layout, Part, items

LAYOUT = Layout(tag=2, order="<")

ABOUT_THE_DEVICE: dict[bytes, Item] = {
    b"\xff\x01": (Part("", "B"),),  # version of the protocol
    b"\xff\x09": (Part("", "H"),),  # version of the hardware
    b"\xff\x0a": (Part("", "H"),),  # version of the firmware
    b"\xff\x0b": (Part("", "B"),),  # switched on
    b"\xff\x0f": (Part("", "B"),),  # LoRaWAN class
    b"\xff\x16": (Part("", "Q"),),  # serial number
    b"\xff\xfe": (Part("", "B"),),  # reset
    b"\xff\xff": (Part("", "H"),),  # version of the description
}
BATTERY: dict[bytes, Item] = {b"\x01\x75": (Part("battery", "B"),)}
TIME = "timestamp"


def present(table: Mapping[bytes, Item], data: bytes) -> dict[str, float]:
    """The values of now. Raises DecodeError."""
    values: dict[str, float] = {}
    for _, found in items(table, LAYOUT, data):
        if TIME not in found:
            values.update(found)
    return values


def past(table: Mapping[bytes, Item], data: bytes) -> list[tuple[int, dict[str, float]]]:
    """The values of earlier with their times [µs since 1970-01-01 UTC]. Raises DecodeError."""
    return [
        (round(found.pop(TIME)) * 1_000_000, found)
        for _, found in items(table, LAYOUT, data)
        if TIME in found
    ]
