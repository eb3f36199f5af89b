"""Counter readings → consumption per bucket.

A counter at the edge of a bucket is interpolated linearly between the readings around it, so that
a reading at 09:00:13 shares its step between both hours, and the sum over all buckets is the last
reading less the first. What a register does besides counting:

- It steps back: it was reset or replaced. The step counts nothing, a new counting starts.
- It dips and returns (99,999 → 0 → 99,999): the readings in the dip are left out.
- A single reading stands far above both its neighbours: it is left out.
- It jumps by more than is physically possible (`fastest`), or a meter was changed (`breaks`): as
  a step back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Micros = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR = 3_600_000_000
LONGEST_DIP = 96  # readings; a day of quarter-hours
SPIKE = 20  # a spike stands so many times above what was really counted meanwhile


class Consumed(NamedTuple):
    """`value`: per bucket in the counter's unit, NaN where not known. `share`: measured, 0 … 1."""

    value: Floats
    share: Floats


class Counting(NamedTuple):
    """A register made to count on and on: `total[i]` at `time[i]`, and each step between them."""

    time: Micros
    total: Floats
    restarted: Flags  # shape (n - 1,): the step counted nothing


def counting(
    time: Micros, value: Floats, *, breaks: Micros | None = None, fastest: float = np.inf
) -> Counting:
    """Readings at `time` [µs, rising] as an ever-growing total that starts at 0.

    `breaks` [µs]: moments a meter was changed. `fastest`: most the counter can do [its unit / h].
    """
    keep = np.isfinite(value)
    time, value = time[keep], value[keep]
    keep = _sound(value)
    time, value = time[keep], value[keep]
    step = np.diff(value)
    restarted = (step < 0) | (step * HOUR > fastest * np.diff(time))
    if breaks is not None and breaks.size:
        restarted |= np.diff(np.searchsorted(breaks, time, side="right")) > 0
    counted = np.where(restarted, 0.0, step)
    total = np.concatenate([np.zeros(min(1, value.size)), np.cumsum(counted)])
    return Counting(time, total, restarted)


def consumption(
    time: Micros,
    value: Floats,
    edges: Micros,
    *,
    longest: int,
    tolerance: int = 0,
    breaks: Micros | None = None,
    fastest: float = np.inf,
) -> Consumed:
    """Consumption between neighbouring `edges` [µs, rising], shapes (len(edges) - 1,).

    Steps longer than `longest` [µs] are interpolated, not measured. A bucket is known where
    readings stand on both sides of it, or end no more than `tolerance` [µs] short of it; and not
    where a new counting began within a gap that covers more than half of it.
    """
    time, total, restarted = counting(time, value, breaks=breaks, fastest=fastest)
    if time.size < 2:
        return Consumed(np.full(edges.size - 1, np.nan), np.zeros(edges.size - 1))
    span = np.diff(time)
    width = np.diff(edges)
    gap = span > longest
    used = np.diff(np.interp(edges, time, total))
    share = _covered(time, span, ~gap & ~restarted, edges) / width
    unknown = _covered(time, span, gap & restarted, edges) * 2 > width
    inside = (edges >= time[0] - tolerance) & (edges <= time[-1] + tolerance)
    known = inside[:-1] & inside[1:] & ~unknown
    return Consumed(np.where(known, used, np.nan), np.where(known, np.clip(share, 0, 1), 0.0))


def _covered(time: Micros, span: Micros, which: Flags, edges: Micros) -> Floats:
    """How much [µs] of each bucket is covered by the steps that are `which`."""
    sums = np.concatenate([[0], np.cumsum(np.where(which, span, 0))])
    return np.diff(np.interp(edges, time, sums))


def _sound(value: Floats) -> Flags:
    """Which readings to believe: all but those in dips and single spikes."""
    keep = np.ones(value.size, dtype=np.bool_)
    for back in np.flatnonzero(np.diff(value) < 0):
        if not keep[back]:
            continue
        end = _end_of_dip(value, int(back))
        if end is not None:
            keep[back + 1 : end] = False
        elif _is_spike(value, int(back)):
            keep[back] = False
    return keep


def _end_of_dip(value: Floats, peak: int) -> int | None:
    """Where the register is back at its old level by one great step; None where it counts anew."""
    ahead = value[peak + 1 : peak + 1 + LONGEST_DIP]
    back = np.flatnonzero(ahead >= value[peak])
    if not back.size:
        return None
    end = peak + 1 + int(back[0])
    climbed = value[end] - value[end - 1]
    return end if 2 * climbed >= value[peak] - ahead[0] else None


def _is_spike(value: Floats, at: int) -> bool:
    """Whether this one reading stands far above a register that otherwise just went on."""
    if at == 0 or value[at - 1] <= 0:
        return False
    counted = value[at + 1] - value[at - 1]
    return bool(counted >= 0 and value[at] - value[at - 1] > SPIKE * counted)
