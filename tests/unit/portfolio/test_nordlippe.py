"""What the example portfolio promises to everything that runs on it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from gebaeude.model import Kind, Medium, Skill, Use
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.text import BERLIN

PORTFOLIO = load(NORDLIPPE)
BUILDINGS = tuple(PORTFOLIO.buildings())
POINTS = tuple((building, point) for building in BUILDINGS for point in building.points)


def test_four_municipalities_with_their_keys() -> None:
    assert {m.name: m.ags for m in PORTFOLIO.municipalities} == {
        "Barntrup": "05766012", "Dörentrup": "05766024", "Extertal": "05766028",
        "Kalletal": "05766036",
    }  # fmt: skip


def test_at_least_thirty_buildings_of_eight_uses() -> None:
    assert len(BUILDINGS) >= 30
    assert len(PORTFOLIO.sites) >= 28
    assert {building.use for building in BUILDINGS} == set(Use)


def test_at_least_three_hundred_points_of_all_kinds() -> None:
    assert len(POINTS) >= 300
    assert {point.medium for _, point in POINTS} == set(Medium)
    measured = Counter((point.medium, point.quantity) for _, point in POINTS)
    for wanted in (
        (Medium.HEAT, "energy"), (Medium.HEAT, "power"), (Medium.HEAT, "temperature"),
        (Medium.GAS, "volume"), (Medium.ELECTRICITY, "energy"), (Medium.ELECTRICITY, "power"),
        (Medium.WATER, "volume"), (Medium.WATER, "temperature"), (Medium.PV, "energy"),
        (Medium.PV, "power"), (Medium.CLIMATE, "temperature"), (Medium.CLIMATE, "humidity"),
        (Medium.CLIMATE, "co2"),
    ):  # fmt: skip
        assert measured[wanted] >= 5, wanted


def test_every_building_is_metered_for_heat_electricity_and_water() -> None:
    for building in BUILDINGS:
        counted = {point.medium for point in building.points if point.kind is Kind.COUNTER}
        assert counted >= {Medium.HEAT, Medium.ELECTRICITY, Medium.WATER}, building.key


def test_every_building_has_a_logger_that_archives_all_of_its_points() -> None:
    for building in BUILDINGS:
        loggers = [device for device in building.devices if device.format == "senml"]
        assert len(loggers) == 1, building.key
        assert loggers[0].id.endswith(":")
        fields = {channel.field: channel.point for channel in loggers[0].channels}
        assert fields == {point.key: point.key for point in building.points}


def test_every_point_is_sent_live_by_one_other_device() -> None:
    for building in BUILDINGS:
        live = Counter(
            channel.point
            for device in building.devices
            if device.format != "senml"
            for channel in device.channels
        )
        assert live == Counter(point.key for point in building.points), building.key


def test_the_four_formats_are_there_with_ids_that_trip_careless_readers() -> None:
    ids = [(device.format, device.id) for b in BUILDINGS for device in b.devices]
    assert Counter(format_ for format_, _ in ids).keys() == {
        "chirpstack", "wmbusmeters", "shelly", "senml"
    }  # fmt: skip
    meters = [id_ for format_, id_ in ids if format_ == "wmbusmeters"]
    assert any(id_.startswith("0") for id_ in meters)
    assert any(not id_.isdigit() for id_ in meters)


def test_every_counter_has_a_meter_and_calibration_ends_with_a_year() -> None:
    unmetered = [
        (building.key, point.key)
        for building, point in POINTS
        if point.kind is Kind.COUNTER
        and not any(m.point == point.key and m.mounted_to is None for m in building.meters)
    ]
    assert {key for _, key in unmetered} <= {"waermepumpe-strom"}  # no billing, no calibration
    lives = {Medium.HEAT: 6, Medium.WATER: 6, Medium.GAS: 8, Medium.ELECTRICITY: 8, Medium.PV: 8}
    for building in BUILDINGS:
        media = {point.key: point.medium for point in building.points}
        for mount in building.meters:
            mounted = mount.mounted_from.astimezone(BERLIN).year
            assert mount.calibrated_until == date(mounted + lives[media[mount.point]], 12, 31)


def test_some_meter_was_replaced() -> None:
    assert sum(mount.mounted_to is not None for b in BUILDINGS for mount in b.meters) >= 3


def test_sub_meters_name_the_counter_they_run_through() -> None:
    within = {point.key: point.within for _, point in POINTS if point.within}
    assert within == {"warmwasser": "wasser", "fuellwasser": "wasser", "waermepumpe-strom": "strom"}


def test_the_team_covers_every_skill_and_every_municipality() -> None:
    assert 7 <= len(PORTFOLIO.team) <= 9
    assert {skill for one in PORTFOLIO.team for skill in one.skills} == set(Skill)
    assert all(one.email.endswith("@nordlippe.example") for one in PORTFOLIO.team)


def test_every_boiler_is_maintained_and_plans_spread_over_the_year() -> None:
    for building in BUILDINGS:
        planned = {plan.asset for plan in building.plans}
        assert planned >= {a.key for a in building.assets if a.kind in ("boiler", "heat_pump")}
    starts = Counter(plan.starts_on for building in BUILDINGS for plan in building.plans)
    assert max(starts.values()) <= 10


def test_places_lie_in_nordlippe() -> None:
    for site in PORTFOLIO.sites:
        assert 51.93 < site.latitude < 52.22, site.key
        assert 8.85 < site.longitude < 9.25, site.key
