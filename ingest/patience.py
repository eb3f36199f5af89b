"""How long to wait for a broker or a database that is away, and for one that says nothing."""

from __future__ import annotations

import random
import time


class Pause:
    """Seconds between attempts: doubling from a tenth, never more than 30, never in step."""

    LONGEST_S = 30.0

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._next_s = 0.1
        self._ends = 0.0

    def prolong(self) -> None:
        self._ends = time.monotonic() + self._next_s * random.uniform(0.5, 1.0)
        self._next_s = min(self._next_s * 2, self.LONGEST_S)

    def left(self) -> float:
        """Seconds until the next attempt."""
        return self._ends - time.monotonic()


class Silence:
    """How long it may last before one asks: a minute, then twice as long, up to an hour."""

    SHORTEST_S, LONGEST_S = 60.0, 3600.0

    def __init__(self) -> None:
        self.end()

    def begin(self) -> None:
        """From now on something may come."""
        self._since = time.monotonic()

    def end(self) -> None:
        """A message has come."""
        self._lasts_s = self.SHORTEST_S
        self.begin()

    def is_suspicious(self) -> bool:
        """True once, and then a while not."""
        now = time.monotonic()
        if now - self._since < self._lasts_s:
            return False
        self._since, self._lasts_s = now, min(2 * self._lasts_s, self.LONGEST_S)
        return True
