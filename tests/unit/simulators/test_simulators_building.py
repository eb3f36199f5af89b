"""Heat, power, water, air: a year of Nordlippe against the benchmarks of its uses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gebaeude.model import Use
from gebaeude.portfolio.records import Portfolio
from simulators.rooms import saturation
from simulators.stock import houses, stock
from simulators.world import EPOCH, Hours, World

# kWh/(m²a): notice of 2021 (parts summed by IWU) and limit of VDI 3807-2, the smaller first. No VDI
# value for day-care and library: twice the notice. Pool: VDI counts water surface, an eighth of it.
HEAT = {
    Use.TOWN_HALL: (55.7, 128), Use.SCHOOL: (71.7, 154), Use.DAYCARE: (67.7, 135.4),
    Use.SPORTS_HALL: (90.6, 187), Use.FIRE_STATION: (57.9, 149), Use.COMMUNITY_HOUSE: (73.6, 161),
    Use.LIBRARY: (54.0, 108), Use.DEPOT: (77, 175), Use.INDOOR_POOL: (88.5, 438),
}  # fmt: skip
ELECTRICITY = {
    Use.TOWN_HALL: (18.9, 30), Use.SCHOOL: (10.5, 14), Use.DAYCARE: (10.5, 21),
    Use.SPORTS_HALL: (19.4, 22), Use.FIRE_STATION: (13, 14.1), Use.COMMUNITY_HOUSE: (22, 23.9),
    Use.LIBRARY: (17.6, 35.2), Use.DEPOT: (6, 21), Use.INDOOR_POOL: (61.2, 120),
}  # fmt: skip
WEATHER = 0.12  # a year may be that much colder or warmer than the one buildings are fitted to


def _span(at: Callable[[str], int], begin: str, end: str) -> slice:
    return slice((at(begin) - EPOCH) // 3_600, (at(end) - EPOCH) // 3_600)


@pytest.fixture(scope="module")
def year(world: World, at: Callable[[str], int]) -> tuple[Hours, slice]:
    return world.until(at("2026-01-01")), _span(at, "2025-01-01", "2026-01-01")


def test_heat_of_a_year_lies_between_the_benchmarks(
    world: World, year: tuple[Hours, slice]
) -> None:
    hours, span = year
    for index, house in enumerate(world.stock.houses):
        used = (hours.heating[span, index] + hours.hot_water[span, index]).sum() / house.area
        low, high = HEAT[house.use]
        assert low * (1 - WEATHER) < used < high * (1 + WEATHER), (house.key, used)


def test_electricity_of_a_year_lies_between_the_benchmarks(
    world: World, year: tuple[Hours, slice]
) -> None:
    hours, span = year
    for index, house in enumerate(world.stock.houses):
        used = hours.power[span, index].sum() / house.area
        low, high = ELECTRICITY[house.use]
        assert low * 0.95 < used < high * 1.05, (house.key, used)


def test_heat_follows_degree_days(world: World, year: tuple[Hours, slice]) -> None:
    hours, span = year
    daily = hours.outdoor[span].reshape(-1, 24).mean(axis=1)
    heat = hours.heating[span].sum(axis=1).reshape(-1, 24).sum(axis=1)
    cold = daily < 12
    assert np.corrcoef(15 - daily[cold], heat[cold])[0, 1] > 0.8
    summer = daily > 19
    pool = [i for i, house in enumerate(world.stock.houses) if house.use is Use.INDOOR_POOL]
    others = np.delete(hours.heating[span], pool, axis=1).sum(axis=1).reshape(-1, 24).sum(axis=1)
    assert others[summer].sum() < 0.005 * others.sum()


def test_new_and_renovated_buildings_need_less(world: World, year: tuple[Hours, slice]) -> None:
    hours, span = year
    schools = [
        (max(house.built, house.renovated or 0), hours.heating[span, i].sum() / house.area)
        for i, house in enumerate(world.stock.houses)
        if house.use is Use.DAYCARE
    ]
    assert min(schools)[1] > max(schools)[1]


def test_night_and_weekend_are_set_back(world: World, at: Callable[[str], int]) -> None:
    hours = world.until(at("2025-01-28"))
    school = world.stock.place["barntrup-gymnasium"]
    lesson = hours.zone[_span(at, "2025-01-21T10:00", "2025-01-21T13:00"), school]
    night = hours.zone[_span(at, "2025-01-21T02:00", "2025-01-21T04:00"), school]
    sunday = hours.zone[_span(at, "2025-01-26T10:00", "2025-01-26T13:00"), school]
    assert lesson.min() > 20.5
    assert night.mean() < lesson.mean() - 1.0
    assert sunday.mean() < lesson.mean() - 2.0


def test_school_break_saves_heat_and_power(world: World, at: Callable[[str], int]) -> None:
    hours = world.until(at("2025-11-01"))
    school = world.stock.place["boesingfeld-sekundarschule"]
    term = _span(at, "2025-09-29", "2025-10-03")
    holidays = _span(at, "2025-10-20", "2025-10-24")  # autumn break, Monday to Thursday
    assert hours.power[holidays, school].sum() < 0.55 * hours.power[term, school].sum()
    assert hours.zone[holidays, school].mean() < hours.zone[term, school].mean()


def test_local_hours_decide_over_both_clock_changes(world: World, at: Callable[[str], int]) -> None:
    """Lessons begin at the same hour by the wall clock the Monday before and after a change."""
    hours = world.until(at("2025-11-04"))
    school = world.stock.place["humfeld-grundschule"]
    for before, after in (("2025-03-24", "2025-03-31"), ("2025-10-06", "2025-11-03")):
        starts = []
        for day in (before, after):
            span = _span(at, f"{day}T00:00", f"{day}T23:00")
            starts.append(int(np.argmax(hours.present[span, school] > 0.05)))
        assert starts == [7, 7]


def test_carbon_dioxide_comes_from_people_and_goes_at_night(
    world: World, at: Callable[[str], int]
) -> None:
    hours = world.until(at("2025-02-01"))
    room = world.stock.rooms["barntrup-gymnasium", "Klasse 5a"]
    lesson = hours.co2[_span(at, "2025-01-21T11:00", "2025-01-21T13:00"), room]
    night = hours.co2[_span(at, "2025-01-21T03:00", "2025-01-21T06:00"), room]
    assert 900 < lesson.max() < 3_500
    assert 400 <= night.min() <= night.max() < 520
    decay = hours.co2[_span(at, "2025-01-21T19:00", "2025-01-22T02:00"), room]
    assert (np.diff(decay) < 0).all()
    assert (hours.co2 >= 400).all()
    assert (hours.co2 < 5_000).all()


def test_air_is_saturated_where_tables_say() -> None:
    # hPa over water; 6.112 at 0 °C by definition, the others from steam tables
    found = saturation(np.array([0.0, 10.0, 20.0, 30.0]))
    assert found == pytest.approx([6.112, 12.27, 23.37, 42.43], rel=3e-3)


def test_the_same_hours_however_far_it_was_computed_before(portfolio: Portfolio) -> None:
    """Computing on in steps and at once give the same bits."""
    few = tuple(house for house in houses(portfolio) if house.key.startswith("barntrup"))
    day = 86_400
    steps, at_once = World(stock(few, 5), 5), World(stock(few, 5), 5)
    steps.until(EPOCH + 3 * day)
    steps.until(EPOCH + 70 * day)
    steps.until(EPOCH + 199 * day)
    one, other = steps.until(EPOCH + 250 * day), at_once.until(EPOCH + 250 * day)
    length = min(len(one.outdoor), len(other.outdoor))
    assert (one.zone[:length] == other.zone[:length]).all()
    assert (one.co2[:length] == other.co2[:length]).all()
    assert (one.power[:length] == other.power[:length]).all()
