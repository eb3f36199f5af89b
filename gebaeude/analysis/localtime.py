"""Edges of hours, local days, weeks and months as microseconds since 1970 UTC.

Hours are UTC hours, which are also whole hours on the wall clock in Germany; days and longer are
those of Europe/Berlin, so that a day has 23, 24 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gebaeude.text import BERLIN

Micros = NDArray[np.int64]
Step = Literal["hour", "day", "week", "month"]

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(of: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=int(of))


def midnight(day: date) -> int:
    """The moment a local day begins [µs]."""
    return micros(datetime.combine(day, time(), tzinfo=BERLIN).astimezone(UTC))


def local_day(of: datetime) -> date:
    """The local day an aware time lies in."""
    return of.astimezone(BERLIN).date()


def days(start: datetime, end: datetime) -> list[date]:
    """The local days that `start` … `end` touches, `end` itself not included; at least one."""
    first = local_day(start)
    last = local_day(max(end - timedelta(microseconds=1), start))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def edges(start: datetime, end: datetime, step: Step) -> Micros:
    """Edges [µs], shape (n + 1,), of the n steps that `start` … `end` touches."""
    if step == "hour":
        first, last = micros(start) // HOUR, -(-micros(end) // HOUR)
        return np.arange(first, max(last, first + 1) + 1, dtype=np.int64) * HOUR
    return np.array([midnight(day) for day in _firsts(start, end, step)], dtype=np.int64)


def _firsts(start: datetime, end: datetime, step: Step) -> Iterator[date]:
    touched = days(start, end)
    day = _first_of(touched[0], step)
    while day <= touched[-1]:
        yield day
        day = _next(day, step)
    yield day


def _first_of(day: date, step: Step) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _next(first: date, step: Step) -> date:
    if step == "month":
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if step == "week" else 1)
