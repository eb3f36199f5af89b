"""When a maintenance plan is due, and which due dates a ticket must be opened for now.

A plan is an RFC 5545 rule, the local date of its first due day, and the days of lead before it.
Days are local: a due date opens its ticket at 08:00 in Berlin on `lead_days` before, summer and
winter. Two decisions:

- **Each due date is taken up exactly once.** Where the plan's former ticket is still open, the
  new date is noted in it instead of opening a second one: three monthly rounds that nobody did
  are one job and not three.
- **A plan that is seen for the first time begins with its latest due date that has come.** What
  was due in the years before is not known here, and dozens of tickets help nobody.

A rule on the 29th to 31st falls on the last day of a month that is shorter (as RFC 7529's
SKIP=BACKWARD), where RFC 5545 alone would leave the month out: a yearly boiler service from
29 February would be done every fourth year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from gebaeude.errors import GebaeudeError
from gebaeude.text import BERLIN, _

OPENS_AT = time(8, 0)

_STEPS = {"YEARLY": 12, "MONTHLY": 1}
_FREQUENCIES = (*_STEPS, "WEEKLY", "DAILY")
_PLAIN = {"FREQ", "INTERVAL", "COUNT", "UNTIL"}
_FARTHEST = timedelta(days=366 * 100)


class Plan(msgspec.Struct, frozen=True):
    """What decides when a plan is due."""

    rrule: str  # RFC 5545 without DTSTART: FREQ=MONTHLY;INTERVAL=6
    starts_on: date  # the first due day
    lead_days: int = 14


def check(rule: str) -> None:
    """GebaeudeError with a sentence where the rule cannot be used."""
    parts = _parts(rule)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise GebaeudeError(
            _("Die Wiederholung „{rule}“ braucht FREQ=DAILY, WEEKLY, MONTHLY oder YEARLY.").format(
                rule=rule
            )
        )
    clocks = {"BYHOUR", "BYMINUTE", "BYSECOND", "DTSTART"} & set(parts)
    if clocks:
        raise GebaeudeError(
            _(
                "Die Wiederholung „{rule}“ darf {parts} nicht enthalten: "
                "Wartungen sind auf den Tag fällig."
            ).format(rule=rule, parts=", ".join(sorted(clocks)))
        )
    try:
        if int(parts.get("INTERVAL", "1")) < 1:
            raise ValueError("INTERVAL")
        next(_dates(rule, date(2024, 1, 1)), None)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise GebaeudeError(
            _("Die Wiederholung „{rule}“ ist nicht lesbar: {error}").format(rule=rule, error=error)
        ) from None


def opens_at(due_on: date, lead_days: int) -> datetime:
    """When the ticket for a due date opens, in UTC."""
    local = datetime.combine(due_on - timedelta(days=lead_days), OPENS_AT, BERLIN)
    return local.astimezone(UTC)


def due_dates(plan: Plan, *, after: date | None, now: datetime) -> list[date]:
    """The due dates whose ticket should be there by now, oldest first, each later than `after`.

    `after` is the newest due date already taken up. Without one, only the newest that has come.
    Raises GebaeudeError where the rule cannot be used.
    """
    check(plan.rrule)
    come: list[date] = []
    for due_on in _dates(plan.rrule, plan.starts_on):
        if opens_at(due_on, plan.lead_days) > now:
            break
        if after is None:
            come = [due_on]
        elif due_on > after:
            come.append(due_on)
    return come


def _parts(rule: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in rule.upper().split(";") if part)
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def _dates(rule: str, starts_on: date) -> Iterator[date]:
    parts = _parts(rule)
    if parts["FREQ"] in _STEPS and starts_on.day > 28 and set(parts) <= _PLAIN:
        return _clamped(parts, starts_on)
    return _by_calendar(rule, starts_on)


def _by_calendar(rule: str, starts_on: date) -> Iterator[date]:
    start = datetime.combine(starts_on, OPENS_AT)
    for moment in rrulestr(rule, dtstart=start, ignoretz=True):
        if moment - start > _FARTHEST:
            return
        yield moment.date()


def _clamped(parts: dict[str, str], starts_on: date) -> Iterator[date]:
    """Every n months, on the last day where the month is too short, counted from the first date."""
    months = _STEPS[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    until = date.fromisoformat(parts["UNTIL"][:8]) if "UNTIL" in parts else date.max
    for step in range(min(int(parts.get("COUNT", "2000")), _FARTHEST.days // (28 * months))):
        due_on = starts_on + relativedelta(months=months * step)
        if due_on > until:
            return
        yield due_on
