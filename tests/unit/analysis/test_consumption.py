"""Counter readings → consumption: known numbers, and what must hold for any register."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gebaeude.analysis.consumption import HOUR, Consumed, consumption, counting

QUARTER = HOUR // 4


def consumed(
    values: list[float],
    edges: list[int],
    *,
    times: list[int] | None = None,
    longest: int = HOUR,
    tolerance: int = 0,
    breaks: list[int] | None = None,
    fastest: float = np.inf,
) -> Consumed:
    time = np.array(times if times is not None else range(len(values)), dtype=np.int64)
    return consumption(
        time if times is not None else time * QUARTER,
        np.array(values, dtype=np.float64),
        np.array(edges, dtype=np.int64),
        longest=longest,
        tolerance=tolerance,
        breaks=None if breaks is None else np.array(breaks, dtype=np.int64),
        fastest=fastest,
    )


def test_two_hours_of_a_steady_counter() -> None:
    result = consumed([100, 101, 102, 103, 104, 106, 108, 110, 112], [0, HOUR, 2 * HOUR])
    assert_allclose(result.value, [4, 8])
    assert_allclose(result.share, [1, 1])


def test_a_reading_13_seconds_late_shares_its_step_between_both_hours() -> None:
    late = HOUR + 13_000_000
    result = consumed([0, 3600 + 13, 7200], [0, HOUR, 2 * HOUR], times=[0, late, 2 * HOUR])
    assert_allclose(result.value, [3600, 3600])


def test_a_reset_to_zero_is_neither_a_fall_nor_a_leap() -> None:
    result = consumed([99_997, 99_998, 99_999, 0, 1, 2, 3, 4, 5], [0, HOUR, 2 * HOUR])
    assert_allclose(result.value, [2 + 1, 4])
    assert_allclose(result.share, [0.75, 1])


def test_a_single_zero_between_true_values_is_left_out() -> None:
    result = consumed([99_997, 99_998, 0, 99_999, 100_000], [0, HOUR])
    assert_allclose(result.value, [3])


def test_a_dip_of_several_readings_is_left_out() -> None:
    result = consumed([5000, 5001, 0, 0, 0.5, 5005, 5006, 5007, 5008], [0, 2 * HOUR])
    assert_allclose(result.value, [8])


def test_a_register_that_counts_past_its_old_value_after_a_reset_was_reset() -> None:
    values = [10, 11, 0, *range(1, 15)]
    result = consumed(values, [0, (len(values) - 1) * QUARTER], longest=HOUR)
    assert_allclose(result.value, [1 + 14])


def test_a_single_spike_is_left_out() -> None:
    result = consumed([100, 101, 99_999, 103, 104], [0, HOUR])
    assert_allclose(result.value, [4])


def test_a_replaced_meter_that_stands_lower_starts_a_new_counting() -> None:
    result = consumed([100, 110, 120, 15, 25, 35], [0, 5 * QUARTER])
    assert_allclose(result.value, [40])


def test_a_replaced_meter_that_stands_higher_is_known_by_its_mounting() -> None:
    result = consumed([100, 110, 5000, 5010, 5020], [0, HOUR], breaks=[2 * QUARTER - 1])
    assert_allclose(result.value, [30])


def test_a_leap_beyond_the_physically_possible_counts_nothing() -> None:
    result = consumed([100, 110, 90_000, 90_010, 90_020], [0, HOUR], fastest=20_000)
    assert_allclose(result.value, [30])


def test_a_gap_is_interpolated_and_says_so() -> None:
    times = [0, QUARTER, 4 * HOUR, 4 * HOUR + QUARTER]
    result = consumed([0, 1, 16, 17], [0, HOUR, 2 * HOUR, 5 * HOUR], times=times)
    assert_allclose(result.value, [1 + 3, 4, np.nan])
    assert_allclose(result.share, [0.25, 0, 0])


def test_a_reset_within_a_long_gap_leaves_it_unknown() -> None:
    times = [0, QUARTER, 5 * HOUR, 6 * HOUR]
    result = consumed([50, 51, 3, 4], [0, HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR], times=times)
    assert_allclose(result.value, [np.nan, np.nan, np.nan, 1])


def test_what_lies_before_the_first_and_after_the_last_reading_is_unknown() -> None:
    result = consumed([0, 1, 2, 3, 4], [-HOUR, 0, HOUR, 2 * HOUR])
    assert_allclose(result.value, [np.nan, 4, np.nan])


def test_a_bucket_may_end_a_little_after_the_last_reading() -> None:
    result = consumed([0, 1, 2, 3], [0, HOUR], tolerance=QUARTER)
    assert_allclose(result.value, [3])
    assert_allclose(result.share, [0.75])


@pytest.mark.parametrize("values", [[], [7.0], [np.nan, 7.0], [np.inf, np.nan]])
def test_less_than_two_readings_tell_nothing(values: list[float]) -> None:
    result = consumed(values, [0, HOUR, 2 * HOUR], tolerance=HOUR)
    assert np.isnan(result.value).all()
    assert not result.share.any()


def test_readings_that_are_no_numbers_are_left_out() -> None:
    assert_allclose(consumed([0, np.nan, 2, np.inf, 4], [0, HOUR]).value, [4])


steps = st.lists(st.floats(0, 1e4, allow_subnormal=False), min_size=2, max_size=60)
pauses = st.integers(1, 3 * HOUR)


@st.composite
def registers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A register that only counts, read at uneven times."""
    values = np.cumsum(draw(steps))
    times = np.cumsum(draw(st.lists(pauses, min_size=values.size, max_size=values.size)))
    return times.astype(np.int64), values


@given(registers(), st.integers(1, 20))
def test_the_sum_over_all_buckets_is_the_last_reading_less_the_first(
    register: tuple[np.ndarray, np.ndarray], count: int
) -> None:
    time, value = register
    edges = np.unique(np.linspace(time[0], time[-1], count + 1).astype(np.int64))
    if edges.size < 2:
        return
    result = consumption(time, value, edges, longest=HOUR)
    assert_allclose(result.value.sum(), value[-1] - value[0], rtol=1e-9, atol=1e-6)
    assert (result.value >= 0).all()
    assert ((result.share >= 0) & (result.share <= 1)).all()


@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=60),
    st.lists(pauses, min_size=60, max_size=60),
    st.integers(1, 9),
)
def test_whatever_a_register_says_consumption_is_never_negative_nor_more_than_it_climbed(
    values: list[float], gaps: list[int], count: int
) -> None:
    value = np.array(values)
    time = np.cumsum(gaps[: value.size]).astype(np.int64)
    edges = np.unique(np.linspace(time[0], time[-1], count + 1).astype(np.int64))
    if edges.size < 2:
        return
    result = consumption(time, value, edges, longest=HOUR)
    used = result.value[np.isfinite(result.value)]
    assert (used >= 0).all()
    climbed = np.clip(np.diff(value), 0, None).sum()
    assert used.sum() <= climbed * (1 + 1e-9) + 1e-6


@given(registers(), st.integers(0, 58))
def test_a_reset_loses_no_more_than_the_step_it_falls_into(
    register: tuple[np.ndarray, np.ndarray], at: int
) -> None:
    time, value = register
    at = min(at, value.size - 2)
    reset = np.concatenate([value[: at + 1] + 1e7, value[at + 1 :] - value[at + 1]])
    total = counting(time, reset).total[-1]
    assert_allclose(total, value[-1] - value[0] - (value[at + 1] - value[at]), atol=1e-5)
