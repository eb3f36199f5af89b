"""What day it is in Nordlippe: local hours, weekends, public and school holidays.

Europe/Berlin with its clock changes; holidays of North Rhine-Westphalia from the library
`holidays`, which knows school holidays from 2024 to the summer of 2029 (later years count as
term all through).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from simulators.noise import Floats, Ints

ZONE = ZoneInfo("Europe/Berlin")
WORKDAY, SATURDAY, SUNDAY = 0, 1, 2


@dataclass(frozen=True)
class Moments:
    """Arrays of one length: local hour of day [h], kind of day, school break, local day number
    (days since 1970)."""

    hour: Floats
    kind: Ints
    school_break: NDArray[np.bool_]
    day: Ints


def moments(time: Ints) -> Moments:
    """What each time (seconds since 1970 UTC) is to the people in the buildings."""
    local = time + offset(time)
    day = local // 86_400
    days, inverse = np.unique(day, return_inverse=True)
    facts = np.array([_facts(int(number)) for number in days], dtype=np.int64).reshape(-1, 2)
    kind, breaks = facts[inverse, 0], facts[inverse, 1].astype(np.bool_)
    return Moments((local % 86_400) / 3_600, kind, breaks, day)


def offset(time: Ints) -> Ints:
    """Seconds by which the local clock is ahead of UTC."""
    hours, inverse = np.unique(time // 3_600, return_inverse=True)
    return np.array([_offset(int(hour)) for hour in hours], dtype=np.int64)[inverse]


@lru_cache(maxsize=100_000)
def _offset(hour: int) -> int:
    delta = datetime.fromtimestamp(hour * 3_600, ZONE).utcoffset()
    assert delta is not None
    return int(delta.total_seconds())


@lru_cache(maxsize=10_000)
def _facts(day: int) -> tuple[int, bool]:
    """Kind of day (a public holiday is a Sunday), and whether schools are shut by a break."""
    date = datetime.fromtimestamp(day * 86_400, UTC).date()
    public, school = _holidays(date.year)
    weekday = date.weekday()
    kind = SUNDAY if weekday == 6 or date in public else SATURDAY if weekday == 5 else WORKDAY
    return kind, date in school


@lru_cache(maxsize=32)
def _holidays(year: int) -> tuple[holidays.HolidayBase, holidays.HolidayBase]:
    return (
        holidays.country_holidays("DE", subdiv="NW", years=year),
        holidays.country_holidays("DE", subdiv="NW", years=year, categories=("school",)),
    )
