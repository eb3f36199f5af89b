"""What the Yobiiq electricity meters have in common: registers behind a channel, big endian.

A frame on ports 1 to 10 is a row of channel (1 byte), register (1 byte), data; the channel only
counts, and only register 0x0A of channel 11 is another one. Ports 11, 50 and 60 carry states,
settings and events, and a frame of one byte answers a command.
`timestamp` and `dataloggerTimestamp` are the meter's own clock [s since 1970], which is often days
off: no time to go by.

Source: Yobiiq decoders em2101.js, em4301.js in the LoRaWAN device repository.
"""

from __future__ import annotations

from collections.abc import Mapping

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.decoders.items import Item, Layout, Part, items

LAYOUT = Layout(tag=2, order=">")
REGISTERS = range(1, 11)  # ports
OTHERS = frozenset({0, 11, 50, 60})
ANSWERS = (b"\0", b"\1")  # done, failed
MODBUS_ERROR = b"\x0b\x0a"

CLOCKS: dict[int, Part] = {
    0x00: Part("index", "I"),
    0x01: Part("timestamp", "I"),
    0x03: Part("dataloggerTimestamp", "I"),
}
ABOUT_THE_DEVICE: dict[int, Part] = {
    0x2B: Part("", "I"),  # year of certification
    0xF0: Part("", "H"),  # year of manufacture
    0xF1: Part("", "H"),  # version of the firmware
    0xF2: Part("", "H"),  # version of the hardware
}


def table(registers: Mapping[int, Part]) -> dict[bytes, Item]:
    """The items by their tag: every register behind any channel."""
    items_of: dict[bytes, Item] = {bytes([number]): (part,) for number, part in registers.items()}
    return items_of | {MODBUS_ERROR: (Part("modbusErrorCode", "B"),)}


def values(of: Mapping[bytes, Item], port: int, data: bytes) -> dict[str, float]:
    """The registers of a frame. Raises DecodeError."""
    if port in OTHERS or (port in REGISTERS and data in ANSWERS):
        return {}
    if port not in REGISTERS:
        raise DecodeError(Reason.UNDECODED, f"port {port}")
    found: dict[str, float] = {}
    for _, value in items(of, LAYOUT, data):
        found.update(value)
    return found
