"""When a finding opens and closes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.maintenance.rules import (
    Change,
    Crossing,
    Hearing,
    Limit,
    Verdict,
    judge_limit,
    judge_silence,
    patience,
)

MINUTE = 60_000_000
WARM = Limit(low=15, high=28, hysteresis=0.5, delay_s=1800, interval_s=600)


def judge(limit: Limit, *readings: tuple[float, float], is_open: bool = False) -> Verdict:
    """Readings as (minute, value)."""
    times = np.array([int(minute * MINUTE) for minute, _value in readings], np.int64)
    values = np.array([value for _minute, value in readings], np.float64)
    return judge_limit(limit, times, values, is_open=is_open)


class TestOpening:
    def test_needs_the_whole_delay(self) -> None:
        assert judge(WARM, (0, 29), (10, 29), (20, 29)).change is Change.KEEP
        verdict = judge(WARM, (-10, 27), (0, 29), (10, 30.5), (20, 29), (30, 29.4))
        crossing = Crossing("high", 28, since=0, at=30 * MINUTE, value=29.4, extreme=30.5)
        assert verdict == Verdict(Change.OPEN, crossing)

    def test_below_the_low_limit_tells_the_lowest_value(self) -> None:
        verdict = judge(WARM, (0, 14), (15, 12), (30, 13))
        crossing = Crossing("low", 15, since=0, at=30 * MINUTE, value=13, extreme=12)
        assert verdict == Verdict(Change.OPEN, crossing)

    def test_a_value_at_the_limit_is_not_beyond_it(self) -> None:
        assert judge(WARM, (0, 28), (15, 28), (30, 28)).change is Change.KEEP

    def test_a_value_inside_begins_the_delay_anew(self) -> None:
        assert judge(WARM, (0, 29), (10, 29), (20, 27.9), (30, 29), (40, 29)).change is Change.KEEP

    def test_missing_readings_begin_the_delay_anew(self) -> None:
        assert judge(WARM, (0, 29), (10, 29), (41, 29)).change is Change.KEEP
        assert judge(WARM, (0, 29), (10, 29), (40, 29)).change is Change.OPEN

    def test_jumping_from_one_side_to_the_other_begins_the_delay_anew(self) -> None:
        assert judge(WARM, (0, 29), (15, 29), (30, 14)).change is Change.KEEP

    def test_without_delay_opens_at_the_first_value(self) -> None:
        limit = Limit(low=None, high=2000, interval_s=300)
        assert judge(limit, (0, 2000.1)).change is Change.OPEN

    def test_nothing_known_changes_nothing(self) -> None:
        assert judge(WARM).change is Change.KEEP
        assert judge(WARM, (0, float("nan")), is_open=True).change is Change.KEEP


class TestClosing:
    @pytest.mark.parametrize(("value", "change"), [
        (29, Change.KEEP), (28, Change.KEEP), (27.6, Change.KEEP), (27.5, Change.CLOSE),
        (15.5, Change.CLOSE), (15.4, Change.KEEP), (14, Change.KEEP),
    ])  # fmt: skip
    def test_only_inside_by_the_hysteresis(self, value: float, change: Change) -> None:
        assert judge(WARM, (0, 29), (10, value), is_open=True).change is change

    def test_says_the_reading_that_closed_it(self) -> None:
        verdict = judge(WARM, (0, 29), (10, 22), is_open=True)
        assert verdict == Verdict(Change.CLOSE, until=10 * MINUTE)

    def test_a_hysteresis_wider_than_the_band_closes_in_the_middle(self) -> None:
        limit = Limit(low=20, high=22, hysteresis=5)
        assert judge(limit, (0, 21), is_open=True).change is Change.CLOSE
        assert judge(limit, (0, 21.5), is_open=True).change is Change.KEEP


readings = st.lists(
    st.tuples(st.integers(0, 500), st.floats(10, 33, allow_nan=False)), min_size=1, max_size=40,
    unique_by=lambda reading: reading[0],
)  # fmt: skip
limits = st.builds(
    Limit,
    low=st.none() | st.floats(12, 18),
    high=st.floats(19, 30),
    hysteresis=st.floats(0, 3),
    delay_s=st.integers(0, 7200),
    interval_s=st.sampled_from([60, 600, 3600]),
)


class TestProperties:
    @given(limits, readings, st.booleans(), st.randoms())
    def test_order_and_repeats_do_not_matter(self, limit, known, is_open, random) -> None:  # type: ignore[no-untyped-def]
        again = [*known, *random.sample(known, len(known) // 2)]
        random.shuffle(again)
        assert judge(limit, *again, is_open=is_open) == judge(limit, *known, is_open=is_open)

    @given(
        st.lists(st.floats(27.5, 28.0, exclude_min=True), min_size=1, max_size=30), st.booleans()
    )
    def test_nothing_changes_between_limit_and_hysteresis(self, values, is_open) -> None:  # type: ignore[no-untyped-def]
        for until in range(1, len(values) + 1):
            series = [(10 * i, value) for i, value in enumerate(values[:until])]
            assert judge(WARM, *series, is_open=is_open).change is Change.KEEP

    @given(limits, readings)
    def test_what_opens_does_not_close_at_once_nor_the_other_way(self, limit, known) -> None:  # type: ignore[no-untyped-def]
        opens = judge(limit, *known).change is Change.OPEN
        closes = judge(limit, *known, is_open=True).change is Change.CLOSE
        assert not (opens and closes)

    @given(limits, readings)
    def test_opening_rests_on_a_run_beyond_the_limit(self, limit, known) -> None:  # type: ignore[no-untyped-def]
        crossing = judge(limit, *known).crossing
        if crossing is None:
            return
        run = [v for m, v in known if crossing.since <= m * MINUTE <= crossing.at]
        low = -np.inf if limit.low is None else limit.low
        assert all(v > limit.high for v in run) or all(v < low for v in run)
        assert crossing.at - crossing.since >= limit.delay_s * 1_000_000


class TestSilence:
    @pytest.mark.parametrize(("interval", "minutes"), [
        (10, 15), (60, 15), (300, 15), (600, 30), (900, 45), (3600, 180),
        (12 * 3600, 36 * 60), (24 * 3600, 48 * 60), (7 * 24 * 3600, 8 * 24 * 60),
    ])  # fmt: skip
    def test_patience_is_three_intervals_within_bounds(self, interval: int, minutes: int) -> None:
        assert patience(interval) == timedelta(minutes=minutes)

    @pytest.mark.parametrize(("heard", "is_open", "change"), [
        (1800, False, Change.KEEP), (1801, False, Change.OPEN),
        (1801, True, Change.KEEP), (1800, True, Change.CLOSE),
    ])  # fmt: skip
    def test_opens_after_its_patience_and_closes_when_it_speaks(
        self, heard: float, is_open: bool, change: Change
    ) -> None:
        assert judge_silence(Hearing(600, heard), is_open=is_open) is change

    def test_what_never_sent_is_not_silent(self) -> None:
        assert judge_silence(Hearing(600, None), is_open=False) is Change.KEEP

    @given(st.integers(1, 40 * 86_400))
    def test_patience_is_longer_than_the_interval_and_not_over_a_day_more(self, interval) -> None:  # type: ignore[no-untyped-def]
        spare = patience(interval) - timedelta(seconds=interval)
        assert timedelta(0) < spare <= timedelta(days=1)
