"""A long series in few points that keep every extreme."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gebaeude.analysis.downsample import line, pixels

MINUTE = 60_000_000


def test_each_pixel_shows_its_low_and_high_in_the_order_they_came() -> None:
    time = np.arange(6) * MINUTE
    value = np.array([1.0, 5.0, 3.0, 9.0, 7.0, 2.0])
    shown, heights = line(pixels(time, value, 0, 3 * MINUTE), 10 * MINUTE)
    assert_array_equal(heights, [1, 5, 9, 2])
    assert_array_equal(shown, [0, MINUTE, 3 * MINUTE, 5 * MINUTE])


def test_a_gap_breaks_the_line() -> None:
    time = np.array([0, 1, 2, 50, 51]) * MINUTE
    shown, heights = line(pixels(time, np.arange(5.0), 0, MINUTE), 10 * MINUTE)
    assert_array_equal(heights, [0, 1, 2, np.nan, 3, 4])
    assert shown[3] == 26 * MINUTE


def test_nothing_gives_nothing() -> None:
    shown, heights = line(pixels(np.empty(0, "i8"), np.empty(0), 0, MINUTE), MINUTE)
    assert shown.size == heights.size == 0


readings = st.tuples(st.integers(0, 10_000), st.floats(-1e9, 1e9))


@given(st.lists(readings, min_size=1, unique_by=lambda row: row[0]), st.integers(1, 50))
def test_extremes_stay_and_points_are_few(rows: list[tuple[int, float]], width: int) -> None:
    rows.sort()
    time = np.array([row[0] for row in rows], dtype=np.int64) * MINUTE
    value = np.array([row[1] for row in rows])
    step = 10_001 * MINUTE // width + 1
    shown, heights = line(pixels(time, value, 0, step), longest=10_001 * MINUTE)
    assert heights.min() == value.min()
    assert heights.max() == value.max()
    assert heights.size <= 2 * width
    assert (np.diff(shown) > 0).all()
    original = dict(zip(time.tolist(), value.tolist(), strict=True))
    assert all(original[t] == v for t, v in zip(shown.tolist(), heights.tolist(), strict=True))
