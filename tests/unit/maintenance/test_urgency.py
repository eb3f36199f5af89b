"""How urgent a finding's ticket is: by its severity, and a cold day-care centre for today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gebaeude.maintenance.urgency import next_care, urgency
from gebaeude.maintenance.wording import LimitEvidence, Place, Seen, SilenceEvidence
from gebaeude.model import Severity, Use

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 07:00 in Berlin
ROOM = Place("Kita", "Temperatur Frosch", "Frosch", "climate", "temperature", "°C")
TAP = Place("Kita", "Warmwasser", "Keller", "water", "temperature", "°C")
COLD = LimitEvidence("low", 15, 13.0, 12.8, MONDAY - timedelta(hours=2), MONDAY)
HOT = LimitEvidence("high", 30, 31.0, 31.0, MONDAY - timedelta(hours=2), MONDAY)
QUIET = SilenceEvidence(MONDAY - timedelta(hours=3), 600)
TODAY, IN_A_WEEK = date(2026, 11, 23), date(2026, 11, 30)


@pytest.mark.parametrize(("use", "place", "evidence", "told"), [
    (Use.DAYCARE, ROOM, COLD, ("high", TODAY)),
    (Use.SCHOOL, ROOM, COLD, ("high", TODAY)),
    (Use.DEPOT, ROOM, COLD, ("normal", IN_A_WEEK)),
    (Use.DAYCARE, ROOM, HOT, ("normal", IN_A_WEEK)),
    (Use.DAYCARE, TAP, COLD, ("normal", IN_A_WEEK)),
    (Use.DAYCARE, ROOM, QUIET, ("normal", IN_A_WEEK)),
])  # fmt: skip
def test_where_children_sit_in_the_cold_it_is_for_today(
    use: Use, place: Place, evidence: LimitEvidence | SilenceEvidence, told: tuple[str, date]
) -> None:
    assert urgency(use, Severity.WARNING, Seen(place, evidence), MONDAY) == told


def test_it_is_never_later_than_the_severity_says() -> None:
    friday_evening = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
    cold = Seen(ROOM, COLD)
    saturday, monday = date(2026, 11, 28), date(2026, 11, 30)
    assert urgency(Use.DAYCARE, Severity.CRITICAL, cold, friday_evening) == ("high", saturday)
    assert urgency(Use.DAYCARE, Severity.WARNING, cold, friday_evening) == ("high", monday)


@pytest.mark.parametrize(("at", "day"), [
    (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), TODAY),  # at night for the morning
    (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), TODAY),  # 00:30 in Berlin
    (datetime(2026, 11, 23, 14, 59, tzinfo=UTC), TODAY),
    (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), date(2026, 11, 24)),  # 16:00: closed
    (datetime(2026, 11, 28, 9, 0, tzinfo=UTC), date(2026, 11, 30)),  # on Saturday for Monday
    (datetime(2026, 7, 24, 14, 0, tzinfo=UTC), date(2026, 7, 27)),  # Friday, 16:00 in summer
])  # fmt: skip
def test_the_next_day_on_which_children_come(at: datetime, day: date) -> None:
    assert next_care(at) == day
