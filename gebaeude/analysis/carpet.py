"""Hourly values → a carpet: hours of the day down, local days across.

The clock on the wall decides the row. On the last Sunday of October the hour from 2 to 3 comes
twice: its cell is the mean of both. On the last Sunday of March it is left out: its cell is NaN.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gebaeude.analysis.localtime import HOUR, SECOND, midnight
from gebaeude.text import BERLIN

Floats = NDArray[np.float64]
Micros = NDArray[np.int64]


class Cells(NamedTuple):
    """Where each hour of a run of local days belongs in the carpet."""

    start: Micros  # beginning of each hour [µs], shape (n,)
    row: NDArray[np.int64]  # hour on the wall, 0 … 23
    column: NDArray[np.int64]  # which day
    hours: NDArray[np.int64]  # of each day: 23, 24 or 25


def cells(days: list[date]) -> Cells:
    """The hours of consecutive local `days`."""
    begins = np.array([midnight(day) for day in [*days, days[-1] + timedelta(days=1)]])
    start = np.arange(begins[0], begins[-1], HOUR, dtype=np.int64)
    column = np.searchsorted(begins, start, side="right") - 1
    hours = np.diff(begins) // HOUR
    row = (start - begins[column]) // HOUR
    for odd in np.flatnonzero(hours[column] != 24):
        row[odd] = datetime.fromtimestamp(int(start[odd]) // SECOND, UTC).astimezone(BERLIN).hour
    return Cells(start, row, column, hours)


def carpet(of: Cells, value: Floats) -> Floats:
    """Hourly `value`, shape (n,) → shape (24, days); the mean where two hours share a cell."""
    shape = (24, of.hours.size)
    known = np.isfinite(value)
    where = (of.row[known], of.column[known])
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, where, value[known])
    np.add.at(count, where, 1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
