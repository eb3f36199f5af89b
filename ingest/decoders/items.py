"""Frames that are a row of items, each with a tag that tells what it is and how long.

A decoder's table names the parts of each item; how tags and numbers lie in the frame is its
vendor's `Layout`. A tag in the table that is only the last byte of one stands for all of these.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.singles import shortest


class Part(NamedTuple):
    """One number of an item. name: "" for bytes that are none. code: as in `struct`.

    The value is the number divided by `divisor`; numbers in `invalid` say "not available".
    """

    name: str
    code: str
    divisor: int = 1
    invalid: frozenset[int] = frozenset()


Item = tuple[Part, ...]
LONGEST = 255  # bytes; LoRaWAN has no longer frames


class Layout(NamedTuple):
    """tag: bytes of a tag. order: `<` or `>`, as in `struct`."""

    tag: int
    order: str


def items(
    table: Mapping[bytes, Item], layout: Layout, data: bytes
) -> Iterator[tuple[bytes, dict[str, float]]]:
    """Every item's tag and values, in the frame's order; zeros at the end fill it up.

    Raises DecodeError: undecoded for an unknown tag, invalid_structure for an item cut short.
    """
    if len(data) > LONGEST:
        raise DecodeError(Reason.INVALID_STRUCTURE, f"{len(data)} B")
    at, end = 0, len(data.rstrip(b"\0"))
    while at < end:
        tag = data[at : at + layout.tag]
        parts = table.get(tag) or table.get(tag[-1:])
        if parts is None:
            raise DecodeError(Reason.UNDECODED, f"{tag.hex()} at {at}")
        at += layout.tag
        shape = struct.Struct(layout.order + "".join(part.code for part in parts))
        if len(data) < at + shape.size:
            raise DecodeError(Reason.INVALID_STRUCTURE, f"{tag.hex()} cut short at {len(data)}")
        yield tag, _values(parts, shape.unpack_from(data, at))
        at += shape.size


def _values(parts: Item, numbers: tuple[Any, ...]) -> dict[str, float]:
    """Of numbers that are there; a float of the wire may be NaN, which is none."""
    return {
        part.name: (shortest(number) if part.code == "f" else number) / part.divisor
        for part, number in zip(parts, numbers, strict=True)
        if part.name and number not in part.invalid and math.isfinite(number)
    }
