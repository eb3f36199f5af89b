"""Local days: clock changes, holidays, school breaks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simulators.calendar import SATURDAY, SUNDAY, WORKDAY, moments, offset

HOUR = 3_600
Local = Callable[[str], int]


@pytest.mark.parametrize(
    ("day", "kind", "school_break"),
    [
        ("2026-11-20", WORKDAY, False),
        ("2026-11-21", SATURDAY, False),
        ("2026-11-22", SUNDAY, False),
        ("2026-06-04", SUNDAY, False),  # Fronleichnam, a holiday in North Rhine-Westphalia
        ("2026-08-15", SATURDAY, True),  # Mariä Himmelfahrt is none there
        ("2026-11-01", SUNDAY, False),  # Allerheiligen
        ("2026-07-20", WORKDAY, True),  # first day of the summer break
        ("2026-09-01", WORKDAY, True),  # its last
        ("2026-09-02", WORKDAY, False),
        ("2026-12-28", WORKDAY, True),
    ],
)
def test_days(at: Local, day: str, kind: int, school_break: bool) -> None:
    noon = moments(np.array([at(f"{day}T12:00")]))
    assert (noon.kind[0], noon.school_break[0]) == (kind, school_break)
    assert noon.hour[0] == 12.0


def test_the_clock_changes_twice_a_year(at: Local) -> None:
    spring = np.array([at("2026-03-29T00:00") + hour * HOUR for hour in range(23)])
    assert moments(spring).hour.tolist() == [0.0, 1.0, *range(3, 24)]
    autumn = np.array([at("2026-10-25T00:00") + hour * HOUR for hour in range(25)])
    assert moments(autumn).hour.tolist() == [0.0, 1.0, 2.0, *range(2, 24)]
    assert len(set(moments(spring).day.tolist())) == len(set(moments(autumn).day.tolist())) == 1


def test_offset_is_summer_or_winter_time(at: Local) -> None:
    assert offset(np.array([at("2026-01-01"), at("2026-07-01")])).tolist() == [HOUR, 2 * HOUR]
