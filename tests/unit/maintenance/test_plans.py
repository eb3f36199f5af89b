"""When a plan is due, and which tickets are to be opened for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import GebaeudeError
from gebaeude.maintenance.plans import Plan, check, due_dates, opens_at

BERLIN = ZoneInfo("Europe/Berlin")
EVER = date(1990, 1, 1)
NEW_YEAR_2029 = datetime(2029, 1, 1, tzinfo=UTC)


def dates(rrule: str, starts_on: date, until: datetime = NEW_YEAR_2029) -> list[date]:
    return due_dates(Plan(rrule, starts_on, lead_days=0), after=EVER, now=until)


class TestDueDates:
    def test_yearly(self) -> None:
        assert dates("FREQ=YEARLY", date(2026, 9, 14)) == [
            date(2026, 9, 14), date(2027, 9, 14), date(2028, 9, 14),
        ]  # fmt: skip

    def test_from_a_leap_day_falls_on_the_last_of_february(self) -> None:
        assert dates("FREQ=YEARLY", date(2024, 2, 29)) == [
            date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28),
            date(2028, 2, 29),
        ]  # fmt: skip

    def test_monthly_from_the_last_day_stays_at_the_end(self) -> None:
        found = dates("FREQ=MONTHLY;COUNT=5", date(2027, 10, 31))
        assert found == [date(2027, 10, 31), date(2027, 11, 30), date(2027, 12, 31),
                         date(2028, 1, 31), date(2028, 2, 29)]  # fmt: skip

    def test_until_is_the_last_one(self) -> None:
        found = dates("FREQ=MONTHLY;INTERVAL=6;UNTIL=20270731", date(2026, 1, 31))
        assert found == [date(2026, 1, 31), date(2026, 7, 31), date(2027, 1, 31), date(2027, 7, 31)]
        found = dates("FREQ=MONTHLY;BYDAY=1MO;UNTIL=20260331T000000Z", date(2026, 1, 5))
        assert found == [date(2026, 1, 5), date(2026, 2, 2), date(2026, 3, 2)]

    def test_only_the_newest_when_the_plan_is_new(self) -> None:
        plan = Plan("FREQ=MONTHLY", date(2019, 1, 15), lead_days=14)
        now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        assert due_dates(plan, after=None, now=now) == [date(2026, 11, 15)]
        assert due_dates(plan, after=date(2026, 11, 15), now=now) == []

    def test_all_that_came_while_nobody_looked(self) -> None:
        plan = Plan("FREQ=MONTHLY", date(2026, 1, 15), lead_days=0)
        now = datetime(2026, 5, 20, tzinfo=UTC)
        assert due_dates(plan, after=date(2026, 2, 15), now=now) == [
            date(2026, 3, 15), date(2026, 4, 15), date(2026, 5, 15),
        ]  # fmt: skip


class TestOpening:
    @pytest.mark.parametrize(("due_on", "utc_hour"), [
        (date(2026, 3, 28), 7), (date(2026, 3, 29), 6), (date(2026, 10, 24), 6),
        (date(2026, 10, 25), 7),
    ])  # fmt: skip
    def test_at_eight_in_summer_and_winter(self, due_on: date, utc_hour: int) -> None:
        assert opens_at(due_on, 0).hour == utc_hour
        assert opens_at(due_on, 0).astimezone(BERLIN).hour == 8

    def test_with_the_lead(self) -> None:
        plan = Plan("FREQ=YEARLY", date(2026, 11, 30), lead_days=14)
        moment = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
        assert due_dates(plan, after=None, now=moment - timedelta(seconds=1)) == []
        assert due_dates(plan, after=None, now=moment) == [date(2026, 11, 30)]


rules = st.builds(
    "FREQ={};INTERVAL={}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 18),
) | st.sampled_from(
    ["FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=YEARLY;BYMONTH=4,10"]
)
starts = st.dates(date(2023, 1, 1), date(2027, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2024, 12, 31), date(2026, 3, 29), date(2026, 10, 25)]
)


class TestProperties:
    @given(rules, starts, st.integers(0, 40),
           st.lists(st.integers(1, 24 * 200), min_size=1, max_size=25))  # fmt: skip
    def test_each_date_exactly_once_however_often_one_looks(
        self, rule, start, lead, pauses
    ) -> None:  # type: ignore[no-untyped-def]
        plan = Plan(rule, start, lead)
        now = opens_at(start, lead) - timedelta(hours=3)
        taken: list[date] = [EVER]
        for pause in pauses:
            now += timedelta(hours=pause)
            taken += due_dates(plan, after=taken[-1], now=now)
        assert taken[1:] == due_dates(plan, after=EVER, now=now)
        assert taken == sorted(set(taken))

    @given(rules, starts, st.integers(0, 40))
    def test_opens_once_a_day_at_eight_local(self, rule, start, lead) -> None:  # type: ignore[no-untyped-def]
        for due_on in dates(rule, start)[:50]:
            opens = opens_at(due_on, lead).astimezone(BERLIN)
            assert (opens.hour, opens.minute) == (8, 0)
            assert opens.date() == due_on - timedelta(days=lead)

    @given(st.sampled_from([("YEARLY", 12), ("MONTHLY", 1)]), st.integers(1, 6), starts)
    def test_no_year_and_no_month_is_left_out(self, frequency, interval, start) -> None:  # type: ignore[no-untyped-def]
        name, months = frequency
        found = dates(f"FREQ={name};INTERVAL={interval}", start, datetime(2060, 1, 1, tzinfo=UTC))
        steps = {(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(found)}
        assert steps == {months * interval}


@pytest.mark.parametrize("rule", [
    "", "unsinn", "FREQ=HOURLY", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=3", "FREQ=YEARLY;FOO=1",
    "FREQ=MONTHLY;INTERVAL=0", "FREQ=MONTHLY;INTERVAL=x", "FREQ=DAILY;INTERVAL=-1",
    "FREQ=MONTHLY;UNTIL=morgen", "FREQ=WEEKLY;BYDAY=XX", "DTSTART=20260101;FREQ=DAILY",
    "FREQ=MONTHLY;COUNT=viele",
])  # fmt: skip
def test_a_rule_that_cannot_be_used_is_told(rule: str) -> None:
    with pytest.raises(GebaeudeError, match="Wiederholung"):
        check(rule)
