"""Where to look first, and what the weather has to do with what was used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.components.consumption import weather_text
from gebaeude.model import Medium, Use
from gebaeude.reports.lines import worst_first
from gebaeude.reports.records import BuildingLine, Condition, Consumption
from gebaeude.reports.usage import Outside, outside
from gebaeude.store.database import connect

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)  # midnight in Berlin


def house(name: str, warnings: int, silent: int, critical: int = 0) -> BuildingLine:
    condition = Condition.CRITICAL if critical else Condition.ATTENTION
    return BuildingLine(
        name, name, "barntrup", "Barntrup", Use.DAYCARE, 500.0, 1980, 52.0, 9.0, condition, "",
        warnings, warnings, critical, 1, 16, silent, NOW, (),
    )  # fmt: skip


def test_a_cold_room_comes_before_any_number_of_silent_sensors() -> None:
    cold, quiet, grave = house("Kita", 1, 0), house("Bad", 4, 4), house("Saal", 1, 0, 1)
    both = house("Rathaus", 3, 2)
    ordered = sorted([quiet, cold, both, grave], key=worst_first)
    assert [one.name for one in ordered] == ["Saal", "Rathaus", "Kita", "Bad"]


def used(medium: Medium) -> Consumption:
    return Consumption(medium, "kWh", 10.0, 12.0, -0.17, 1, 1, 1, 1.0)


@pytest.mark.parametrize(("told", "so"), [
    (Outside(7.8, 3.7), "weniger Wärme war zu erwarten."),
    (Outside(-2.0, 3.0), "mehr Wärme war zu erwarten."),
    (Outside(3.9, 3.0), "am Wetter liegt ein Unterschied nicht."),
    (None, "Die Außentemperatur ist nicht für beide Tage bekannt."),
])  # fmt: skip
def test_the_weather_is_told_beside_heat(told: Outside | None, so: str) -> None:
    assert (weather_text([used(Medium.HEAT)], told) or "").endswith(so)
    assert weather_text([used(Medium.WATER)], told) is None


def test_outside_is_the_mean_of_days_that_are_known_at_a_place(portfolio_db: str) -> None:
    week = timedelta(days=7)
    # A day with twice as many values in its warm half, another place with half a day alone.
    rows = [("barntrup-rathaus", YESTERDAY + timedelta(hours=h), 10.0) for h in range(12)]
    rows += [("barntrup-rathaus", YESTERDAY + timedelta(minutes=m), 20.0)
             for m in range(12 * 60, 24 * 60, 10)]  # fmt: skip
    rows += [("barntrup-rathaus", YESTERDAY - week + timedelta(hours=h), 5.0) for h in range(24)]
    rows += [("kalletal-rathaus", YESTERDAY + timedelta(hours=h), 40.0) for h in range(12)]
    with connect(portfolio_db, name="test", autocommit=True) as connection:
        assert outside(connection, NOW) is None
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO reading (point_id, time, value) SELECT p.id, %s, %s FROM point p"
                " JOIN building b ON b.id = p.building_id"
                " WHERE b.key = %s AND p.key = 'aussentemperatur'",
                [(time, value, building) for building, time, value in rows],
            )
        assert outside(connection, NOW) == Outside(15.0, 5.0)
