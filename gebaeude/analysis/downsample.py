"""A long series → at most two points for each pixel, so that no extreme is lost.

Each pixel shows its smallest and its largest value in the order they came. Gaps stay gaps: a NaN
stands between two pixels whose readings lie further apart than a gap may be.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Micros = NDArray[np.int64]


class Pixels(NamedTuple):
    """One row for each pixel that has readings, in the order of time; times in µs since 1970."""

    first: Micros  # time of its first reading
    last: Micros
    low_at: Micros
    low: Floats
    high_at: Micros
    high: Floats


def pixels(time: Micros, value: Floats, start: int, step: int) -> Pixels:
    """Readings at `time` [µs, rising] in pixels of `step` [µs] that begin at `start` [µs]."""
    if not time.size:
        return Pixels(*(np.empty(0, kind) for kind in ("i8", "i8", "i8", "f8", "i8", "f8")))
    pixel = (time - start) // step
    first = np.flatnonzero(np.concatenate([[True], np.diff(pixel) > 0]))
    last = np.concatenate([first[1:], [time.size]]) - 1
    order = np.lexsort((time, value, pixel))  # by value within each pixel, the earliest first
    back = np.lexsort((-time, value, pixel))  # the same, the latest first
    low, high = order[first], back[last]
    return Pixels(time[first], time[last], time[low], value[low], time[high], value[high])


def line(of: Pixels, longest: int) -> tuple[Micros, Floats]:
    """Points of a line through the pixels; NaN where the pause is longer than `longest` [µs]."""
    early, late = np.minimum(of.low_at, of.high_at), np.maximum(of.low_at, of.high_at)
    low_first = of.low_at <= of.high_at
    one = np.where(low_first, of.low, of.high)
    two = np.where(low_first, of.high, of.low)
    following = np.concatenate([of.first[1:], of.last[-1:]])
    pause = following - of.last > longest
    middle = of.last + (following - of.last) // 2
    time = np.stack([early, late, middle], axis=1)
    value = np.stack([one, two, np.full(one.size, np.nan)], axis=1)
    shown = np.stack([np.full(one.size, True), early < late, pause], axis=1)
    return time[shown], value[shown]
