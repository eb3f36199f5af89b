"""Years, days, moments and durations as they are written in a portfolio file."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from gebaeude.portfolio.nodes import Node
from gebaeude.portfolio.values import Parser, Wrong, raw
from gebaeude.text import BERLIN, _

_SPAN = re.compile(r"([0-9]{1,6}) ?(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def year(node: Node) -> int:
    """A year in which something was built, or will be within five years."""
    value = raw(node)
    latest = datetime.now(BERLIN).year + 5
    if not re.fullmatch(r"[0-9]{4}", value) or not 1000 <= int(value) <= latest:
        raise Wrong((node.line, _("„{value}“ ist kein mögliches Jahr").format(value=value[:40])))
    return int(value)


def span(low: int, high: int) -> Parser[int]:
    """A duration such as 30s, 15min, 1h or 1d → seconds."""

    def parse(node: Node) -> int:
        value = raw(node)
        if not (match := _SPAN.fullmatch(value)):
            raise Wrong((node.line, _(
                "„{value}“ ist keine Dauer; geschrieben wird sie als 30s, 15min, 1h oder 1d"
            ).format(value=value[:40])))  # fmt: skip
        seconds = int(match[1]) * _SECONDS[match[2]]
        if not low <= seconds <= high:
            raise Wrong((node.line, _("„{value}“ ist als Dauer unplausibel").format(value=value)))
        return seconds

    return parse


def day(node: Node) -> date:
    """A date such as 2026-09-14."""
    value = raw(node)
    try:
        if _DAY.fullmatch(value) and 1950 <= (found := date.fromisoformat(value)).year <= 2200:
            return found
    except ValueError:
        pass
    raise Wrong((node.line, _(
        "„{value}“ ist kein mögliches Datum; geschrieben wird es als 2026-09-14"
    ).format(value=value[:40])))  # fmt: skip


def moment(node: Node) -> datetime:
    """A date (midnight in Germany) or a date and time (German, unless it says otherwise) → UTC."""
    value = raw(node)
    if _DAY.fullmatch(value):
        return datetime.combine(day(node), time(), BERLIN).astimezone(UTC)
    try:
        found = datetime.fromisoformat(value)
        if _DAY.match(value) and 1950 <= found.year <= 2200:
            return (found if found.tzinfo else found.replace(tzinfo=BERLIN)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Wrong((node.line, _(
        "„{value}“ ist kein Zeitpunkt; geschrieben wird er als 2026-09-14 oder 2026-09-14 10:30"
    ).format(value=value[:40])))  # fmt: skip
