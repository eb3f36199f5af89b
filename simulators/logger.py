"""A building's data logger: archives all points, sends what is new, and on demand what is old.

Registers are written every quarter of an hour, everything else every full hour; of the last hours
before it is asked it still has every value as its sensor gave it. What it sends live
are the same values at the same times as in its packs of history, so a gap closes without a seam.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gebaeude.model import Kind
from gebaeude.portfolio.records import Device
from simulators import noise, senml
from simulators.noise import Floats, Ints
from simulators.place import Place, Reading
from simulators.senml import Encoded, Record
from simulators.source import Source, Spoken
from simulators.troubles import Span, within

REGISTERS_EVERY, OTHERS_EVERY = 900, 3_600  # s
UPLOAD_DELAY = 90  # s at most between writing and sending
FRESH = 6 * 3_600  # s for which nothing has been thinned out yet
DAY = 86_400
BLOCK_DAYS = 4  # of hourly values make a pack of 96, as a day of quarter-hours does


@dataclass(frozen=True)
class Archived:
    """A point in a logger."""

    record: Record
    reading: Reading
    every: int
    fresh_every: int
    missing: tuple[Span, ...]


@dataclass(frozen=True)
class Logger:
    """The data logger of a building."""

    source: Source
    base: str
    topic: str
    points: tuple[Archived, ...]

    def block(
        self, begin: int, end: int, asked: int
    ) -> tuple[list[Encoded], dict[int, list[Encoded]]]:
        """Packs of a few days, from begin to end: those that span them, and those of each day.

        asked: when the logger is asked for them.
        """
        whole: list[Encoded] = []
        daily: dict[int, list[Encoded]] = {}
        for point in self.points:
            time = _grid(begin, end, point.every)
            if point.fresh_every < point.every and asked - FRESH < end:
                fresh = _grid(max(begin, asked - FRESH), end, point.fresh_every)
                time = np.union1d(time, fresh)
            time = self.source.trouble.heard(time[~within(time, point.missing)])
            if not len(time):
                continue
            value = point.reading.at(time)
            if point.every * 96 >= BLOCK_DAYS * DAY:
                whole += self._pack(point, time, value)
                continue
            day = time // DAY
            for number in np.unique(day).tolist():
                mine = day == number
                daily.setdefault(number, []).extend(self._pack(point, time[mine], value[mine]))
        return whole, daily

    def _pack(self, point: Archived, time: Ints, value: Floats) -> Iterator[Encoded]:
        trouble = self.source.trouble
        mixed = within(time, trouble.disordered)
        if mixed.any():
            order = np.argsort(np.where(mixed, noise.uniform(len(self.base), time), 2.0))
            time, value = time[order], value[order]
        body = senml.series(self.base, point.record, trouble.stamp(time), value)
        for _ in range(trouble.copies(int(time[0]))):
            yield self.topic, body


def _grid(begin: int, end: int, every: int) -> Ints:
    """The multiples of `every` from begin to before end."""
    return np.arange(-(-begin // every) * every, end, every, dtype=np.int64)


def logger(place: Place, device: Device) -> Logger:
    """The logger of a building as the portfolio describes it."""
    points = tuple(_archived(place, device))
    trouble = place.troubles.of_device(device)
    topic = senml.topic(place.building.key)
    phase = 1 + place.key(device) % UPLOAD_DELAY
    speak = _speaker(device.id, topic, phase, points)
    source = Source(device.id, REGISTERS_EVERY, phase, trouble, speak)
    return Logger(source, device.id, topic, points)


def _archived(place: Place, device: Device) -> Iterator[Archived]:
    for channel in device.channels:
        point = place.point(channel.point)
        if point is None or (point.medium.value, point.quantity) not in senml.UNITS:
            continue
        reading = place.of_point(point, channel.factor)
        if reading is not None:
            counts = point.kind is Kind.COUNTER
            every = max(REGISTERS_EVERY, point.every_s) if counts else OTHERS_EVERY
            yield Archived(
                senml.record(channel.field, point.medium.value, point.quantity),
                reading,
                every,
                every if counts else max(600, point.every_s),
                place.troubles.missing(place.building.key, point.key),
            )


def _speaker(
    base: str, topic: str, phase: int, points: tuple[Archived, ...]
) -> Callable[[Ints, Ints], list[Spoken]]:
    """What is new at its turn; at any other time the latest of everything."""

    def speak(time: Ints, stamp: Ints) -> list[Spoken]:
        out: list[Spoken] = []
        for at, told in zip(time.tolist(), stamp.tolist(), strict=True):
            written = at // REGISTERS_EVERY * REGISTERS_EVERY
            its_turn = at - written == phase
            values = []
            for point in points:
                latest = at // point.every * point.every
                when = np.array([latest], dtype=np.int64)
                if (its_turn and latest < written) or within(when, point.missing)[0]:
                    continue
                value = float(point.reading.at(when)[0])
                values.append((point.record, latest + told - at, value))
            if values:
                body = senml.moment(base, written + told - at, values)
                out.append((at, (topic, body)))
        return out

    return speak
