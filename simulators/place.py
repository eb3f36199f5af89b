"""A building as its devices see it: the signal behind every field they measure."""

from __future__ import annotations

from dataclasses import dataclass

from gebaeude.model import Kind, Medium
from gebaeude.portfolio.records import Building, Device, Point
from simulators import noise
from simulators.noise import Floats, Ints
from simulators.signals import Signal, signal
from simulators.troubles import Troubles
from simulators.world import World


@dataclass(frozen=True)
class Reading:
    """The values of one field of a device, in the unit of its point."""

    signal: Signal
    factor: float = 1.0  # of the channel: value of the point = what is sent × factor

    def at(self, time: Ints) -> Floats:
        """What the device measures at these times [s since 1970]."""
        values = self.signal.at(time)
        return values if self.factor == 1.0 else values / self.factor


@dataclass(frozen=True)
class Place:
    """One building in the world, with the faults that strike in it."""

    world: World
    building: Building
    troubles: Troubles

    def point(self, key: str) -> Point | None:
        """A point of the building."""
        return next((point for point in self.building.points if point.key == key), None)

    def of_point(self, point: Point, factor: float = 1.0) -> Reading | None:
        """What a point shows; None where there is no physics for it."""
        trouble = self.troubles.of_point(self.building.key, point.key)
        shown = signal(self.world, self.building, point, trouble)
        return Reading(shown, factor) if shown else None

    def of_field(self, device: Device, field: str, otherwise: Point) -> Reading:
        """What a field shows: the point it feeds, or where it feeds none, what would be there."""
        for channel in device.channels:
            fed = self.point(channel.point)
            if channel.field == field and fed and (found := self.of_point(fed, channel.factor)):
                return found
        found = self.of_point(otherwise)
        if found is None:
            raise LookupError(f"no physics for {otherwise.medium} {otherwise.quantity}")
        return found

    def main_point(self, device: Device) -> Point | None:
        """The register a meter feeds, or else the first point of a device."""
        fed = [point for channel in device.channels if (point := self.point(channel.point))]
        counters = [point for point in fed if point.kind is Kind.COUNTER]
        return next(iter(counters or fed), None)

    def key(self, device: Device) -> int:
        """Seeds everything that is only this device's."""
        return noise.key(self.world.seed, device.format, device.id)

    def every(self, device: Device, most: int) -> int:
        """How often a device sends [s]: as often as its points are expected, at most rarely."""
        fed = [point for channel in device.channels if (point := self.point(channel.point))]
        return min([most, *(point.every_s for point in fed)])


def imagined(medium: Medium, quantity: str, key: str = "", space: str | None = None) -> Point:
    """A point the portfolio does not name, because nobody wants what its device also measures."""
    return Point(key, key, medium, quantity, Kind.GAUGE, 900, space)
