"""How urgent the ticket of a finding is, and by when it should be done.

The severity of the limit decides, but for one case: too cold a room in which children are looked
after. Nobody can send them home at noon or give them a coat, so that is for today; at night, after
the house has closed and at the weekend it is for the next morning on which the children come.
Holidays are taken as days like any other: warm too early harms nobody.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from gebaeude.maintenance.tickets import PRIORITIES, due_on
from gebaeude.maintenance.wording import Evidence, LimitEvidence, Place, Seen
from gebaeude.model import Medium, Severity, Use
from gebaeude.text import BERLIN

CARED_FOR = (Use.DAYCARE, Use.SCHOOL)
CLOSES = time(16)  # local; from then on today is over
_SATURDAY = 5


def urgency(use: Use, severity: Severity, seen: Seen, now: datetime) -> tuple[str, date]:
    """Priority and due day of a ticket that this finding opens or opens again."""
    priority = PRIORITIES[severity]
    due = due_on(priority, now)
    if use in CARED_FOR and is_cold_room(seen.place, seen.evidence):
        return "high", min(due, next_care(now))
    return priority, due


def is_cold_room(place: Place, evidence: Evidence) -> bool:
    """Whether a room's air is below its limit."""
    return (
        isinstance(evidence, LimitEvidence)
        and evidence.bound == "low"
        and (place.medium, place.quantity) == (Medium.CLIMATE, "temperature")
    )


def next_care(now: datetime) -> date:
    """Today until the house closes, Monday to Friday; else the next such day."""
    local = now.astimezone(BERLIN)
    day = local.date() if local.time() < CLOSES else local.date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day
