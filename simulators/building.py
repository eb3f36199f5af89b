"""The heat of a building: one thermal mass, a heating that keeps a set point, sun and people.

    C dT/dt = h (T_out − T) + gains + p        per m² of floor, p between 0 and the boiler's limit

Solved exactly for an hour in which everything but T is constant: T relaxes with exp(−h/C) towards
T_out + (gains + p)/h. The loss coefficient h is chosen so that the stationary balance of a
reference year needs what the benchmark says; set-back, sun and inertia then act by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gebaeude.model import Use
from simulators import noise
from simulators.noise import Floats
from simulators.stock import Stock

CAPACITY = 60.0  # Wh/(m²K): what of walls and air takes part within a day
BODY = 75.0  # W per person
HEATING_LIMIT = 15.0  # °C, mean of the two days before: above, the heating stays off (VDI 4710)
USED_GAINS = 0.9  # share of the gains that spare heat
COLDEST = -10.0  # °C the plant is sized for
RESERVE = 1.7  # plant size over what the coldest day needs: Monday mornings


@dataclass(frozen=True)
class Shell:
    """Properties per m² floor, each (buildings,)."""

    loss: Floats  # W/(m²K)
    aperture: Floats  # m² of window the sun shines through, per m² floor
    limit: Floats  # W/m² the heating can give
    all_year: NDArray[np.bool_]  # heated in summer too


def gains(stock: Stock, people: Floats, power: Floats, sun: Floats) -> Floats:
    """Heat inside [W/m²] from people and power [kW] (hours, B), and from sun [W/m²] (hours)."""
    inside = (people * BODY + power * 0.6e3) / stock.area
    return inside + sun[:, None] * aperture(stock)


def aperture(stock: Stock) -> Floats:
    """Effective window area towards the sun per m² floor, different from house to house."""
    share = noise.uniform(stock.keys + np.uint64(2), np.zeros(len(stock.keys), np.int64))
    return 0.018 + 0.016 * share


def shell(stock: Stock, target: Floats, wanted: Floats, outdoor: Floats, gained: Floats) -> Shell:
    """The building envelope with which a year takes `target` kWh/m² of space heat.

    wanted, gained: set point and gains as daily means (days, B); outdoor: daily means (days,).
    Bisection, because the need grows with the loss coefficient and nothing else is known of it.
    """
    all_year = np.array([house.use is Use.INDOOR_POOL for house in stock.houses])
    season = (outdoor < HEATING_LIMIT)[:, None] | all_year
    low, high = np.full(len(target), 0.01), np.full(len(target), 30.0)
    for _ in range(40):
        middle = (low + high) / 2
        lost = middle * (wanted - outdoor[:, None]) - USED_GAINS * gained
        year = np.sum(np.maximum(lost, 0.0) * season, axis=0) * 24 / 1_000
        low, high = np.where(year < target, middle, low), np.where(year < target, high, middle)
    loss = (low + high) / 2
    return Shell(
        loss, aperture(stock), _plant(stock, loss * (wanted.max(axis=0) - COLDEST)), all_year
    )


def _plant(stock: Stock, coldest: Floats) -> Floats:
    """What the plant gives [W/m²]: as its plate says, but enough for the coldest day [W/m²]."""
    plate = np.array([house.plant_kw * 1_000 / house.area or np.inf for house in stock.houses])
    given = np.maximum(np.minimum(coldest * RESERVE, plate), coldest * 1.1)
    return np.asarray(given, dtype=np.float64)


def run(
    shell: Shell,
    start: Floats,
    wanted: Floats,
    outdoor: Floats,
    gained: Floats,
    on: NDArray[np.bool_],
) -> tuple[Floats, Floats, Floats]:
    """Temperature at each hour's begin [°C], heating in it [W/m²], and temperature after the last.

    start (B); wanted, gained (hours, B); outdoor, on (hours,). In summer windows are opened: what
    is warmer than 4 K over the set point and than the air outside fades by half an hour.
    """
    decay = np.exp(-shell.loss / CAPACITY)
    strength = (1.0 - decay) / shell.loss  # K per W/m² held for an hour
    free = (outdoor[:, None] + gained / shell.loss) * (1.0 - decay)
    limit = np.where(on[:, None] | shell.all_year, shell.limit, 0.0)
    airing = np.maximum(
        wanted.max(axis=0) + np.where(shell.all_year, 1.5, 4.0), outdoor[:, None] + 0.5
    )
    temperature, heating = np.empty_like(wanted), np.empty_like(wanted)
    now = start
    for hour in range(len(outdoor)):
        temperature[hour] = now
        drift = free[hour] + now * decay
        power = np.minimum(np.maximum((wanted[hour] - drift) / strength, 0.0), limit[hour])
        heating[hour] = power
        now = drift + power * strength
        now = now - 0.5 * np.maximum(now - airing[hour], 0.0)
    return temperature, heating, now
