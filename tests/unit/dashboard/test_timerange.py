"""The span of time a chart shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashboard.timerange import LONGEST_DAYS, RANGES, chosen, earlier, later
from dashboard.visit import Visit
from gebaeude.text import BERLIN

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


def at(**params: str) -> Visit:
    return Visit("/gebaeude/haus", params, NOW)


def test_without_a_choice_it_is_the_last_week_until_now() -> None:
    span = chosen(at())
    assert (span.name, span.first, span.last) == ("woche", date(2026, 11, 16), date(2026, 11, 22))
    assert span.end == NOW
    assert span.start == datetime(2026, 11, 16, tzinfo=BERLIN)


def test_today_is_at_least_24_hours() -> None:
    span = chosen(at(zeitraum="tag"))
    assert span.end - span.start == timedelta(days=1)


def test_a_day_of_the_past_is_that_day_from_midnight_to_midnight() -> None:
    span = chosen(at(zeitraum="tag", bis="2026-10-25"))
    assert span.end.astimezone(UTC) - span.start.astimezone(UTC) == timedelta(hours=25)


def test_a_span_has_both_its_days() -> None:
    span = chosen(at(zeitraum="spanne", von="2026-03-01", bis="2026-03-31"))
    assert (span.first, span.last, span.days) == (date(2026, 3, 1), date(2026, 3, 31), 31)


def test_a_span_whose_days_stand_the_wrong_way_round_is_one_day() -> None:
    span = chosen(at(zeitraum="spanne", von="2026-03-31", bis="2026-03-01"))
    assert (span.first, span.last) == (date(2026, 3, 1), date(2026, 3, 1))


def test_stepping_back_and_forth_comes_back() -> None:
    for name in RANGES:
        span = chosen(at(zeitraum=name, bis="2025-06-30"))
        before = chosen(at(zeitraum=name, **{k: v for k, v in earlier(span).items() if v}))
        assert before.last == span.first - timedelta(days=1)
        back = later(before, NOW)
        assert back is not None
        assert chosen(at(zeitraum=name, **{k: v for k, v in back.items() if v})).last == span.last


def test_there_is_nothing_later_than_today() -> None:
    assert later(chosen(at()), NOW) is None
    nearly = chosen(at(bis="2026-11-20"))
    assert later(nearly, NOW) == {"bis": None, "von": None}


@given(st.dictionaries(st.sampled_from(["zeitraum", "von", "bis"]), st.text(max_size=12)))
def test_whatever_stands_in_the_address_is_a_range_in_the_past(params: dict[str, str]) -> None:
    span = chosen(at(**params))
    assert span.start < span.end <= NOW.astimezone(BERLIN) + timedelta(days=1)
    assert span.first <= span.last <= date(2026, 11, 22)
    assert span.days <= LONGEST_DAYS + 1


@given(st.dates(), st.dates())
def test_any_two_days_make_a_range(first: date, last: date) -> None:
    span = chosen(at(zeitraum="spanne", von=first.isoformat(), bis=last.isoformat()))
    assert span.start < span.end
    assert span.days <= LONGEST_DAYS + 1
