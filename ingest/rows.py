"""Readings on their way to the database, column by column."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from gebaeude.model import Quality


class Rows:
    """Readings to be written, column by column: 20 bytes each, however many."""

    __slots__ = ("points", "suspect", "times", "values")

    def __init__(self) -> None:
        self.points = array("i")
        self.times = array("q")  # µs since 1970-01-01 UTC
        self.values = array("d")
        self.suspect = array("q")  # indices of the few that are to be marked, in order

    def __len__(self) -> int:
        return len(self.points)

    def append(self, point: int, time: int, value: float) -> None:
        """One more."""
        self.points.append(point)
        self.times.append(time)
        self.values.append(value)

    def has(self, point: int, time: int, start: int) -> bool:
        """Whether a reading of this point and time is there from this index on."""
        return any(
            self.points[n] == point and self.times[n] == time for n in range(start, len(self))
        )

    def qualities(self, start: int, end: int) -> NDArray[np.int16]:
        """Of the rows from `start` to before `end`."""
        found = np.full(end - start, Quality.MEASURED, np.int16)
        marked = np.frombuffer(self.suspect, np.int64) if self.suspect else np.empty(0, np.int64)
        found[marked[(marked >= start) & (marked < end)] - start] = Quality.SUSPECT
        return found
