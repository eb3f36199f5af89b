"""The numbers in an object, however it is nested: what the formats that send objects share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gebaeude.units import UNITS
from ingest.formats.common import MOST_VALUES, leaves, number, number_or_text, seconds, within

HISTORY, TIME = "history", "timestamp"


def measured(members: Mapping[str, object], *, quoted: bool = True) -> Iterator[tuple[str, float]]:
    """Every number with its name: keys and indices joined by dots.

    quoted: whether a number may stand in quotes; then text that is none gives NaN, else all text is
    left out, and so are truth values and null always.
    Raises DecodeError: invalid_structure, too_large.
    """
    every = (leaf for name, value in members.items() for leaf in leaves(value, name))
    for count, (path, leaf) in enumerate(every):
        if count == MOST_VALUES:
            within(count + 1)
        if leaf is None or isinstance(leaf, bool) or (isinstance(leaf, str) and not quoted):
            continue
        yield path, number_or_text(leaf)


def with_units(members: Mapping[str, object]) -> Iterator[tuple[str, float, str | None]]:
    """As `measured`, and the unit of those that are an object of a value and its unit."""
    within(len(members))
    values, units = dict(members), dict[str, str | None]()
    for name, member in members.items():
        if (told := paired(member)) is not None:
            values[name], units[name] = told
    yield from ((path, value, units.get(path)) for path, value in measured(values))


def paired(member: object) -> tuple[object, str | None] | None:
    """(value, unit) where the member is an object of just these, as some LoRaWAN codecs give it.

    A unit that we do not know is None: what it is remains the profile's matter.
    """
    if not isinstance(member, dict) or len(member) != 2 or not isinstance(member.get("unit"), str):
        return None
    unit = member["unit"]
    for name in ("value", "data"):
        if name in member and not isinstance(member[name], dict | list):
            return member[name], unit if unit in UNITS else None
    return None


def of_earlier(history: object) -> list[tuple[int, dict[str, object]]]:
    """The values of earlier, each with their time [µs since 1970-01-01 UTC].

    As Milesight's codecs give them: objects with a `timestamp` in seconds. None where it is a
    history of another kind.
    """
    if not isinstance(history, list):
        return []
    records = [one for one in history if isinstance(one, dict) and number(one.get(TIME)) >= 0]
    if len(records) < len(history):
        return []
    return [(seconds(number(one.pop(TIME))), one) for one in records]
