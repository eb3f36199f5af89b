"""SenML packs as CBOR (RFC 8428, section 6): the same records as in JSON, with numbers as labels.

Topics, device, time and fields are those of `senml`: a pack on `senml/…` is CBOR where its first
byte begins a CBOR array, which no JSON text can begin with.

Traps
- Labels are small integers, of the base fields negative ones. Other integers may come and are left
  out; a text label that ends in `_` must be understood, and so the pack is refused.
- Numbers may be decimal fractions or big ones (tags 4, 5, 2, 3).
- A pack may announce a length that never comes, nest without end, or share parts of itself.

Source: RFC 8428, section 6 and table 4.
"""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import cbor2

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.formats.common import MOST_VALUES, within

LABELS: dict[int, str] = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # fmt: skip
DEEPEST = 4  # array, map, tag, the tag's array
LONGEST = 32 * MOST_VALUES  # bytes; a record of name, time and value takes fewer


def is_cbor(payload: bytes) -> bool:
    """Whether a pack is CBOR: an array, of a length known or not."""
    return 0x80 <= payload[0] <= 0x9F if payload else False


def records(payload: bytes) -> list[dict[str, object]]:
    """The pack's records as JSON would have them.

    Raises DecodeError: invalid_structure, too_large.
    """
    within(len(payload), LONGEST)
    decoder = cbor2.CBORDecoder(BytesIO(payload), max_depth=DEEPEST)
    try:
        pack = decoder.decode()
    except Exception as error:  # a tag's conversion raises what it likes
        raise DecodeError(Reason.INVALID_STRUCTURE, str(error)[:80]) from None
    if not (isinstance(pack, list) and _is_read(decoder)):
        raise DecodeError(Reason.INVALID_STRUCTURE, "CBOR")
    within(len(pack))
    return [_named(record) for record in pack]


def _is_read(decoder: cbor2.CBORDecoder) -> bool:
    """Whether nothing stands behind the pack."""
    try:
        decoder.read(1)
    except cbor2.CBORDecodeEOF:
        return True
    return False


def _named(record: object) -> dict[str, object]:
    if not isinstance(record, dict):
        raise DecodeError(Reason.INVALID_STRUCTURE, "CBOR")
    named: dict[str, object] = {}
    for label, value in record.items():
        if isinstance(label, str):
            if label.endswith("_"):
                raise DecodeError(Reason.INVALID_STRUCTURE, label[:80])
        elif isinstance(label, int) and label in LABELS:
            named[LABELS[label]] = float(value) if isinstance(value, Decimal) else value
    return named
