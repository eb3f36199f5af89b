"""What stands in the boiler room and on the roof: from the building's hours to what is metered.

Every function takes the hours and a building and returns values at each full hour (n,).
"""

from __future__ import annotations

import numpy as np

from simulators import noise, sun
from simulators.noise import Floats
from simulators.world import Hours, World

GAS_KWH_PER_M3 = 0.95 * 11.3  # Zustandszahl × Brennwert (H gas), kWh gross
FILL_PER_M2 = 0.00012  # m³/h of fresh water per m² floor of a pool: 30 l a bather and what dries up


def heat(world: World, hours: Hours, house: int) -> Floats:
    """Through the heat meter [kW]: rooms and hot water."""
    return hours.heating[:, house] + hours.hot_water[:, house]


def gas(world: World, hours: Hours, house: int) -> Floats:
    """Burnt [m³/h]; an old boiler loses more."""
    described = world.stock.houses[house]
    year = max(described.built, described.renovated or 0)
    efficiency = float(np.interp(year, [1990, 2005, 2015], [0.80, 0.86, 0.91]))  # of gross
    return heat(world, hours, house) / efficiency / GAS_KWH_PER_M3


def heat_pump(world: World, hours: Hours, house: int) -> Floats:
    """Taken by an air-source heat pump [kW]; 3.3 kWh of heat per kWh at 2 °C outdoors."""
    performance = np.clip(3.15 + 0.075 * hours.outdoor, 2.0, 5.0)
    return heat(world, hours, house) / performance


def electricity(world: World, hours: Hours, house: int) -> Floats:
    """Through the main meter [kW], the heat pump's included; solar power has its own meter."""
    power = hours.power[:, house]
    if world.stock.houses[house].heat_pump:
        power = power + heat_pump(world, hours, house)
    return power


def solar(world: World, hours: Hours, house: int) -> Floats:
    """From the roof [kW]: irradiance on it × peak power × what wiring and inverter leave; hot
    modules give 0.4 % less per K over 25 °C."""
    peak = world.stock.houses[house].peak_kw
    own = world.stock.keys[house].item()
    tilt = np.radians(12 + 26 * noise.one(own, "tilt"))
    facing = np.radians(180 + 90 * (noise.one(own, "facing") - 0.5))
    falls = sun.on_roof(hours.irradiance, hours.sun_height, hours.sun_azimuth, tilt, facing)
    module = hours.outdoor + 0.028 * falls
    power = peak * falls / 1_000 * (1.0 - 0.004 * (module - 25.0)) * 0.85
    return np.clip(power, 0.0, 0.95 * peak)


def water(world: World, hours: Hours, house: int) -> Floats:
    """Through the main water meter [m³/h]."""
    return hours.water[:, house] + fill(world, hours, house) * _has_pool(world, house)


def warm_water(world: World, hours: Hours, house: int) -> Floats:
    """Into the water heater [m³/h]."""
    return hours.warm[:, house]


def fill(world: World, hours: Hours, house: int) -> Floats:
    """Into the pool [m³/h], more when bathers carry water out."""
    area = world.stock.area[house]
    return np.asarray(FILL_PER_M2 * area * (0.5 + 1.5 * hours.present[:, house]), np.float64)


def _has_pool(world: World, house: int) -> bool:
    return bool(world.stock.houses[house].use == "indoor_pool")
