"""The payload formats, and which topics carry which.

A format is one module with `TOPICS` and `decode(message) -> list[Sample]`, and one line of the
table in `gebaeude.portfolio.vocabulary`. `decode` returns nothing for a message that is no reading,
a sample whose value is NaN for text or NaN where a number may be expected, and raises DecodeError,
and nothing else, for a message it cannot read. A module may have `signal` too, see `Format`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from gebaeude.portfolio import vocabulary
from ingest.formats.common import remembered
from ingest.formats.radio import Signal

Listen = Callable[[Message], Signal | None]


class Format(msgspec.Struct, frozen=True):
    """topics: MQTT filters, of which `#` may stand anywhere for one level or more.

    signal: how well the sender's radio is heard, where the format's messages tell.
    """

    topics: tuple[str, ...]
    decode: Callable[[Message], list[Sample]]
    signal: Listen | None = None


def _format(name: str) -> Format:
    module = import_module(f"{__name__}.{name}")
    return Format(module.TOPICS, module.decode, getattr(module, "signal", None))


FORMATS: dict[str, Format] = {name: _format(name) for name in vocabulary.FORMATS}

_LEVELS = {"+": "[^/]*", "#": ".*"}


def _pattern(topics: tuple[str, ...]) -> str:
    return "|".join(
        "/".join(_LEVELS.get(level) or re.escape(level) for level in topic.split("/"))
        for topic in topics
    )


# Topics that begin with a word are tried before those that may begin with anything, which would
# else take somebody's `plain/rathaus/evcc/power` for their own.
def _alternatives(mark: str, *, begin_with_word: bool) -> list[str]:
    """A group for each format, called after it and marked, of its topics of this kind."""
    found = {
        name: tuple(one for one in kind.topics if (one[0] not in "+#") is begin_with_word)
        for name, kind in FORMATS.items()
    }
    return [f"(?P<{name}{mark}>{_pattern(topics)})" for name, topics in found.items() if topics]


_MARK = "_"  # a name may stand in a pattern only once
_any_format = re.compile(
    "|".join(_alternatives("", begin_with_word=True) + _alternatives(_MARK, begin_with_word=False)),
    re.DOTALL,
)


@remembered(131_072)
def format_of(topic: bytes) -> str:
    """The name of the format a topic carries. Raises DecodeError: invalid_utf8, unknown_topic."""
    try:
        found = _any_format.fullmatch(topic.decode())
    except UnicodeDecodeError as error:
        raise DecodeError(Reason.INVALID_UTF8, str(error)) from None
    if found is None or found.lastgroup is None:
        raise DecodeError(Reason.UNKNOWN_TOPIC, "")
    return found.lastgroup.removesuffix(_MARK)
