"""What happens in all buildings, hour by hour since 2024, computed once and as far as needed.

Everything between the hours follows from these arrays by interpolation (see `signals`), so any
moment has one value, whoever asks and in whatever order.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from threading import Lock
from typing import Protocol

import numpy as np

from simulators import building, calendar, loads, rooms
from simulators.building import Shell
from simulators.calendar import Moments
from simulators.noise import Floats, Ints
from simulators.profiles import PROFILES
from simulators.stock import Stock
from simulators.weather import Weather, weather

HOUR, DAY = 3_600, 86_400
EPOCH = 1_704_067_200  # 2024-01-01T00:00Z: before it nothing has happened
YEAR_DAYS = 366  # 2024, by which buildings are fitted to their benchmarks
CHUNK_DAYS = 64


@dataclass(frozen=True)
class Hours:
    """Values at each full hour (n); of buildings (n, B), of rooms (n, R)."""

    outdoor: Floats  # °C
    humidity: Floats  # %, outdoors
    irradiance: Floats  # W/m²
    sun_height: Floats  # rad
    sun_azimuth: Floats  # rad
    present: Floats  # share of the people
    zone: Floats  # °C, the building's mean
    heating: Floats  # kW into rooms
    hot_water: Floats  # kW
    power: Floats  # kW, electric, without a heat pump
    water: Floats  # m³/h, cold and warm
    warm: Floats  # m³/h, warm
    co2: Floats  # ppm, rooms


@dataclass(frozen=True)
class Override:
    """A building whose heating keeps another temperature from begin to end [s]."""

    house: int
    begin: float
    end: float
    wanted: float | None  # °C; None: that of the day, all the time


class Rate(Protocol):
    """What a pipe or a wire of a building carries per hour, at each full hour (n,)."""

    __name__: str

    def __call__(self, world: World, hours: Hours, house: int) -> Floats: ...


class World:
    """The hours of all buildings. Safe to ask from several threads."""

    def __init__(self, stock: Stock, seed: int, overrides: tuple[Override, ...] = ()) -> None:
        self.stock = stock
        self.seed = seed
        self._overrides = overrides
        self._lock = Lock()
        self._hours: Hours | None = None
        self._integrals: dict[tuple[str, int], tuple[Floats, Floats]] = {}
        self._days = 0
        self._load_scale, self.shell = self._fit()
        self._zone = np.array([17.0] * len(stock.houses))
        self._co2 = np.full(len(stock.kinds), rooms.OUTSIDE)

    def until(self, time: int) -> Hours:
        """All hours from EPOCH to at least two hours after `time` [s]."""
        with self._lock:
            missing = (time + 2 * HOUR - EPOCH) // DAY + 1 - self._days
            if self._hours is None or missing > 0:
                days = max(int(missing), CHUNK_DAYS)
                parts = (
                    [self._next(days)] if self._hours is None else [self._hours, self._next(days)]
                )
                self._hours = _join(parts)
            return self._hours

    def integral(self, rate: Rate, house: int, time: int) -> tuple[Floats, Floats]:
        """A rate per hour at each full hour, and its integral up to it (trapezes), both (n,).

        To at least an hour after `time` [s]. Kept, because many devices tell of the same pipe.
        """
        known = self._integrals.get((rate.__name__, house))
        if known is None or len(known[0]) < (time - EPOCH) // HOUR + 2:
            rates = np.ascontiguousarray(rate(self, self.until(time), house))
            steps = (rates[1:] + rates[:-1]) / 2
            known = rates, np.concatenate([[0.0], np.cumsum(steps)])
            self._integrals[rate.__name__, house] = known
        return known

    def _fit(self) -> tuple[Floats, Shell]:
        """Scale of the electric load, and the envelopes, from what the year 2024 brought."""
        stock = self.stock
        time, sky, when = self._outside(0, YEAR_DAYS)
        present = loads.presence(stock, when)
        people = loads.people(stock, present)
        shape = loads.load_shape(present, sky.irradiance)
        scale = stock.electricity * stock.area / len(time) / shape.mean(axis=0)
        hot_water = loads.hot_water_heat(stock, loads.warm_water(stock, people)).sum(axis=0)
        gained = building.gains(stock, people, shape * scale, sky.irradiance)
        target = np.maximum(stock.heat - hot_water / stock.area, 0.4 * stock.heat)
        wanted = loads.set_point(stock, when)
        return scale, building.shell(
            stock, target, _daily(wanted), _daily(sky.temperature), _daily(gained)
        )

    def _next(self, days: int) -> Hours:
        """The hours of the next days, and the state after them."""
        stock, first = self.stock, self._days
        time, sky, when = self._outside(first, days)
        present = loads.presence(stock, when)
        people = loads.people(stock, present)
        power = loads.load_shape(present, sky.irradiance) * self._load_scale
        gained = building.gains(stock, people, power, sky.irradiance)
        wanted = self._overridden(loads.set_point(stock, when), time)
        zone, heating, self._zone = building.run(
            self.shell, self._zone, wanted, sky.temperature, gained, self._season(first, days)
        )
        co2, self._co2 = rooms.carbon_dioxide(
            stock, self._co2, present, sky.temperature, time // HOUR
        )
        warm = loads.warm_water(stock, people)
        self._days += days
        return Hours(
            sky.temperature, sky.humidity, sky.irradiance, sky.sun_height, sky.sun_azimuth,
            present, zone, heating * stock.area / 1_000, loads.hot_water_heat(stock, warm), power,
            loads.water(stock, people), warm, co2,
        )  # fmt: skip

    def _outside(self, first: int, days: int) -> tuple[Ints, Weather, Moments]:
        time = EPOCH + np.arange(first * 24, (first + days) * 24, dtype=np.int64) * HOUR
        return time, weather(self.seed, time), calendar.moments(time)

    def _season(self, first: int, days: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether heating is on, by the two days before (hours,)."""
        _time, sky, _when = self._outside(first - 2, days + 2)
        daily = _daily(sky.temperature)
        return np.repeat((daily[:-2] + daily[1:-1]) / 2 < building.HEATING_LIMIT, 24)

    def _overridden(self, wanted: Floats, time: Ints) -> Floats:
        """Set points with the times in which something else held."""
        for override in self._overrides:
            hours = (time >= override.begin) & (time < override.end)
            use = self.stock.houses[override.house].use
            day = PROFILES[use].day
            wanted[hours, override.house] = day if override.wanted is None else override.wanted
        return wanted


def _daily(values: Floats) -> Floats:
    """Means of whole days: (hours, …) → (days, …)."""
    return np.asarray(values.reshape(-1, 24, *values.shape[1:]).mean(axis=1), dtype=np.float64)


def _join(parts: list[Hours]) -> Hours:
    if len(parts) == 1:
        return parts[0]
    names = [field.name for field in fields(Hours)]
    return Hours(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
