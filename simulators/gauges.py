"""Levels at a moment: temperatures, humidity, CO₂. Straight lines between full hours, and a little
noise that remembers itself for a while, as sensors in a draught have.

Every function takes the world, a building, a room (−1 for none) and times, and returns values.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulators import noise
from simulators.noise import Floats, Ints
from simulators.rooms import relative_humidity
from simulators.weather import weather
from simulators.world import EPOCH, HOUR, World

MINUTE = 60
STORAGE = 61.0  # °C, hot-water tank: at least 60 where it leaves (DVGW W 551)
POOL_WATER = 28.2  # °C
SPREAD = 16.0  # K between flow and return at full load


def room_temperature(world: World, house: int, room: int, time: Ints) -> Floats:
    """°C: the building's, what the room adds, people, sun through its own windows, draughts."""
    hours, stock = world.until(int(time.max())), world.stock
    kind, key = stock.kinds[room], int(stock.room_keys[room])
    sunny = 1.8 * noise.one(key, "sun") * _between(hours.irradiance, time) / 800
    people = 0.9 * np.minimum(_between(hours.present[:, house], time), 1.0) * (kind.persons > 3)
    own = kind.warmer + 0.8 * (noise.one(key, "own") - 0.5)
    draught = 0.25 * noise.smooth(key, time, 2 * HOUR) + 0.08 * noise.smooth(key, time, 600)
    return _between(hours.zone[:, house], time) + own + sunny + people + draught


def room_humidity(world: World, house: int, room: int, time: Ints) -> Floats:
    """%; over a pool the ventilation keeps 54 %."""
    hours, stock = world.until(int(time.max())), world.stock
    key = int(stock.room_keys[room])
    wobble = 1.2 * noise.smooth(noise.key(key, "humidity"), time, HOUR)
    if stock.houses[house].use == "indoor_pool":
        return 54.0 + 2.5 * noise.smooth(key, time, 3 * HOUR) + wobble
    temperature = room_temperature(world, house, room, time)
    outdoor, damp = _between(hours.outdoor, time), _between(hours.humidity, time)
    inside = relative_humidity(temperature, outdoor, damp, _between(hours.present[:, house], time))
    return np.clip(inside + wobble, 8.0, 98.0)


def room_co2(world: World, house: int, room: int, time: Ints) -> Floats:
    """ppm."""
    hours = world.until(int(time.max()))
    key = int(world.stock.room_keys[room])
    return _between(hours.co2[:, room], time) + 9 * noise.smooth(key, time, 10 * MINUTE)


def outdoor_temperature(world: World, house: int, room: int, time: Ints) -> Floats:
    """°C at the north wall."""
    local = 0.15 * noise.smooth(int(world.stock.keys[house]), time, 20 * MINUTE)
    return weather(world.seed, time).temperature + local


def outdoor_humidity(world: World, house: int, room: int, time: Ints) -> Floats:
    """%."""
    return weather(world.seed, time).humidity


def flow(world: World, house: int, room: int, time: Ints) -> Floats:
    """Flow temperature of the heating [°C]: heating curve while it works, else it cools down."""
    hours, span = world.until(int(time.max())), _span(time)
    described = world.stock.houses[house]
    cold = np.clip((20.0 - hours.outdoor[span]) / 30.0, 0.0, 1.1)
    curve = 23.0 + (_design(described.renovated or described.built, described.heat_pump) - 23.0) * (
        cold ** (1 / 1.3)  # radiators give off heat with the power 1.3 of their excess temperature
    )
    working = np.clip(hours.heating[span, house] / _full(world, house) / 0.06, 0.0, 1.0)
    level = _between(21.5 + (curve - 21.5) * working, time, span.start)
    return level + 0.8 * noise.smooth(noise.key(world.stock.keys[house], "flow"), time, 900)


def back(world: World, house: int, room: int, time: Ints) -> Floats:
    """Return temperature of the heating [°C]: the more is taken, the further below the flow."""
    hours = world.until(int(time.max()))
    load = np.clip(_between(hours.heating[:, house], time) / _full(world, house), 0.0, 1.0)
    supplied = flow(world, house, room, time)
    return np.maximum(supplied - SPREAD * np.sqrt(load), np.minimum(supplied, 20.5))


def storage(world: World, house: int, room: int, time: Ints) -> Floats:
    """Hot water where it leaves the tank [°C], lower while people shower."""
    hours = world.until(int(time.max()))
    drawn = np.minimum(_between(hours.present[:, house], time), 1.0)
    key = noise.key(world.stock.keys[house], "storage")
    return STORAGE - 1.6 * drawn + 0.7 * noise.smooth(key, time, 50 * MINUTE)


def pool_water(world: World, house: int, room: int, time: Ints) -> Floats:
    """°C."""
    return POOL_WATER + 0.2 * noise.smooth(
        noise.key(world.stock.keys[house], "pool"), time, 6 * HOUR
    )


def cellar(world: World, house: int, room: int, time: Ints) -> Floats:
    """Where the meters hang [°C]; a gas meter tells it."""
    season = 4.0 * np.cos(2 * np.pi * (time / (365.2425 * 86_400) - 0.58))
    key = noise.key(world.stock.keys[house], "cellar")
    return 14.5 + season + 0.6 * noise.smooth(key, time, 6 * HOUR)


Gauge = Callable[[World, int, int, Ints], Floats]


def _between(hourly: Floats, time: Ints, first: int = 0) -> Floats:
    """Straight between the values at full hours, the first of which is hour `first`."""
    hour, seconds = divmod(time - EPOCH, HOUR)
    u = seconds / HOUR
    hour = hour - first
    return np.asarray(hourly[hour] * (1 - u) + hourly[hour + 1] * u, dtype=np.float64)


def _span(time: Ints) -> slice:
    """The hours around these times."""
    return slice(int(time.min() - EPOCH) // HOUR, int(time.max() - EPOCH) // HOUR + 2)


def _design(year: int, heat_pump: bool) -> float:
    """Flow temperature the heating was laid out for [°C]."""
    return 45.0 if heat_pump else float(np.interp(year, [1980, 1995, 2015], [75.0, 65.0, 55.0]))


def _full(world: World, house: int) -> float:
    return float(world.shell.limit[house] * world.stock.area[house] / 1_000)
