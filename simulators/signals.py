"""Points of the portfolio as values at any time: which physics each shows, and its faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gebaeude.model import Medium
from gebaeude.portfolio.records import Building, Point
from simulators import gauges, noise, plant
from simulators.gauges import Gauge
from simulators.meters import Flow, Meter
from simulators.noise import Floats, Ints
from simulators.world import EPOCH, Rate, World


@dataclass(frozen=True)
class Counting:
    """A register: what it integrates, how lively within the hour, its smallest step."""

    rate: Rate
    lively: float
    step: float  # kWh or m³, of the last digit
    yearly: float  # per m² floor, roughly: what registers stand at after years
    shown: bool = True  # as register; else as rate


@dataclass(frozen=True)
class Level:
    """A gauge and its smallest step."""

    gauge: Gauge
    step: float


HEAT = Counting(plant.heat, 0.25, 0.1, 90)
GAS = Counting(plant.gas, 0.25, 0.001, 9)
MAIN = Counting(plant.electricity, 0.5, 0.00001, 16)
PUMP = Counting(plant.heat_pump, 0.6, 0.00001, 25)
SOLAR = Counting(plant.solar, 0.7, 0.00001, 15)
WATER = Counting(plant.water, 0.9, 0.001, 0.4)
WARM = Counting(plant.warm_water, 0.9, 0.001, 0.15)
FILL = Counting(plant.fill, 0.5, 0.001, 1.5)

# (medium, quantity, word in the point's key or space): what the point shows. The first that fits.
SIGNALS: tuple[tuple[Medium, str, str, Counting | Level], ...] = (
    (Medium.HEAT, "energy", "", HEAT),
    (Medium.HEAT, "power", "", Counting(plant.heat, 0.25, 0.1, 0, shown=False)),
    (Medium.HEAT, "temperature", "ruecklauf", Level(gauges.back, 0.01)),
    (Medium.HEAT, "temperature", "", Level(gauges.flow, 0.01)),
    (Medium.GAS, "volume", "", GAS),
    (Medium.GAS, "temperature", "", Level(gauges.cellar, 0.1)),
    (Medium.GAS, "volume_flow", "", Counting(plant.gas, 0.25, 0.001, 0, shown=False)),
    (Medium.ELECTRICITY, "energy", "waermepumpe", PUMP),
    (
        Medium.ELECTRICITY,
        "power",
        "waermepumpe",
        Counting(plant.heat_pump, 0.6, 0.001, 0, shown=False),
    ),
    (Medium.ELECTRICITY, "energy", "", MAIN),
    (Medium.ELECTRICITY, "power", "", Counting(plant.electricity, 0.5, 0.001, 0, shown=False)),
    (Medium.PV, "energy", "", SOLAR),
    (Medium.PV, "power", "", Counting(plant.solar, 0.7, 0.001, 0, shown=False)),
    (Medium.WATER, "volume", "fuellwasser", FILL),
    (Medium.WATER, "volume", "warmwasser", WARM),
    (Medium.WATER, "volume", "", WATER),
    (Medium.WATER, "volume_flow", "fuellwasser", Counting(plant.fill, 0.5, 0.001, 0, shown=False)),
    (
        Medium.WATER,
        "volume_flow",
        "warmwasser",
        Counting(plant.warm_water, 0.9, 0.001, 0, shown=False),
    ),
    (Medium.WATER, "volume_flow", "", Counting(plant.water, 0.9, 0.001, 0, shown=False)),
    (Medium.WATER, "temperature", "becken", Level(gauges.pool_water, 0.1)),
    (Medium.WATER, "temperature", "", Level(gauges.storage, 0.1)),
    (Medium.CLIMATE, "temperature", "außen", Level(gauges.outdoor_temperature, 0.1)),
    (Medium.CLIMATE, "humidity", "außen", Level(gauges.outdoor_humidity, 0.5)),
    (Medium.CLIMATE, "temperature", "", Level(gauges.room_temperature, 0.1)),
    (Medium.CLIMATE, "humidity", "", Level(gauges.room_humidity, 0.5)),
    (Medium.CLIMATE, "co2", "", Level(gauges.room_co2, 1.0)),
)


@dataclass(frozen=True)
class Trouble:
    """What faults do to one point; times in seconds since 1970."""

    stuck: tuple[tuple[float, float], ...] = ()
    restarts: tuple[float, ...] = ()
    leaks: tuple[Flow, ...] = ()


@dataclass(frozen=True)
class Signal:
    """The values of one point: `at(times)` in the point's own unit, to the meter's last digit."""

    step: float
    value: Callable[[Ints], Floats]
    stuck: tuple[tuple[float, float], ...] = ()

    def at(self, time: Ints) -> Floats:
        """Cut to the last digit, as registers do: rounding up would make two devices disagree."""
        for begin, end in self.stuck:
            time = np.where((time >= begin) & (time < end), max(int(begin), EPOCH), time)
        per_unit = round(1 / self.step)
        return np.floor(self.value(time) * per_unit + 1e-6) / per_unit


def signal(
    world: World, building: Building, point: Point, trouble: Trouble = Trouble()
) -> Signal | None:
    """What a point of a building shows; None where there is no physics for it."""
    house = world.stock.place[building.key]
    shown = _shown(point)
    if shown is None:
        return None
    if isinstance(shown, Level):
        room = world.stock.rooms.get((building.key, point.space or ""), -1)
        gauge = shown.gauge
        return Signal(shown.step, lambda time: gauge(world, house, room, time), trouble.stuck)
    meter = _meter(world, building, point, shown, trouble)
    return Signal(shown.step, meter.register if shown.shown else meter.rate, trouble.stuck)


def _shown(point: Point) -> Counting | Level | None:
    named = f"{point.key} {point.space or ''}".lower()
    for medium, quantity, word, shown in SIGNALS:
        if (point.medium, point.quantity) == (medium, quantity) and word in named:
            return shown
    return None


def _meter(
    world: World, building: Building, point: Point, shown: Counting, trouble: Trouble
) -> Meter:
    house = world.stock.place[building.key]
    rate = shown.rate
    # Register and power of one pipe must agree: the key names the physics, not the point.
    key = noise.key(world.seed, building.key, rate.__name__)
    mounted = [
        mount.mounted_from.timestamp() for mount in building.meters if mount.point == point.key
    ]
    return Meter(
        lambda until: world.integral(rate, house, until),
        key=key,
        lively=shown.lively,
        start=building.floor_area_m2 * shown.yearly * (0.5 + 7 * noise.one(key, "start")),
        restarts=tuple(at for at in (*mounted, *trouble.restarts) if at > EPOCH),
        extra=trouble.leaks,
    )
