"""Bare values, one topic and one value each: what the formats that send so have in common.

A bare value has no time of its own, so the moment of reception counts. A retained one that the
broker repeats at a subscription is refused for that reason; and a value that had to wait in the
broker while we were away comes late and counts as of then.
"""

from __future__ import annotations

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.formats.common import NAN, number_or_text

LONGEST = 64  # bytes of a number written out

_NO_NUMBERS = frozenset(
    sign + word for sign in ("", "+", "-") for word in ("nan", "inf", "infinity")
)


def bare(payload: bytes) -> float | None:
    """The number that the payload is, NaN for a word like `+Inf`, None for a state or nothing.

    Raises DecodeError: invalid_utf8.
    """
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError as error:
        raise DecodeError(Reason.INVALID_UTF8, str(error)) from None
    if len(text) > LONGEST:
        return None
    value = number_or_text(text)
    if value == value:
        return value
    return NAN if text.lower() in _NO_NUMBERS else None
