"""Single values and lists → YAML as a person would write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime, time

from gebaeude.text import BERLIN

_WIDTH = 118
_PLAIN = re.compile(r"[A-Za-zÄÖÜäöüß][\w ÄÖÜäöüß₂.()/+-]*(?<! )", re.ASCII)
# What YAML takes for something else than a text, in any spelling.
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

Pairs = Iterable[tuple[str, str | None]]


def quote(text: str) -> str:
    """A text as a YAML value: plain where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def optional(text: str | None) -> str | None:
    """The same for a text that may be missing."""
    return None if text is None else quote(text)


def real(value: float) -> str:
    """A number with all its digits, without `.0` where it is whole."""
    return repr(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)


def span(seconds: int) -> str:
    """Seconds as 30s, 15min, 1h or 1d."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def moment(at: datetime) -> str:
    """A date where it is midnight in Germany, else date and time there."""
    local = at.astimezone(BERLIN)
    midnight = datetime.combine(local.date(), time(), BERLIN) == at
    return local.date().isoformat() if midnight else local.isoformat()


def mapping(pairs: Pairs) -> list[str]:
    """`a: 1` for each pair that has a value."""
    return [f"{name}: {value}" for name, value in pairs if value is not None]


def inline(pairs: Pairs) -> str:
    """`{a: 1, b: 2}`"""
    return f"{{{', '.join(mapping(pairs))}}}"


def wrapped(start: str, items: list[str], end: str, indent: int) -> list[str]:
    """`start item, item end` on as many lines as it takes; the others begin indented."""
    lines = [start]
    for position, item in enumerate(items):
        piece = item + (end if position == len(items) - 1 else ",")
        if position and len(lines[-1]) + len(piece) + 1 > _WIDTH:
            lines.append(" " * indent + piece)
        else:
            lines[-1] += (" " if position else "") + piece
    return lines if items else [start + end]


def entry(indent: int, pairs: Pairs) -> list[str]:
    """`- {a: 1, b: 2}`"""
    return wrapped(f"{' ' * indent}- {{", mapping(pairs), "}", indent + 3)
