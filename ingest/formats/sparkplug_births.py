"""What a birth says: every metric with its type and unit and, where it has one, its alias.

Births of a device are kept as a dated list; `as_of` finds what data of a moment is read by.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Reason

UNIT_KEYS = frozenset({"engunit", "engineering units", "unit", "units"})
REACH = 600_000_000  # µs before the first birth known of a device, for which it may count


class Known(NamedTuple):
    """What a birth says about a metric. datatype: 0 where it is not known."""

    name: str
    datatype: int = 0
    unit: str | None = None


class Birth(NamedTuple):
    """All metrics of a node or of one of its devices, by name and by alias."""

    names: dict[str, Known]
    aliases: dict[int, Known]


NOTHING = Birth({}, {})


class Dated:
    """A birth that said something else than the one before. Times in µs since 1970-01-01 UTC.

    doubted: from when on the one before was not certain any more; None where it was to the end.
    reach: from when on, before it came, this one counts where nothing else is known.
    metrics: what it says, as JSON; it is read when it is needed.
    """

    def __init__(self, since: int, doubted: int | None, reach: int, metrics: bytes) -> None:
        self.since, self.doubted, self.reach, self.metrics = since, doubted, reach, metrics

    @cached_property
    def birth(self) -> Birth:
        return unpacked(self.metrics)


def as_of(births: list[Dated], at: int) -> Birth:
    """What counts for data received at a moment, by births in the order of their time.

    Between the moment from which on a birth was doubted and the next one, only that counts on which
    both agree; and what the earlier one does not know, by the later one as far as it reaches back.
    """
    place = sum(one.since <= at for one in births)
    before = births[place - 1].birth if place else NOTHING
    after = births[place] if place < len(births) else None
    if after is None or (place and (after.doubted is None or at < after.doubted)):
        return before
    later = after.birth if at >= after.reach else NOTHING
    said = after.birth
    return Birth(
        {**later.names, **before.names},
        {
            alias: known
            for alias, known in {**later.aliases, **before.aliases}.items()
            if alias not in before.aliases or said.aliases.get(alias) == known
        },
    )


def birth(metrics: Iterable[Any], prefix: str = "") -> Birth:
    """What the metrics of a birth say of themselves, those of templates with a path as name."""
    found = Birth({}, {})
    for metric in metrics:
        known = Known(prefix + text(metric.name), metric.datatype, unit(metric.properties))
        found.names[known.name] = known
        if metric.HasField("alias"):
            found.aliases[metric.alias] = known
        if metric.HasField("template_value"):
            inner = birth(metric.template_value.metrics, f"{known.name}/")
            found.names.update(inner.names)
    return found


def unit(properties: Any) -> str | None:
    """The engineering unit among a metric's properties."""
    for key, value in zip(properties.keys, properties.values, strict=False):
        if text(key).lower() in UNIT_KEYS:
            return text(value.string_value) or None
    return None


def text(value: object) -> str:
    """A text of the wire. Raises DecodeError: invalid_utf8."""
    if not isinstance(value, str):
        raise DecodeError(Reason.INVALID_UTF8, repr(value)[:80])
    return value


def packed(said: Birth) -> bytes:
    """A birth as JSON; the same metrics give the same bytes, in whatever order they came."""
    numbered = set(said.aliases.values())
    rows: list[tuple[object, ...]] = [
        (*known, None) for known in said.names.values() if known not in numbered
    ]
    rows += [(*known, alias) for alias, known in said.aliases.items()]
    return msgspec.json.encode(sorted(rows, key=repr))


def unpacked(metrics: bytes) -> Birth:
    """The reverse of `packed`."""
    said = Birth({}, {})
    for name, datatype, of_unit, alias in msgspec.json.decode(metrics):
        known = said.names[name] = Known(name, datatype, of_unit)
        if alias is not None:
            said.aliases[alias] = known
    return said
