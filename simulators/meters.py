"""Registers that count: the integral of a rate, at any second, the same whoever asks.

Between two full hours the rate runs straight from one value to the next, with ripples on it that
vanish at both ends:

    rate(u) = r₀ + (r₁ − r₀) u + min(r₀, r₁) Σ aₖ sin 2πku          u = 0…1 within the hour
    ∫       = r₀ u + (r₁ − r₀) u²/2 + min(r₀, r₁) Σ aₖ (1 − cos 2πku) / 2πk

With Σ|aₖ| < 1 the rate is never negative, so a register never goes back. The ripples are seeded by
meter and hour; they are the kettle, the cloud, the shower.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulators import noise
from simulators.noise import Floats, Ints
from simulators.world import EPOCH, HOUR

RIPPLES = ((1, 0.45), (3, 0.35), (7, 0.2))  # waves per hour, share of the liveliness


@dataclass(frozen=True)
class Flow:
    """Something extra that a meter counts at a constant rate per hour, from begin to end [s]."""

    begin: float
    end: float
    rate: float


class Meter:
    """A register and the rate behind it.

    hourly: the rate per hour at each full hour since EPOCH, and its integral up to it, both (n,),
    to at least an hour after the time [s] it is asked for.
    """

    def __init__(
        self,
        hourly: Callable[[int], tuple[Floats, Floats]],
        *,
        key: int,
        lively: float = 0.3,
        start: float = 0.0,
        restarts: tuple[float, ...] = (),
        extra: tuple[Flow, ...] = (),
    ) -> None:
        self._hourly = hourly
        self._key = key
        self._lively = lively
        self._start = start
        self._restarts = sorted(restarts)
        self._extra = extra

    def rate(self, time: Ints) -> Floats:
        """Per hour, at each time [s since 1970 UTC]."""
        rates, _sums = self._hourly(int(time.max(initial=EPOCH)))
        hour, seconds = divmod(time - EPOCH, HOUR)
        u = seconds / HOUR
        first, last = rates[hour], rates[hour + 1]
        value = first + (last - first) * u
        for waves, height in self._ripples(hour):
            value += np.minimum(first, last) * height * np.sin(2 * np.pi * waves * u)
        for flow in self._extra:
            value += flow.rate * ((time >= flow.begin) & (time < flow.end))
        return np.asarray(value, dtype=np.float64)

    def register(self, time: Ints) -> Floats:
        """What the counter shows at each time."""
        begun = np.zeros(time.shape)
        for restart in self._restarts:
            at = self._count(np.array([int(restart)], dtype=np.int64))
            begun = np.where(time >= restart, at, begun)
        return self._count(time) - begun

    def _count(self, time: Ints) -> Floats:
        rates, sums = self._hourly(int(time.max(initial=EPOCH)))
        hour, seconds = divmod(time - EPOCH, HOUR)
        u = seconds / HOUR
        first, last = rates[hour], rates[hour + 1]
        value = sums[hour] + first * u + (last - first) * u * u / 2
        for waves, height in self._ripples(hour):
            turn = 2 * np.pi * waves
            value += np.minimum(first, last) * height * (1 - np.cos(turn * u)) / turn
        for flow in self._extra:
            value += flow.rate * np.clip(time - flow.begin, 0, flow.end - flow.begin) / HOUR
        return np.asarray(value + self._start, dtype=np.float64)

    def _ripples(self, hour: Ints) -> list[tuple[int, Floats]]:
        return [
            (waves, self._lively * share * (2 * noise.uniform(self._key + waves, hour) - 1))
            for waves, share in RIPPLES
        ]
