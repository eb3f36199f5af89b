"""What must fit together beyond single values; each function yields what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from gebaeude.errors import GebaeudeError, UnitError
from gebaeude.maintenance import plans
from gebaeude.model import Kind, Medium
from gebaeude.portfolio.records import Limits, Mount, Point
from gebaeude.portfolio.vocabulary import FIELD_UNITS, KIND_QUANTITIES, MEDIUM_QUANTITIES
from gebaeude.text import BERLIN, _, day_short, number
from gebaeude.units import QUANTITIES, factor

# The outermost points of Germany in degrees.
_NORTH, _SOUTH, _WEST, _EAST = 55.1, 47.2, 5.8, 15.1
_OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)


def place(latitude: float, longitude: float) -> Iterator[str]:
    """A place outside Germany is a slip of the pen."""
    if _SOUTH <= latitude <= _NORTH and _WEST <= longitude <= _EAST:
        return
    if _SOUTH <= longitude <= _NORTH and _WEST <= latitude <= _EAST:
        yield _("Breite und Länge sind vertauscht: latitude ist in Deutschland 47–55, "
                "longitude 6–15")  # fmt: skip
    else:
        yield _("der Ort liegt nicht in Deutschland (latitude 47–55, longitude 6–15)")


def point(medium: Medium, quantity: str, kind: Kind) -> Iterator[tuple[str, str]]:
    """(field, sentence) where medium, quantity and kind do not go together."""
    if quantity not in (fitting := MEDIUM_QUANTITIES[medium]):
        yield (
            "quantity",
            _("„{quantity}“ passt nicht zum Medium {medium}; möglich sind: {words}").format(
                quantity=quantity, medium=medium.value, words=", ".join(fitting)
            ),
        )
    elif quantity not in (fitting := KIND_QUANTITIES[kind]):
        yield "kind", _(
            "„{kind}“ passt nicht zu {quantity}; {kind} gibt es für: {words}"
        ).format(kind=kind.value, quantity=quantity, words=", ".join(fitting))  # fmt: skip


def within(given: Point, points: Mapping[str, Point | None]) -> Iterator[str]:
    """Whether a sub-meter's consumption can run through the counter it names."""
    upper, seen = given, {given.key}
    while upper.within is not None and (above := points.get(upper.within)) is not None:
        if above.key in seen:
            yield _("„{key}“ zählt sich im Kreis selbst mit").format(key=above.key)
            return
        seen.add(above.key)
        upper = above
    above = points.get(given.within) if given.within else None
    if above is not None and (
        (above.medium, above.quantity, above.kind) != (given.medium, given.quantity, Kind.COUNTER)
        or given.kind != Kind.COUNTER
    ):
        yield _(
            "Unterzähler und Hauptzähler müssen Zähler desselben Mediums und derselben Größe sein"
        )


def limits(given: Limits, quantity: str) -> Iterator[tuple[str, str]]:
    """(field, sentence) where limits cannot work for the quantity."""
    about = QUANTITIES[quantity]
    for name, value in (("low", given.low), ("high", given.high)):
        if value is not None and not about.low <= value <= about.high:
            yield (
                name,
                _("{value} ist für diese Größe nicht möglich").format(
                    value=number(value, about.unit)
                ),
            )
    if given.low is None and given.high is None:
        yield "low", _("mindestens eine Grenze ist nötig: low oder high")
    elif given.low is not None and given.high is not None:
        if given.low >= given.high:
            yield "high", _("die obere Grenze muss über der unteren liegen")
        elif given.low + given.hysteresis >= given.high - given.hysteresis:
            yield "hysteresis", _("so groß, dass kein Wert zwischen den Grenzen mehr gut wäre")


def channel(format_: str, field: str, unit: str | None, of: Point) -> Iterator[str]:
    """Whether what the field sends can become values of the point."""
    sent = unit or _unit_of(format_, field)
    if sent is None:
        return
    try:
        factor(sent, of.unit)
    except UnitError:
        why = _("{sent} lässt sich nicht in {wanted} umrechnen.").format(sent=sent, wanted=of.unit)
        yield _("„{field}“ passt nicht zum Messpunkt „{point}“ ({wanted}): {error}").format(
            field=field, point=of.key, wanted=of.unit, error=why
        )


def _unit_of(format_: str, field: str) -> str | None:
    for pattern, unit in FIELD_UNITS.get(format_, ()):
        if pattern.fullmatch(field):
            return unit
    return None


def mount(given: Mount, at: Point | None) -> Iterator[tuple[str, str]]:
    """(field, sentence) where one meter's dates or its point cannot be right."""
    if given.mounted_to is not None and given.mounted_to <= given.mounted_from:
        yield "mounted_to", _("der Ausbau muss nach dem Einbau liegen")
    fitted = given.mounted_from.astimezone(BERLIN).date()
    if given.calibrated_until is not None and given.calibrated_until < fitted:
        yield "calibrated_until", _("die Eichung endet vor dem Einbau")
    if at is not None and at.kind != Kind.COUNTER:
        yield "point", _("„{point}“ ist kein Zähler (kind: counter)").format(point=given.point)


def overlaps(mounts: Iterable[tuple[Mount, int]]) -> Iterator[tuple[int, str]]:
    """(line, sentence) for each meter that is said to hang where another one hangs."""
    before: dict[str, Mount] = {}
    for given, line in sorted(mounts, key=lambda pair: pair[0].mounted_from):
        other = before.get(given.point)
        if other and given.mounted_from < (other.mounted_to or _OPEN_END):
            until = _local(other.mounted_to) if other.mounted_to else None
            yield (
                line,
                (
                    _("an „{point}“ hängt dann noch Zähler {serial} (bis {until})")
                    if until
                    else _("an „{point}“ hängt dann noch Zähler {serial}; dort fehlt mounted_to")
                ).format(point=given.point, serial=other.serial, until=until),
            )
        before[given.point] = given


def _local(moment: datetime) -> str:
    return day_short(moment.astimezone(BERLIN).date())


@lru_cache(maxsize=4096)
def recurrence(rule: str, starts_on: date) -> tuple[str, ...]:
    """Why a maintenance rule cannot be used."""
    plan = plans.Plan(rrule=rule, starts_on=starts_on, lead_days=0)
    try:
        first = plans.due_dates(plan, after=None, now=plans.opens_at(starts_on, 0))
    except GebaeudeError as error:
        return (str(error),)
    if first == [starts_on]:
        return ()
    sentence = _("am {day} (starts_on) ist nach der Regel kein Termin")
    return (sentence.format(day=day_short(starts_on)),)
