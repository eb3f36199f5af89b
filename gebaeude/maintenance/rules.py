"""When a finding opens and when it closes: a value out of its limits, and a point that is silent.

Both rules look at the state of things and not at events: given the same readings they say the
same, however often they are asked, in whatever order the readings came.

**Limit.** A finding opens when the values were beyond the limit without a break for the rule's
delay, measured between readings and not by the wall clock: only a reading proves anything. A
value at the limit, or a gap in which readings are missing, begins the delay anew. It closes with
the first value that is inside by the hysteresis. Between limit and hysteresis nothing changes.

**Silence.** A point is silent when nothing came for three of its intervals: radio loses single
messages every day, two in a row seldom. Never before 15 minutes, so that a restarted gateway is
no finding; and never later than one day beyond the interval, so that a meter read once a day is
missed on the second day. Only the time counts in which readings came from anywhere at all: no
point is to blame while the broker or this system is down.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Change(StrEnum):
    """What a rule wants done with the point's finding."""

    OPEN = "open"
    CLOSE = "close"
    KEEP = "keep"


class Crossing(msgspec.Struct, frozen=True):
    """What an opening rests on: a run of readings beyond a limit. Times in µs since 1970 UTC."""

    bound: str  # "low" or "high": the side that was crossed
    limit: float
    since: int  # the first reading of the run
    at: int  # the last
    value: float  # its value
    extreme: float  # the value farthest out


class Limit(msgspec.Struct, frozen=True):
    """The band a value should stay in, in the point's unit, and how patient the rule is."""

    low: float | None
    high: float | None
    hysteresis: float = 0.0  # how far inside a value must be to close
    delay_s: int = 0  # seconds beyond the limit before a finding opens
    interval_s: int = 600  # seconds between two expected readings


class Verdict(msgspec.Struct, frozen=True):
    """What is to be done."""

    change: Change
    crossing: Crossing | None = None  # where a finding opens
    until: int | None = None  # where one closes: the reading that was inside again [µs]


class Hearing(msgspec.Struct, frozen=True):
    """What is known of a point's last words."""

    interval_s: int
    silent_s: float | None  # seconds since then in which others were heard; None: it never sent


KEEP = Verdict(Change.KEEP)

_LOST_IN_A_ROW = 3
_PATIENCE_LEAST = timedelta(minutes=15)
_PATIENCE_MOST = timedelta(days=1)


def patience(interval_s: int) -> timedelta:
    """How long a point with this interval may be silent."""
    interval = timedelta(seconds=interval_s)
    return max(_PATIENCE_LEAST, min(_LOST_IN_A_ROW * interval, interval + _PATIENCE_MOST))


def reach(limit: Limit) -> timedelta:
    """How far back readings matter to the limit rule: the delay, and one gap before it."""
    return timedelta(seconds=limit.delay_s) + patience(limit.interval_s)


def judge_limit(limit: Limit, times: Ints, values: Floats, *, is_open: bool) -> Verdict:
    """Open, close or keep, from the point's recent readings.

    `times` (n,) in µs, `values` (n,) in the point's unit, in any order, repeats allowed: of two
    readings for one moment the later in the array counts. Values that are no number are left out.
    """
    times, values = _in_order(times, values)
    if times.size == 0:
        return KEEP
    if is_open:
        inside = _is_inside(limit, float(values[-1]))
        return Verdict(Change.CLOSE, until=int(times[-1])) if inside else KEEP
    crossing = _crossing(limit, times, values)
    if crossing is None or crossing.at - crossing.since < limit.delay_s * 1_000_000:
        return KEEP
    return Verdict(Change.OPEN, crossing)


def judge_silence(hearing: Hearing, *, is_open: bool) -> Change:
    """Open, close or keep. What never sent anything is not silent: it is not installed yet."""
    if hearing.silent_s is None:
        return Change.KEEP
    silent = hearing.silent_s > patience(hearing.interval_s).total_seconds()
    if silent == is_open:
        return Change.KEEP
    return Change.OPEN if silent else Change.CLOSE


def _in_order(times: Ints, values: Floats) -> tuple[Ints, Floats]:
    known = np.isfinite(values)
    times, values = times[known], values[known]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    last_of_moment = np.append(times[1:] != times[:-1], True)[: times.size]
    return times[last_of_moment], values[last_of_moment]


def _crossing(limit: Limit, times: Ints, values: Floats) -> Crossing | None:
    """The unbroken run of readings beyond a limit that ends with the last, if that is beyond."""
    if limit.high is not None and values[-1] > limit.high:
        bound, edge, beyond, farthest = "high", limit.high, values > limit.high, np.max
    elif limit.low is not None and values[-1] < limit.low:
        bound, edge, beyond, farthest = "low", limit.low, values < limit.low, np.min
    else:
        return None
    gap = np.diff(times) > patience(limit.interval_s) // timedelta(microseconds=1)
    breaks = np.flatnonzero(~beyond[:-1] | gap)
    first = int(breaks[-1]) + 1 if breaks.size else 0
    return Crossing(
        bound=bound,
        limit=edge,
        since=int(times[first]),
        at=int(times[-1]),
        value=float(values[-1]),
        extreme=float(farthest(values[first:])),
    )


def _is_inside(limit: Limit, value: float) -> bool:
    """Inside by the hysteresis; where that is more than half of the band, the middle counts."""
    margin = limit.hysteresis
    if limit.low is not None and limit.high is not None:
        margin = min(margin, (limit.high - limit.low) / 2)
    below = limit.high is None or value <= limit.high - margin
    above = limit.low is None or value >= limit.low + margin
    return below and above
