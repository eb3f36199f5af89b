"""What a person entered → a claim, or a sentence beside each field that cannot be meant."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from dashboard.claim.form import IGNORE, LATER, NEW
from dashboard.local_time import moment
from gebaeude.errors import UnitError, UsageError
from gebaeude.model import Kind, Medium
from gebaeude.portfolio.vocabulary import KIND_QUANTITIES, MEDIUM_QUANTITIES
from gebaeude.store.attachments import Attach, Claim, Identity, NewPoint
from gebaeude.store.summary import PointRow
from gebaeude.text import KINDS, MEDIA, QUANTITY_LABELS, _, unit_name
from gebaeude.units import QUANTITIES, factor

LONGEST = 200  # characters of a name
LONGEST_KEY = 60
MOST_MINUTES = 31 * 24 * 60

_SPELT = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}

Place = tuple[str, int]  # which entry, and of which row; −1 for those that are not of a row
Entries = Mapping[Place, Any]


class Entered(msgspec.Struct, frozen=True):
    """Either a claim, or what is wrong where."""

    claim: Claim | None
    wrong: dict[Place, str]


def read(
    entries: Entries, fields: Sequence[str], identity: Identity, building: str,
    there: Iterable[PointRow], *, actor: str, profile: str | None, replaces: Identity | None,
    feeds_now: Mapping[str, str], sends: Mapping[str, str], must_date: bool, now: datetime,
) -> Entered:  # fmt: skip
    """fields: of the rows. feeds_now: field → point of this building; what stays is left out.
    sends: field → unit, of those whose messages say it.
    """
    wrong: dict[Place, str] = {}
    points = {row.key: row for row in there}
    name = str(entries.get(("name", -1)) or "").strip()
    if not name:
        wrong[("name", -1)] = _("Bitte dem Gerät einen Namen geben, etwa „Fühler Klasse 1a“.")
    elif len(name) > LONGEST:
        wrong[("name", -1)] = _("Der Name ist zu lang.")
    since = None
    try:
        since = moment(entries.get(("since", -1)), now)
        if since is None and must_date:
            wrong[("since", -1)] = _("Bitte angeben, ab wann das gilt.")
    except UsageError as error:
        wrong[("since", -1)] = str(error)
    keys = _Keys(points)
    attach, ignore = [], []
    for i, field in enumerate(fields):
        target = str(entries.get(("target", i)) or LATER)
        if target == IGNORE:
            ignore.append(field)
        elif target != LATER and feeds_now.get(field) != target:
            one = _attach(entries, i, field, target, points, keys, sends.get(field), wrong)
            if one is not None:
                attach.append(one)
    if not wrong and not attach and not ignore and not replaces:
        wrong[("do", -1)] = _("Bei mindestens einem Wert muss stehen, was aus ihm werden soll.")
    if wrong:
        return Entered(None, wrong)
    claim = Claim(
        format=identity[0], device=identity[1], building=building, name=name, actor=actor,
        attach=tuple(attach), ignore=tuple(ignore), profile=profile, since=since,
        replaces=replaces,
    )  # fmt: skip
    return Entered(claim, {})


class _Keys:
    """Which points are spoken for, and keys and names that are still free."""

    def __init__(self, points: Mapping[str, PointRow]) -> None:
        self.used = set(points)
        self.names = {row.name.casefold() for row in points.values()}
        self.fed: set[str] = set()

    def new(self, name: str) -> str:
        """A key that no point has, made of the name."""
        stem = slug(name)
        found, number = stem, 2
        while found in self.used:
            found, number = f"{stem}-{number}", number + 1
        self.used.add(found)
        self.names.add(name.casefold())
        return found


def slug(name: str) -> str:
    """A name as a key: a–z, 0–9 and single hyphens."""
    spelt = name.lower().translate(_SPELT)
    found = re.sub(r"[^a-z0-9]+", "-", spelt).strip("-")[: LONGEST_KEY - 5].strip("-")
    return found or "messpunkt"


def _attach(
    entries: Entries, i: int, field: str, target: str, points: Mapping[str, PointRow],
    keys: _Keys, sent: str | None, wrong: dict[Place, str],
) -> Attach | None:  # fmt: skip
    before = len(wrong)
    new = _new_point(entries, i, keys, wrong) if target == NEW else None
    multiplier = _factor(entries.get(("factor", i)), i, wrong)
    row = points.get(target)
    if target != NEW and row is None:
        wrong[("target", i)] = _("Diesen Messpunkt gibt es hier nicht mehr.")
    elif target in keys.fed:
        wrong[("target", i)] = _("Dieser Messpunkt ist schon bei einem anderen Wert gewählt.")
    keys.fed |= {target} - {NEW}
    unit = entries.get(("unit", i)) or None
    wanted = QUANTITIES[new.quantity].unit if new else row.unit if row else None
    counts = sent or unit  # what a message says of itself cannot be corrected
    if counts and wanted is not None:
        _check_unit(counts, wanted, ("target" if sent else "unit", i), wrong)
    if len(wrong) > before:
        return None
    key = keys.new(new.name) if new else target
    return Attach(field, key, unit, multiplier, new)


def _check_unit(unit: str, wanted: str, place: Place, wrong: dict[Place, str]) -> None:
    try:
        factor(unit, wanted)
    except UnitError:
        wrong[place] = _(
            "Aus {unit} lässt sich {wanted} nicht berechnen; so zählt der Messpunkt."
        ).format(unit=unit_name(unit), wanted=unit_name(wanted) or "1")


def _factor(value: Any, i: int, wrong: dict[Place, str]) -> float:
    if value in (None, ""):
        return 1.0
    try:
        found = float(str(value).replace(",", "."))
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or found == 0 or abs(found) > 1e9:
        wrong[("factor", i)] = _("Bitte eine Zahl außer 0, etwa 0,001.")
        return 1.0
    return found


def _new_point(entries: Entries, i: int, keys: _Keys, wrong: dict[Place, str]) -> NewPoint | None:
    name = str(entries.get(("point", i)) or "").strip()
    if not name:
        wrong[("point", i)] = _("Bitte dem Messpunkt einen Namen geben.")
    elif len(name) > LONGEST:
        wrong[("point", i)] = _("Der Name ist zu lang.")
    elif name.casefold() in keys.names:
        wrong[("point", i)] = _("So heißt in diesem Gebäude schon ein Messpunkt.")
    space = str(entries.get(("space", i)) or "").strip() or None
    if space and len(space) > LONGEST:
        wrong[("space", i)] = _("Der Name ist zu lang.")
    kinds = _kinds(entries, i, wrong)
    minutes = entries.get(("minutes", i))
    try:
        every = round(60 * float(str(minutes).replace(",", ".")))
    except (ValueError, OverflowError):
        every = 0
    if not 1 <= every <= 60 * MOST_MINUTES:
        wrong[("minutes", i)] = _("Bitte Minuten angeben, etwa 15.")
    if kinds is None or any(place[1] == i for place in wrong):
        return None
    medium, quantity, kind = kinds
    return NewPoint(name, medium, quantity, kind, every, space)


def _kinds(entries: Entries, i: int, wrong: dict[Place, str]) -> tuple[Medium, str, Kind] | None:
    """Medium, quantity and kind, where they go together."""
    medium, quantity, kind = (entries.get((name, i)) for name in ("medium", "quantity", "kind"))
    if medium not in MEDIA:
        wrong[("medium", i)] = _("Bitte wählen, worum es geht.")
    if quantity not in QUANTITIES:
        wrong[("quantity", i)] = _("Bitte wählen, was gemessen wird.")
    if kind not in KINDS:
        wrong[("kind", i)] = _("Bitte wählen, wie gezählt wird.")
    if not (medium in MEDIA and quantity in QUANTITIES and kind in KINDS):
        return None
    if quantity not in MEDIUM_QUANTITIES[Medium(medium)]:
        wrong[("quantity", i)] = _("{quantity} gibt es bei {medium} nicht.").format(
            quantity=_(QUANTITY_LABELS[quantity]), medium=_(MEDIA[Medium(medium)])
        )
    elif quantity not in KIND_QUANTITIES[Kind(kind)]:
        wrong[("kind", i)] = _("{quantity} wird nicht so gezählt; bitte anders wählen.").format(
            quantity=_(QUANTITY_LABELS[quantity])
        )
    else:
        return Medium(medium), str(quantity), Kind(kind)
    return None
