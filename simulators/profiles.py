"""What each use of a building means for its people, heat, power and water.

Benchmarks [kWh per m² floor and year], from the 2021 notice of the German government on comparison
values (sums of its part values by IWU) up to the older limit of VDI 3807-2; where VDI has none
(day-care, library) twice the notice value. The pool's VDI limit counts water surface; here one
eighth of the floor is water. Hours, people and litres are the usual ones, not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gebaeude.model import Use
from simulators.noise import Floats

Spans = tuple[tuple[int, int, float], ...]  # from hour, to hour (local), share of the people there


@dataclass(frozen=True)
class Profile:
    """One use; shares are 0…1 of `people` per m²."""

    heat: tuple[float, float]  # kWh/(m²a)
    electricity: tuple[float, float]  # kWh/(m²a)
    workday: Spans
    saturday: Spans
    sunday: Spans  # and public holidays
    in_breaks: float  # factor on the shares while schools are shut
    regular: (
        float  # on how many of the days the people really come: clubs and parties do not always
    )
    people: float  # persons per m² when full
    day: float  # set point while used [°C]
    night: float  # set-back [°C]
    litres: float  # water per person and hour
    warm: float  # share of the water that is heated


OFFICE: Spans = ((7, 8, 0.4), (8, 12, 0.9), (12, 13, 0.5), (13, 16, 0.8), (16, 18, 0.2))
LESSONS: Spans = ((7, 8, 0.4), (8, 13, 1.0), (13, 15, 0.5), (15, 16, 0.25), (16, 18, 0.05))
GROUPS: Spans = ((7, 8, 0.4), (8, 12, 1.0), (12, 14, 0.85), (14, 16, 0.6), (16, 17, 0.2))
SPORTS: Spans = ((8, 13, 0.7), (13, 16, 0.4), (16, 22, 0.8))
DRILL: Spans = ((8, 16, 0.05), (18, 19, 0.4), (19, 22, 0.7))

PROFILES: dict[Use, Profile] = {
    Use.TOWN_HALL: Profile(
        (55.7, 128), (18.9, 30), OFFICE, (), (), 0.85, 1.0, 0.04, 21, 16.5, 3.0, 0.1
    ),
    Use.SCHOOL: Profile(
        (71.7, 154), (10.5, 14), LESSONS, (), (), 0.03, 1.0, 0.10, 21, 16, 2.0, 0.1
    ),
    Use.DAYCARE: Profile(
        (67.7, 135.4), (10.5, 21), GROUPS, (), (), 0.6, 1.0, 0.10, 22, 17.5, 4.0, 0.3
    ),
    Use.SPORTS_HALL: Profile(
        (90.6, 187), (19.4, 22), SPORTS, ((10, 18, 0.6),), ((10, 17, 0.5),), 0.35, 0.9,
        0.025, 18, 14, 22.0, 0.5,
    ),
    Use.FIRE_STATION: Profile(
        (57.9, 149), (13, 14.1), DRILL, ((9, 13, 0.4),), (), 1.0, 0.45, 0.03, 17, 12.5, 6.0, 0.3
    ),
    Use.COMMUNITY_HOUSE: Profile(
        (73.6, 161), (22, 23.9), ((9, 12, 0.15), (17, 22, 0.5)), ((14, 23, 0.8),),
        ((11, 18, 0.6),), 0.8, 0.55, 0.08, 20, 15.5, 4.0, 0.2,
    ),
    Use.INDOOR_POOL: Profile(
        (88.5, 438), (61.2, 120), ((6, 8, 0.3), (8, 13, 0.7), (13, 21, 0.9)), ((8, 20, 0.9),),
        ((8, 18, 1.0),), 0.9, 1.0, 0.03, 29.5, 28.5, 45.0, 0.5,
    ),
    Use.DEPOT: Profile(
        (77, 175), (6, 21), ((6, 7, 0.5), (7, 8, 1.0), (8, 12, 0.4), (12, 13, 0.8), (13, 16, 0.5)),
        (), (), 1.0, 1.0, 0.015, 17, 12, 8.0, 0.4,
    ),
    Use.LIBRARY: Profile(
        (54.0, 108), (17.6, 35.2), ((9, 10, 0.1), (10, 13, 0.5), (14, 18, 0.8)), ((10, 13, 0.8),),
        (), 0.7, 0.95, 0.05, 21, 16, 1.5, 0.1,
    ),
}  # fmt: skip

# A building is heated this long before the first come; after the last it is not.
PREHEAT_HOURS = 4


def shares(profile: Profile) -> Floats:
    """Share of the people who are there by kind of day and local hour, shape (3, 24)."""
    table = np.zeros((3, 24))
    for kind, spans in enumerate((profile.workday, profile.saturday, profile.sunday)):
        for first, last, share in spans:
            table[kind, first:last] = share
    return table


def warmed(profile: Profile) -> Floats:
    """1 where the heating keeps the day's set point, by kind of day and hour, shape (3, 24)."""
    used = shares(profile) > 0.1
    ahead = [np.pad(used, ((0, 0), (0, lead)))[:, lead:] for lead in range(PREHEAT_HOURS + 1)]
    return np.asarray(np.any(ahead, axis=0), dtype=np.float64)
