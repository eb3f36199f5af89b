"""What the faults do: to a point's values, to a device's messages, to a building's heating."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gebaeude.portfolio.records import Device
from simulators import noise
from simulators.faults import Fault
from simulators.meters import Flow
from simulators.noise import Ints
from simulators.signals import Trouble
from simulators.world import Override

Span = tuple[float, float]
# What the heating keeps then [°C]; None: the day's temperature, all the time.
HELD: dict[str, float | None] = {"heating-at-night": None, "heating-failed": -50.0}
LEAK_M3_PER_HOUR = 0.42  # a broken flush or a cracked hose
AHEAD = 2 * 3_600  # s, a clock that is wrong
TIMES = 3  # a message that repeats itself


@dataclass(frozen=True)
class DeviceTrouble:
    """Spans in which a device misbehaves, and when it was exchanged for another."""

    silent: tuple[Span, ...] = ()
    ahead: tuple[Span, ...] = ()
    repeating: tuple[Span, ...] = ()
    disordered: tuple[Span, ...] = ()
    replaced: tuple[float, ...] = ()

    def heard(self, time: Ints) -> Ints:
        """The times at which it sends at all."""
        return time[~within(time, self.silent)]

    def stamp(self, time: Ints) -> Ints:
        """The times it believes it is."""
        return time + AHEAD * within(time, self.ahead)

    def copies(self, time: int) -> int:
        """How often it sends the same message."""
        return TIMES if any(begin <= time < end for begin, end in self.repeating) else 1

    def delay(self, time: int, every: int) -> int:
        """By how many seconds a message is late: every second one, until after the next."""
        late = any(begin <= time < end for begin, end in self.disordered)
        return every * 3 // 2 if late and time // every % 2 else 0

    def generation(self, time: int) -> int:
        """How often it has been exchanged."""
        return sum(time >= at for at in self.replaced)


class Troubles:
    """All faults, sorted by what they strike."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = tuple(faults)

    def of_point(self, building: str, point: str) -> Trouble:
        """What happens to the values of a point."""
        mine = [fault for fault in self._faults if (building, point) in fault.points]
        return Trouble(
            stuck=_spans(mine, "stuck"),
            restarts=tuple(
                begin for name in ("counter-reset", "meter-replaced")
                for begin, _end in _spans(mine, name)
            ),
            leaks=tuple(
                Flow(begin, end, LEAK_M3_PER_HOUR) for begin, end in _spans(mine, "water-leak")
            ),
        )  # fmt: skip

    def missing(self, building: str, point: str) -> tuple[Span, ...]:
        """When the building's logger has nothing of a point."""
        return _spans([f for f in self._faults if (building, point) in f.points], "dropout")

    def of_device(self, device: Device) -> DeviceTrouble:
        """What happens to the messages of a device."""
        mine = [f for f in self._faults if (device.format, device.id) in f.devices]
        return DeviceTrouble(
            silent=_spans(mine, "dropout"),
            ahead=_spans(mine, "clock-wrong"),
            repeating=_spans(mine, "repeats"),
            disordered=_spans(mine, "out-of-order"),
            replaced=tuple(begin for begin, _end in _spans(mine, "meter-replaced")),
        )

    def overrides(self, place: dict[str, int]) -> tuple[Override, ...]:
        """Where the heating does not do as it should; `place` tells each building's index."""
        return tuple(
            Override(place[building], fault.begin, fault.end, HELD[fault.name])
            for fault in self._faults
            if fault.name in HELD
            for building in sorted({building for building, _point in fault.points})
        )


def within(time: Ints, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Whether each time lies in one of the spans."""
    inside = np.zeros(time.shape, dtype=np.bool_)
    for begin, end in spans:
        inside |= (time >= begin) & (time < end)
    return inside


def another(old: str, generation: int) -> str:
    """The id on the new device's plate: as long and of the same digits as the old one's."""
    if not generation:
        return old
    head, _, tail = old.rpartition("-")
    fresh = noise.key(old, generation)
    digits = f"{fresh:020d}" if tail.isdigit() else f"{fresh:016x}"
    return f"{head}-{digits[-len(tail) :]}" if head else digits[-len(tail) :]


def _spans(faults: Sequence[Fault], name: str) -> tuple[Span, ...]:
    return tuple((fault.begin, fault.end) for fault in faults if fault.name == name)
