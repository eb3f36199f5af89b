"""The buildings and rooms of a portfolio as arrays of properties: what the physics needs to know.

Nothing is measured here; what the portfolio does not say follows from use, age and the seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gebaeude.model import Medium, Use
from gebaeude.portfolio.records import Portfolio
from simulators import noise
from simulators.noise import Floats, Ints, Keys
from simulators.profiles import PROFILES

HEAT_PLANTS = frozenset({"boiler", "district_heat", "heat_pump"})


@dataclass(frozen=True)
class House:
    """One building as the portfolio describes it."""

    key: str
    use: Use
    area: float  # m² floor
    built: int  # year
    renovated: int | None = None
    peak_kw: float = 0.0  # photovoltaics
    hot_water: bool = False  # heated centrally, so its heat is on the heat meter
    heat_pump: bool = False
    plant_kw: float = 0.0  # of heat, 0 where nobody knows
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of room: by how much it is warmer than the building, who is in it, how big it is."""

    warmer: float  # K
    persons: int
    breath: float  # litres CO₂ per person and hour; VDI 6040-1: a sitting adult about 18
    volume: float  # m³


# Found by the word in the room's name; the first that fits.
ROOMS: dict[str, Kind] = {
    "außen": Kind(0, 0, 0, 1e9),
    "klasse": Kind(0, 26, 15, 195),
    "fachraum": Kind(-0.3, 25, 16, 230),
    "gruppe": Kind(0.3, 22, 10, 165),
    "schlaf": Kind(-1.5, 12, 8, 120),
    "bewegung": Kind(-1.0, 15, 14, 260),
    "betreuung": Kind(0, 20, 13, 180),
    "bürgerbüro": Kind(0, 5, 18, 220),
    "büro": Kind(0.4, 2, 18, 58),
    "sitzung": Kind(-0.3, 14, 18, 290),
    "rats": Kind(-0.5, 22, 18, 450),
    "schulung": Kind(3.0, 16, 18, 210),
    "fahrzeug": Kind(-3.5, 1, 20, 1500),
    "werkstatt": Kind(0, 5, 22, 900),
    "schwimm": Kind(0, 40, 25, 3600),
    "umkleide": Kind(4.0, 12, 20, 110),
    "halle": Kind(0, 30, 30, 5200),
    "mensa": Kind(0, 90, 16, 950),
    "lese": Kind(0, 12, 17, 600),
    "aula": Kind(-0.5, 60, 16, 1400),
    "saal": Kind(0, 70, 18, 900),
    "": Kind(0, 4, 18, 120),
}
POOL_CHANGING = Kind(-4.0, 30, 20, 420)  # the pool's hall is the warmer one


@dataclass(frozen=True)
class Stock:
    """Arrays over buildings (B) and rooms (R), and where to find which."""

    houses: tuple[House, ...]
    place: dict[str, int]  # building key → index into B
    keys: Keys  # (B) for noise
    area: Floats  # (B) m²
    heat: Floats  # (B) kWh/(m²a), space heating and hot water together
    electricity: Floats  # (B) kWh/(m²a), without a heat pump
    rooms: dict[tuple[str, str], int]  # building key, room name → index into R
    kinds: tuple[Kind, ...]  # (R)
    room_house: Ints  # (R) index into B
    room_keys: Keys  # (R)


def stock(houses: tuple[House, ...], seed: int) -> Stock:
    """Everything that follows from the description and the seed before any time has passed."""
    rooms = [(house.key, room) for house in houses for room in house.rooms]
    place = {house.key: index for index, house in enumerate(houses)}
    use = {house.key: house.use for house in houses}
    return Stock(
        houses=houses,
        place=place,
        keys=np.array([noise.key(seed, house.key) for house in houses], dtype=np.uint64),
        area=np.array([house.area for house in houses], dtype=np.float64),
        heat=np.array([_heat(house, seed) for house in houses]),
        electricity=np.array([_electricity(house, seed) for house in houses]),
        rooms={room: index for index, room in enumerate(rooms)},
        kinds=tuple(_kind(use[key], room) for key, room in rooms),
        room_house=np.array([place[key] for key, _ in rooms], dtype=np.int64),
        room_keys=np.array([noise.key(seed, *room) for room in rooms], dtype=np.uint64),
    )


def _heat(house: House, seed: int) -> float:
    """Old buildings stand near the upper benchmark, new and renovated ones near the lower."""
    low, high = PROFILES[house.use].heat
    year = max(house.built, house.renovated or 0)
    age = float(np.interp(year, [1970, 1985, 2000, 2010, 2020], [0.85, 0.7, 0.5, 0.3, 0.12]))
    return low + (high - low) * (age + 0.1 * (noise.one(seed, house.key, "heat") - 0.5))


def _electricity(house: House, seed: int) -> float:
    low, high = PROFILES[house.use].electricity
    return low + (high - low) * (0.1 + 0.8 * noise.one(seed, house.key, "electricity"))


def _kind(use: Use, room: str) -> Kind:
    if use is Use.INDOOR_POOL and "umkleide" in room.lower():
        return POOL_CHANGING
    return next(kind for word, kind in ROOMS.items() if word in room.lower())


def houses(portfolio: Portfolio) -> tuple[House, ...]:
    """The buildings of a portfolio with what matters to the physics."""
    return tuple(
        House(
            key=building.key,
            use=building.use,
            area=building.floor_area_m2,
            built=building.built,
            renovated=building.renovated,
            peak_kw=sum(asset.power_kw or 0.0 for asset in building.assets if asset.kind == "pv"),
            hot_water=any(asset.kind == "hot_water" for asset in building.assets),
            heat_pump=any(asset.kind == "heat_pump" for asset in building.assets),
            plant_kw=sum(a.power_kw or 0.0 for a in building.assets if a.kind in HEAT_PLANTS),
            rooms=tuple(
                dict.fromkeys(
                    point.space or "" for point in building.points if point.medium is Medium.CLIMATE
                )
            ),
        )
        for building in portfolio.buildings()
    )
