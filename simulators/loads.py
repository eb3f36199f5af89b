"""What people do in the buildings, hour by hour: presence, power, water, hot water.

Arrays are (hours, buildings).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulators import noise, profiles
from simulators.calendar import Moments
from simulators.noise import Floats
from simulators.profiles import PROFILES, Profile
from simulators.stock import Stock

WARMING = 45 * 1.163e-3  # kWh per litre: from 10 °C in the main to 55 °C at the tap, 1.163 Wh/(l K)
ALWAYS_ON = 0.16  # share of the full electric load that runs day and night


def presence(stock: Stock, when: Moments) -> Floats:
    """Share of the people who are there [0…1.1], different every day and never quite as planned."""
    planned = _by_clock(stock, when, profiles.shares)
    in_breaks = _each(stock, "in_breaks")
    planned = planned * np.where(when.school_break[:, None], in_breaks, 1.0)
    daily = noise.uniform(stock.keys, when.day[:, None])
    come = noise.uniform(stock.keys + np.uint64(1), when.day[:, None]) < _each(stock, "regular")
    return np.asarray(planned * (0.85 + 0.25 * daily) * come, dtype=np.float64)


def set_point(stock: Stock, when: Moments) -> Floats:
    """Room temperature the heating aims at [°C]; set back at night, weekends and closed breaks."""
    warmed = _by_clock(stock, when, profiles.warmed)
    closed = when.school_break[:, None] & (_each(stock, "in_breaks") < 0.2)
    night = _each(stock, "night")
    return np.asarray(night + (_each(stock, "day") - night) * warmed * ~closed, dtype=np.float64)


def load_shape(present: Floats, irradiance: Floats) -> Floats:
    """Electric load without a scale: what always runs, what people use, light when it is dark."""
    dark = 1.0 - np.clip(irradiance / 150.0, 0.0, 1.0)
    return ALWAYS_ON + (1.0 - ALWAYS_ON) * present * (0.8 + 0.2 * dark[:, None])


def people(stock: Stock, present: Floats) -> Floats:
    """Number of people in each building."""
    return present * _each(stock, "people") * stock.area


def water(stock: Stock, count: Floats) -> Floats:
    """Cold and warm water together [m³/h] from the number of people."""
    return count * _each(stock, "litres") / 1_000


def warm_water(stock: Stock, count: Floats) -> Floats:
    """The heated share of the water [m³/h]."""
    return water(stock, count) * _each(stock, "warm")


def hot_water_heat(stock: Stock, warm: Floats) -> Floats:
    """What heating it takes [kW], storage and circulation losses included (0.9 W per m² floor)."""
    central = np.array([house.hot_water for house in stock.houses])
    return central * (warm * 1_000 * WARMING + 0.9e-3 * stock.area)


def _each(stock: Stock, field: str) -> Floats:
    return np.array([getattr(PROFILES[house.use], field) for house in stock.houses], np.float64)


def _by_clock(stock: Stock, when: Moments, table: Callable[[Profile], Floats]) -> Floats:
    tables = np.stack([table(PROFILES[house.use]) for house in stock.houses])
    return np.asarray(tables[:, when.kind, when.hour.astype(np.int64)].T, dtype=np.float64)
