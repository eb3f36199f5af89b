"""What a device is to the schedule: something whose turn comes, and that then says something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulators.noise import Ints
from simulators.senml import Encoded
from simulators.troubles import DeviceTrouble

Spoken = tuple[int, Encoded]  # when it is sent [s since 1970], the message


@dataclass(frozen=True)
class Source:
    """A device that sends every so many seconds, `phase` after the full multiple."""

    id: str
    every: int
    phase: int
    trouble: DeviceTrouble
    speak: Callable[[Ints, Ints], list[Spoken]]  # (times, times by its own clock) → messages

    def times(self, begin: int, end: int) -> Ints:
        """When it is its turn, from begin to before end."""
        turn = -(-(begin - self.phase) // self.every)
        return np.arange(turn * self.every + self.phase, end, self.every, dtype=np.int64)

    def messages(self, time: Ints) -> list[Spoken]:
        """What it sends at these times as far as its faults allow, in the order of sending."""
        time = self.trouble.heard(time)
        if not len(time):
            return []
        spoken = self.speak(time, self.trouble.stamp(time))
        copied = [one for one in spoken for _ in range(self.trouble.copies(one[0]))]
        late = [(at + self.trouble.delay(at, self.every), message) for at, message in copied]
        return sorted(late, key=lambda one: one[0])
