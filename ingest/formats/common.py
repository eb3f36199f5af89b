"""What the formats share: JSON that may hold NaN, numbers, and times of honest zone."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache, wraps
from itertools import islice
from typing import TypeVar

import msgspec

from gebaeude.config import settings
from gebaeude.errors import DecodeError
from gebaeude.model import Reason

T = TypeVar("T")
Key = TypeVar("Key", str, bytes)

NAN = math.nan
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_KEY = 200  # characters or bytes of what is remembered
DEEPEST = 16  # no real device nests further
MOST_VALUES = settings().message_values  # of one message
_MOST_CONTAINERS = 2 * MOST_VALUES  # objects and arrays

# Not float(): that takes "1_000", "nan", "infinity" and digits of every script. Possessive: half a
# megabyte of digits and a letter must not be tried at every place.
_NUMBER = re.compile(r"\s*+[-+]?(\d++\.?\d*+|\.\d++)([eE][-+]?\d++)?\s*+", re.ASCII)


def remembered(most: int) -> Callable[[Callable[[Key], T]], Callable[[Key], T]]:
    """As lru_cache, for short keys: senders choose them, and could fill memory with long ones."""

    def decorate(look: Callable[[Key], T]) -> Callable[[Key], T]:
        cached = lru_cache(maxsize=most)(look)

        @wraps(look)
        def bounded(key: Key) -> T:
            return cached(key) if len(key) <= LONGEST_KEY else look(key)

        return bounded

    return decorate


def parse(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    """The payload as the decoder's type.

    NaN, Infinity and 1e999 are no JSON, but devices send them: they come through as what they
    are, so that only the value itself is refused and not its neighbours.
    Raises DecodeError: empty, too_large, invalid_utf8, invalid_json, invalid_structure.
    """
    if not payload:
        raise DecodeError(Reason.EMPTY, "")
    if len(payload) > _MOST_CONTAINERS:
        within(payload.count(b"{") + payload.count(b"["), _MOST_CONTAINERS)
    try:
        return decoder.decode(payload)
    except UnicodeDecodeError as error:
        raise DecodeError(Reason.INVALID_UTF8, str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        return _parse_leniently(decoder, payload, str(error))


def _parse_leniently(decoder: msgspec.json.Decoder[T], payload: bytes, strict: str) -> T:
    try:
        tree = json.loads(payload.decode("utf-8-sig"))
        return msgspec.convert(tree, decoder.type)
    except UnicodeDecodeError as error:
        raise DecodeError(Reason.INVALID_UTF8, str(error)) from None
    except msgspec.ValidationError as error:
        raise DecodeError(Reason.INVALID_STRUCTURE, str(error)) from None
    except (ValueError, RecursionError):
        raise DecodeError(Reason.INVALID_JSON, strict) from None


def within(count: int, most: int = MOST_VALUES) -> None:
    """Raises DecodeError, too_large, where a message holds more than it may of something."""
    if count > most:
        raise DecodeError(Reason.TOO_LARGE, f"> {most}")


def bounded(values: Iterable[T]) -> list[T]:
    """The values as a list. Raises DecodeError: too_large."""
    found = list(islice(values, MOST_VALUES + 1))
    within(len(found))
    return found


def number(value: object) -> float:
    """The value as a float; NaN where it is none. Truth values are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NAN
    try:
        return float(value)
    except OverflowError:
        return math.inf


def number_or_text(value: object) -> float:
    """As `number`, for sources that are known to put numbers into quotes."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else NAN
    return number(value)


def moment(text: str | None) -> int:
    """An ISO 8601 time with its zone, as µs since 1970-01-01 UTC.

    Raises DecodeError: time_missing where there is none to be read, time_naive without a zone.
    """
    if text is None:
        raise DecodeError(Reason.TIME_MISSING, "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise DecodeError(Reason.TIME_MISSING, repr(text)[:80]) from None
    if at.tzinfo is None:
        raise DecodeError(Reason.TIME_NAIVE, text)
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def seconds(value: float | None) -> int:
    """Seconds since 1970-01-01 UTC as µs. Raises DecodeError: time_missing."""
    microseconds = math.nan if value is None else value * 1_000_000
    if not math.isfinite(microseconds):
        raise DecodeError(Reason.TIME_MISSING, "" if value is None else str(value))
    return round(microseconds)


def leaves(tree: object, name: str) -> Iterator[tuple[str, object]]:
    """Every single value below `tree` with its name: keys and indices joined by dots.

    Raises DecodeError: invalid_structure where it nests deeper than `DEEPEST`.
    """
    if not isinstance(tree, dict | list):
        yield name, tree
        return
    open_ones = [(name, _members(tree))]
    while open_ones:
        name, members = open_ones[-1]
        for key, value in members:
            if isinstance(value, dict | list):
                if len(open_ones) == DEEPEST:
                    raise DecodeError(Reason.INVALID_STRUCTURE, f"{name}: > {DEEPEST}")
                open_ones.append((f"{name}.{key}", _members(value)))
                break
            yield f"{name}.{key}", value
        else:
            open_ones.pop()


def _members(of: dict[object, object] | list[object]) -> Iterator[tuple[object, object]]:
    return iter(of.items()) if isinstance(of, dict) else enumerate(of)
