"""How fast history may go: as fast as somebody takes it, so that live messages do not queue behind.

The broker acknowledges whatever it can store. How much it holds for others it tells itself every
few seconds, where the number has changed (`$SYS/broker/store/messages/count`), and after it how
much it has received, which changes as long as we send; from two such reports follows what was taken
in between. A broker that tells nothing gets a steady rate that a small machine stands.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from time import monotonic

STORED = "$SYS/broker/store/messages/count"
RECEIVED = "$SYS/broker/publish/messages/received"
FIRST, SLOWEST, FASTEST = 600.0, 10.0, 4_000.0  # messages per second
FASTER = 1.25
BEHIND = 0.7  # of what is taken: less comes than goes, so the queue drains
QUEUE_SECONDS = 1.0  # a queue of so many seconds' worth is none


class Pace:
    """Call `wait` before each message, `stored` and `received` with the broker's reports."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.rate = FIRST
        self._clock = clock
        self._next = clock()
        self._lock = Lock()
        self.sent = 0
        self._stored: int | None = None
        self._own = 0  # what the broker holds anyway: retained messages
        self._last: tuple[float, int, int] | None = None  # time, sent, stored

    def wait(self, stop: Event) -> bool:
        """Until the next message may go; False when it is time to stop."""
        with self._lock:
            now = self._clock()
            # After a pause it does not catch up in one burst.
            self._next = max(self._next, now - 0.05) + 1 / self.rate
            pause = self._next - now
            self.sent += 1
        return not (stop.wait(pause) if pause > 0.002 else stop.is_set())

    def stored(self, payload: bytes) -> None:
        """The broker holds so many messages."""
        if payload.isdigit():
            self._own = int(payload) if self._stored is None else min(self._own, int(payload))
            self._stored = int(payload)

    def received(self, _payload: bytes) -> None:
        """The broker has told all it had to tell at this moment."""
        now, stored = self._clock(), self._stored
        if stored is None:
            return
        with self._lock:
            if self._last is not None and now - self._last[0] > 0.1:
                self._adjust(now - self._last[0], stored)
            self._last = now, self.sent, stored

    def _adjust(self, seconds: float, stored: int) -> None:
        assert self._last is not None
        taken = max(self.sent - self._last[1] - (stored - self._last[2]), 0) / seconds
        if stored - self._own > max(QUEUE_SECONDS * taken, 100.0):
            self.rate = max(BEHIND * taken, SLOWEST)
        else:
            self.rate = min(max(self.rate * FASTER, taken), FASTEST)
