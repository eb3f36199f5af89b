"""Quantities with their canonical unit, and conversion between units of one dimension.

A small table instead of a units library: conversion happens for every reading, and a general
library costs about a hundred times as much for each.
"""

from __future__ import annotations

from dataclasses import dataclass

from gebaeude.errors import UnitError


@dataclass(frozen=True)
class Quantity:
    """What is measured: the unit its readings are stored in, and what is physically possible."""

    unit: str
    digits: int  # decimals worth showing
    low: float
    high: float


# Bounds are of the physically possible in and around a municipal building, not of the normal.
QUANTITIES: dict[str, Quantity] = {
    "energy": Quantity("kWh", 1, -1e9, 1e10),
    "power": Quantity("kW", 1, -20_000, 20_000),
    "volume": Quantity("m3", 2, -1e8, 1e9),
    "volume_flow": Quantity("m3/h", 2, -10_000, 10_000),
    "temperature": Quantity("°C", 1, -60, 300),
    "humidity": Quantity("%", 0, 0, 100),
    "co2": Quantity("ppm", 0, 0, 40_000),
    "pressure": Quantity("hPa", 0, 0, 100_000),
    "illuminance": Quantity("lx", 0, 0, 200_000),
    "voltage": Quantity("V", 1, -2_000, 2_000),
    "current": Quantity("A", 1, -10_000, 10_000),
    "ratio": Quantity("1", 2, -1e6, 1e6),
}

# unit → (dimension, scale, offset): value in the dimension's base unit = value * scale + offset
UNITS: dict[str, tuple[str, float, float]] = {
    "kWh": ("energy", 1.0, 0.0),
    "Wh": ("energy", 0.001, 0.0),
    "MWh": ("energy", 1000.0, 0.0),
    "J": ("energy", 1 / 3_600_000, 0.0),
    "kJ": ("energy", 1 / 3_600, 0.0),
    "MJ": ("energy", 1 / 3.6, 0.0),
    "GJ": ("energy", 1000 / 3.6, 0.0),
    "kW": ("power", 1.0, 0.0),
    "W": ("power", 0.001, 0.0),
    "MW": ("power", 1000.0, 0.0),
    "m3": ("volume", 1.0, 0.0),
    "l": ("volume", 0.001, 0.0),
    "m3/h": ("volume_flow", 1.0, 0.0),
    "l/h": ("volume_flow", 0.001, 0.0),
    "l/min": ("volume_flow", 0.06, 0.0),
    "l/s": ("volume_flow", 3.6, 0.0),
    "m3/s": ("volume_flow", 3600.0, 0.0),
    "°C": ("temperature", 1.0, 0.0),
    "K": ("temperature", 1.0, -273.15),
    "°F": ("temperature", 5 / 9, -160 / 9),
    "%": ("ratio_percent", 1.0, 0.0),
    "1": ("ratio_percent", 100.0, 0.0),
    "ppm": ("fraction_ppm", 1.0, 0.0),
    "ppb": ("fraction_ppm", 0.001, 0.0),
    "hPa": ("pressure", 1.0, 0.0),
    "Pa": ("pressure", 0.01, 0.0),
    "kPa": ("pressure", 10.0, 0.0),
    "bar": ("pressure", 1000.0, 0.0),
    "lx": ("illuminance", 1.0, 0.0),
    "V": ("voltage", 1.0, 0.0),
    "mV": ("voltage", 0.001, 0.0),
    "A": ("current", 1.0, 0.0),
    "mA": ("current", 0.001, 0.0),
}


def factor(source: str, target: str) -> tuple[float, float]:
    """(scale, offset) with value[target] = value[source] * scale + offset.

    Raises UnitError when a unit is unknown or the two measure different things.
    """
    if source == target:
        return 1.0, 0.0
    try:
        dimension, scale, offset = UNITS[source]
        wanted, target_scale, target_offset = UNITS[target]
    except KeyError as unknown:
        raise UnitError(f"Die Einheit {unknown.args[0]!r} ist nicht bekannt.") from None
    if dimension != wanted:
        raise UnitError(f"{source} lässt sich nicht in {target} umrechnen.")
    return scale / target_scale, (offset - target_offset) / target_scale
