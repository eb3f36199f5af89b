"""The form as a record: which fields a device sends, and what is suggested to do with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from urllib.parse import unquote

import msgspec

from dashboard.visit import Visit
from gebaeude.profiles import Profile, profiles
from gebaeude.reports.board import Choice
from gebaeude.reports.devices import points
from gebaeude.store import claims, inbox, summary
from gebaeude.store.attachments import Attachment, Identity
from gebaeude.store.database import Connection
from gebaeude.store.inbox import DeviceLine
from gebaeude.store.summary import PointRow
from ingest.desk import Look, Suggestion, Value, suggestions

MOST_ROWS = 40  # fields that are asked for at once; the others stay in the inbox
NEW, IGNORE, LATER = "+", "-", "?"  # what can become of a field besides an existing point
NO_PROFILE = "ohne"


class Row(msgspec.Struct, frozen=True):
    """A field that a person decides about."""

    value: Value
    suggestion: Suggestion
    target: str  # NEW, IGNORE, LATER or the key of a point
    name: str  # of the new point
    unit: str | None  # in which the device sends, where its messages do not say
    factor: float
    now: str | None = None  # name of the point that it feeds now

    @property
    def says_unit(self) -> bool:
        """Whether the messages themselves name the unit, and that counts."""
        return self.now is None and self.value.unit is not None


class Form(msgspec.Struct, frozen=True):
    """Everything that the form shows."""

    identity: Identity
    name: str  # of the device
    building: str | None  # key of the one chosen
    buildings: tuple[Choice, ...]
    profile: str | None
    guesses: tuple[Choice, ...]  # profiles that may fit, the likeliest first
    others: tuple[Choice, ...]  # profiles of other devices that speak the same
    fits: float | None  # how well the chosen profile fits, 0 to 1; None where it is no guess
    points: tuple[PointRow, ...]  # of the building
    rows: tuple[Row, ...]
    left_out: int  # fields beyond MOST_ROWS
    known: tuple[str, ...]  # names of fields that the profile deals with itself
    neighbours: tuple[DeviceLine, ...]  # devices of the building that it may replace
    replaces: Identity | None
    is_move: bool
    since_first: datetime | None  # when the first kept message came


def of_inbox(connection: Connection, look: Look, visit: Visit) -> Form:
    """For a device of the inbox."""
    identity = look.waiting.format, look.waiting.device
    guesses = tuple(Choice(one.profile, one.name) for one in look.guesses)
    likeliest = look.waiting.profile or next((one.key for one in guesses), None)
    profile = _profile(visit, likeliest)
    free = [one for one in look.values if one.point is None]
    about = profiles().get(profile or "")
    name = look.waiting.name or (about.name if about else "")
    building = visit.get("gebaeude") or look.waiting.building
    return _form(
        connection, visit, identity, name, building, profile, guesses, free,
        scores={one.profile: one.score for one in look.guesses}, first=look.waiting.first_at,
    )  # fmt: skip


def of_device(connection: Connection, line: DeviceLine, visit: Visit) -> Form:
    """For a device that is attached and moves."""
    identity = line.format, line.device
    present = [
        one for one in claims.attachments(connection, identity)
        if one.point is not None and one.until is None
    ]  # fmt: skip
    newest = {
        (row.building, row.key): row for row in summary.points(connection, building=line.building)
    }
    values = [_value(one, newest.get((one.building or "", one.point or ""))) for one in present]
    profile = _profile(visit, line.profile)
    building = visit.get("gebaeude") or line.building
    return _form(
        connection, visit, identity, line.name, building, profile, (), values, present=present
    )


def _value(one: Attachment, row: PointRow | None) -> Value:
    """The newest value that the field's point has, as it stands there."""
    return Value(
        one.field,
        row.value if row and row.value is not None else float("nan"),
        one.point_unit,
        row.time if row else None,
        f"{one.building}/{one.point}",
    )


def _form(
    connection: Connection, visit: Visit, identity: Identity, name: str, building: str | None,
    profile: str | None, guesses: tuple[Choice, ...], values: Sequence[Value],
    scores: Mapping[str, float] = MappingProxyType({}), first: datetime | None = None,
    present: Sequence[Attachment] = (),
) -> Form:  # fmt: skip
    houses = summary.buildings(connection)
    known = building if building in {one.key for one in houses} else None
    there = points(connection, known) if known else []
    neighbours = inbox.devices(connection, building=known) if known else []
    replaces = _replaced(visit, neighbours, identity)
    old = _feeding(connection, replaces, known) if replaces else []
    about = profiles().get(profile or "")
    said = {one.field: one for one in _suggestions(about, [one.field for one in values])}
    asked = [one for one in values if present or not _is_dealt_with(about, one.field)]
    asked.sort(key=lambda one: not said[one.field].wanted)
    rows = _rows(asked[:MOST_ROWS], said, there, old, {one.field: one for one in present}, known)
    return Form(
        identity=identity,
        name=name,
        building=known,
        buildings=tuple(Choice(one.key, f"{one.name}, {one.municipality_name}") for one in houses),
        profile=profile,
        guesses=guesses,
        others=_others(identity[0], guesses),
        fits=scores.get(profile or ""),
        points=tuple(there),
        rows=tuple(rows),
        left_out=max(0, len(asked) - MOST_ROWS),
        known=tuple(
            said[one.field].name for one in values
            if not present and _is_dealt_with(about, one.field)
        ),
        neighbours=tuple(one for one in neighbours if (one.format, one.device) != identity),
        replaces=replaces,
        is_move=bool(present),
        since_first=first,
    )  # fmt: skip


def _profile(visit: Visit, otherwise: str | None) -> str | None:
    asked = visit.get("profil")
    if asked == NO_PROFILE:
        return None
    return asked if asked in profiles() else otherwise


def _others(kind: str, guesses: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Whatever else speaks the format, by name."""
    guessed = {one.key for one in guesses}
    others = [
        Choice(one.key, one.name) for one in profiles().values()
        if kind in one.formats and one.key not in guessed
    ]  # fmt: skip
    return tuple(sorted(others, key=lambda one: one.name))


def _suggestions(about: Profile | None, fields: Sequence[str]) -> Iterable[Suggestion]:
    if about is None:
        return [Suggestion(field, wanted=False, name=field) for field in fields]
    return suggestions(about.key, fields)


def _is_dealt_with(about: Profile | None, field: str) -> bool:
    """Whether the profile knows that the field is none of a building: battery, signal, ignored."""
    if about is None:
        return False
    known = about.field(field)
    return known.quantity is None if known else about.is_ignored(field)


def _replaced(visit: Visit, there: Sequence[DeviceLine], own: Identity) -> Identity | None:
    """The device that the address names as the one to be replaced."""
    kind, _slash, device = visit.get("ersetzt").partition("/")
    found = kind, unquote(device)
    return found if found != own and found in {(one.format, one.device) for one in there} else None


def _feeding(connection: Connection, old: Identity, building: str | None) -> list[Attachment]:
    return [
        one for one in claims.attachments(connection, old)
        if one.building == building and one.point is not None and one.until is None
    ]  # fmt: skip


def _rows(
    values: Sequence[Value], said: dict[str, Suggestion], there: Sequence[PointRow],
    old: Sequence[Attachment], present: dict[str, Attachment], building: str | None,
) -> Iterable[Row]:  # fmt: skip
    free = [one.point or "" for one in old]
    taken = {row.name.casefold() for row in there}
    by_key = {row.key: row for row in there}
    before = {one.field: one for one in old}
    names = {one.field: one.point or "" for one in old}
    for value in values:
        about = said[value.field]
        stays = present.get(value.field)
        target = NEW if about.wanted or stays else LATER
        if stays and stays.building == building:
            target = stays.point or NEW
        elif (takes := _taken_over(value.field, about, free, names, by_key)) is not None:
            target = takes
            free.remove(takes)
        name = _unused(stays.point_name or about.name if stays else about.name, taken)
        as_before = stays or before.get(value.field)
        unit, factor = (
            (as_before.unit, as_before.factor) if as_before else (about.unit, about.factor)
        )
        yield Row(value, about, target, name, unit, factor, stays.point_name if stays else None)


def _taken_over(
    field: str, about: Suggestion, free: Sequence[str], names: dict[str, str],
    by_key: dict[str, PointRow],
) -> str | None:  # fmt: skip
    """The point of the replaced device that this field continues: by its name, else by its kind."""

    def fits(key: str) -> bool:
        row = by_key.get(key)
        return row is not None and (row.medium, row.quantity) == (about.medium, about.quantity)

    same = names.get(field)
    if same is not None and same in free and (not about.wanted or fits(same)):
        return same
    return next((key for key in free if about.wanted and fits(key)), None)


def _unused(name: str, taken: set[str]) -> str:
    """The name, with a number where another point has it."""
    found, number = name, 2
    while found.casefold() in taken:
        found, number = f"{name} {number}", number + 1
    taken.add(found.casefold())
    return found
