"""Registers and gauges at any second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gebaeude.model import Kind
from gebaeude.portfolio.records import Building, Point, Portfolio
from simulators import plant
from simulators.meters import Flow, Meter
from simulators.run import history
from simulators.signals import Trouble, signal
from simulators.stock import houses, stock
from simulators.world import EPOCH, World

DAY, HOUR = 86_400, 3_600
Places = list[tuple[Building, Point]]
Local = Callable[[str], int]


def _find(places: Places, building: str, point: str) -> tuple[Building, Point]:
    return next(p for p in places if (p[0].key, p[1].key) == (building, point))


def test_every_point_of_nordlippe_has_physics(world: World, places: Places) -> None:
    assert [f"{b.key}/{p.key}" for b, p in places if signal(world, b, p) is None] == []


def test_no_counter_goes_back_and_none_stands_still(
    world: World, places: Places, at: Local
) -> None:
    time = np.arange(at("2025-06-01"), at("2026-01-01"), 900)
    for building, point in places:
        shown = signal(world, building, point)
        assert shown is not None
        if point.kind is not Kind.COUNTER:
            continue
        values = shown.at(time)
        assert (np.diff(values) >= 0).all(), f"{building.key}/{point.key}"
        assert values[-1] > values[0] >= 0, f"{building.key}/{point.key}"


def test_gauges_stay_within_what_is_possible(world: World, places: Places, at: Local) -> None:
    time = np.arange(at("2025-01-01"), at("2026-01-01"), HOUR) + 77
    bounds = {
        "temperature": (-20, 90), "humidity": (8, 100), "co2": (380, 5_000), "power": (0, 1_000),
    }  # fmt: skip
    for building, point in places:
        if point.kind is Kind.GAUGE:
            shown = signal(world, building, point)
            assert shown is not None
            values = shown.at(time)
            low, high = bounds[point.quantity]
            assert low <= values.min() <= values.max() <= high, f"{building.key}/{point.key}"
            assert values.max() > values.min()


def test_limits_of_the_example_are_seldom_passed(world: World, places: Places, at: Local) -> None:
    """A system that cries every day is switched off: without a fault, hardly anything to say."""
    time = np.arange(at("2025-01-01"), at("2026-01-01"), HOUR)
    for building, point in places:
        if point.limits is None:
            continue
        shown = signal(world, building, point)
        assert shown is not None
        values = shown.at(time)
        low = values < (-np.inf if point.limits.low is None else point.limits.low)
        high = values > (np.inf if point.limits.high is None else point.limits.high)
        assert (low | high).mean() < 0.02, f"{building.key}/{point.key}"


def test_power_is_what_the_register_counts(world: World, places: Places, at: Local) -> None:
    begin = at("2025-03-11T06:00")
    second = np.arange(begin, begin + 3 * HOUR, 10)
    for key in ("strom", "pv"):
        register = signal(world, *_find(places, "barntrup-gymnasium", key))
        power = signal(
            world,
            *_find(
                places,
                "barntrup-gymnasium",
                {"strom": "stromleistung", "pv": "pv-leistung"}[key],
            ),
        )
        assert register is not None
        assert power is not None
        counted = np.diff(register.at(second[[0, -1]]))[0]
        integral = np.trapezoid(power.at(second), second) / HOUR
        assert integral == pytest.approx(counted, rel=0.002)


def test_power_swings_within_the_hour(world: World, places: Places, at: Local) -> None:
    power = signal(world, *_find(places, "barntrup-gymnasium", "stromleistung"))
    assert power is not None
    lesson = power.at(np.arange(at("2025-03-11T10:00"), at("2025-03-11T11:00"), 60))
    assert lesson.std() > 0.02 * lesson.mean()
    assert np.abs(np.diff(lesson)).max() < 0.25 * lesson.mean()


@settings(max_examples=60, deadline=None)
@given(
    rates=st.lists(st.floats(0, 500), min_size=4, max_size=30),
    lively=st.floats(0, 0.99),
    key=st.integers(0, 2**40),
)
def test_a_register_never_goes_back_whatever_it_counts(
    rates: list[float], lively: float, key: int
) -> None:
    hourly = np.array(rates)
    sums = np.concatenate([[0.0], np.cumsum((hourly[1:] + hourly[:-1]) / 2)])
    meter = Meter(lambda _time: (hourly, sums), key=key, lively=lively)
    time = np.arange(EPOCH, EPOCH + (len(rates) - 2) * HOUR, 17)
    assert (meter.rate(time) >= -1e-9).all()
    steps = np.diff(meter.register(time))
    assert (steps >= -1e-9).all()
    whole = np.arange(EPOCH, EPOCH + (len(rates) - 1) * HOUR, HOUR)
    means = (hourly[1:-1] + hourly[:-2]) / 2
    assert np.diff(meter.register(whole)) == pytest.approx(means[: len(whole) - 1], abs=1e-6)


def test_history_and_a_single_moment_agree(world: World, places: Places, at: Local) -> None:
    time = np.arange(at("2025-10-25"), at("2025-10-27"), 900)
    for building, point in places[::7]:
        shown = signal(world, building, point)
        assert shown is not None
        alone = [float(shown.at(time[i : i + 1])[0]) for i in range(0, len(time), 31)]
        assert shown.at(time)[::31].tolist() == alone


def test_a_new_meter_begins_at_zero(world: World, places: Places, at: Local) -> None:
    """The portfolio says that this meter was mounted on 2024-08-11."""
    shown = signal(world, *_find(places, "barntrup-rathaus", "strom"))
    assert shown is not None
    before, first, later = shown.at(
        np.array([at("2024-08-10T23:00"), at("2024-08-11T00:00"), at("2024-08-12")])
    )
    assert before > 1_000
    assert first == 0
    assert 0 < later < 500


def test_faults_strike_only_while_they_last(world: World, places: Places, at: Local) -> None:
    building, point = _find(places, "barntrup-gymnasium", "wasser")
    begin, end = float(at("2025-11-04T22:00")), float(at("2025-11-05T04:00"))
    good = signal(world, building, point)
    leaking = signal(world, building, point, Trouble(leaks=(Flow(begin, end, 0.4),)))
    assert good is not None
    assert leaking is not None
    time = np.arange(int(begin) - DAY, int(end) + DAY, 900)
    more = leaking.at(time) - good.at(time)
    assert more[time <= begin] == pytest.approx(0)
    assert more[time >= end] == pytest.approx(0.4 * 6, abs=0.002)
    night = (time > begin) & (time < end)
    assert np.diff(leaking.at(time))[night[1:]].min() > 0.09

    stuck = signal(world, building, point, Trouble(stuck=((begin, end),)))
    assert stuck is not None
    held = stuck.at(time)
    assert len(set(held[(time >= begin) & (time < end)].tolist())) == 1
    assert (held[time >= end] == good.at(time)[time >= end]).all()

    reset = signal(world, building, point, Trouble(restarts=(begin,)))
    assert reset is not None
    counted = reset.at(time)
    assert counted[time >= begin][0] == 0
    assert (np.diff(counted) < 0).sum() == 1


def test_seeds_differ(portfolio: Portfolio, world: World, places: Places, at: Local) -> None:
    building, point = _find(places, "barntrup-rathaus", "waerme")
    other = World(stock(houses(portfolio), 2), 2)
    time = np.arange(at("2024-02-01"), at("2024-02-08"), HOUR)
    mine, theirs = signal(world, building, point), signal(other, building, point)
    assert mine is not None
    assert theirs is not None
    assert np.abs(np.diff(mine.at(time)) - np.diff(theirs.at(time))).max() > 1.0


def test_a_roof_yields_what_roofs_in_the_region_do(world: World, at: Local) -> None:
    hours = world.until(at("2026-01-01"))
    span = slice((at("2025-01-01") - EPOCH) // HOUR, (at("2026-01-01") - EPOCH) // HOUR)
    for index, house in enumerate(world.stock.houses):
        if house.peak_kw:
            power = plant.solar(world, hours, index)[span]
            assert 780 < power.sum() / house.peak_kw < 1_030  # kWh per kWp and year
            assert (power[hours.sun_height[span] < 0] == 0).all()


def test_a_month_of_history_has_its_quarters_of_an_hour(portfolio: Portfolio) -> None:
    end = datetime(2025, 11, 22, tzinfo=UTC)
    readings = sum(
        body.count(b'"v":') for _topic, body in history(portfolio, 9, end - timedelta(30), end)
    )
    assert readings > 550_000
