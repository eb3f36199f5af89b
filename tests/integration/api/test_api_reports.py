"""The reports against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gebaeude.analysis.downsample import pixels
from gebaeude.analysis.localtime import HOUR, micros, midnight, moment
from gebaeude.errors import NotFound, UsageError
from gebaeude.model import Medium
from gebaeude.reports.building import building, buildings, load_carpet, series
from gebaeude.reports.overview import overview
from gebaeude.reports.quality import quality
from gebaeude.reports.records import Condition, Consumption
from gebaeude.store import series as store
from gebaeude.store.database import Connection, connect
from gebaeude.text import number

NOW = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)  # a Wednesday
YESTERDAY, BEFORE = date(2026, 11, 17), date(2026, 11, 10)
DAY = timedelta(days=1)


@pytest.fixture
def house(portfolio_db: str) -> Iterator[Connection]:
    with connect(portfolio_db, name="test", autocommit=True) as connection:
        yield connection


def put(
    connection: Connection, building: str, point: str, *readings: tuple[datetime, float]
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reading (point_id, time, value) SELECT p.id, %s, %s FROM point p"
            " JOIN building b ON b.id = p.building_id WHERE b.key = %s AND p.key = %s",
            [(time, value, building, point) for time, value in readings],
        )


def counted(day: date, used: float, start: float) -> list[tuple[datetime, float]]:
    """A counter that stands at `start` when the local day begins and counts evenly all day."""
    begin = moment(midnight(day))
    hours = (midnight(day + DAY) - midnight(day)) // HOUR
    return [
        (begin + timedelta(hours=hour), start + used * hour / hours) for hour in range(hours + 1)
    ]


def of(found: tuple[Consumption, ...], medium: Medium) -> Consumption:
    return next(one for one in found if one.medium is medium)


def test_yesterday_is_compared_with_the_same_weekday_before(house: Connection) -> None:
    put(
        house,
        "barntrup-rathaus",
        "strom",
        *counted(BEFORE, 100, 1000),
        *counted(YESTERDAY, 80, 1500),
    )
    report = overview(house, NOW)
    power = of(report.consumption, Medium.ELECTRICITY)
    assert (report.yesterday, report.before) == (YESTERDAY, BEFORE)
    assert power.unit == "kWh"
    assert_allclose([power.value, power.before, power.change, power.share], [80, 100, -0.2, 1])
    own = next(one for one in report.buildings if one.key == "barntrup-rathaus")
    assert of(own.consumption, Medium.ELECTRICITY).value == power.value
    town = next(one for one in report.municipalities if one.key == "barntrup")
    assert of(town.consumption, Medium.ELECTRICITY).value == power.value


def test_a_missing_counter_is_no_saving(house: Connection) -> None:
    put(house, "barntrup-rathaus", "strom", *counted(BEFORE, 100, 0), *counted(YESTERDAY, 90, 500))
    put(house, "barntrup-gymnasium", "strom", *counted(BEFORE, 300, 0))
    power = of(overview(house, NOW).consumption, Medium.ELECTRICITY)
    assert_allclose([power.value, power.before, power.change], [90, 400, -0.1])
    assert (power.known, power.compared) == (1, 1)


def test_a_reset_gives_neither_a_negative_nor_an_absurd_day(house: Connection) -> None:
    day = counted(YESTERDAY, 24, 99_990)
    reset = [(time, value - 100_000 if value >= 100_000 else value) for time, value in day]
    put(house, "barntrup-rathaus", "strom", *reset)
    assert of(overview(house, NOW).consumption, Medium.ELECTRICITY).value == pytest.approx(23)


def test_a_sub_meter_is_not_counted_twice(house: Connection) -> None:
    house.execute(
        "UPDATE point SET within_id = NULL;"
        "UPDATE point p SET within_id = m.id FROM point m WHERE p.key = 'warmwasser'"
        " AND m.key = 'wasser' AND m.building_id = p.building_id"
    )
    row = house.execute(
        "SELECT b.key FROM point p JOIN building b ON b.id = p.building_id"
        " WHERE p.key = 'warmwasser' ORDER BY b.key LIMIT 1"
    ).fetchone()
    assert row is not None
    put(house, row[0], "wasser", *counted(YESTERDAY, 10, 0))
    put(house, row[0], "warmwasser", *counted(YESTERDAY, 4, 0))
    water = of(overview(house, NOW).consumption, Medium.WATER)
    assert water.value == pytest.approx(10)


def test_a_day_of_25_hours_is_whole(house: Connection) -> None:
    now = datetime(2026, 10, 26, 9, tzinfo=UTC)
    put(house, "barntrup-rathaus", "strom", *counted(date(2026, 10, 25), 25, 0))
    power = of(overview(house, now).consumption, Medium.ELECTRICITY)
    assert power.value == pytest.approx(25)
    assert power.share == pytest.approx(1)


def test_the_answer_names_the_worst_building_first(house: Connection) -> None:
    house.execute("INSERT INTO reading (point_id, time, value) SELECT id, %s, 1 FROM point"
                  " ON CONFLICT DO NOTHING", (NOW - timedelta(minutes=1),))  # fmt: skip
    calm = overview(house, NOW)
    assert calm.condition is Condition.GOOD
    assert calm.sentence == (
        "Ja, alles ist in Ordnung: 36 Gebäude ohne Auffälligkeit, alle 390 Messpunkte melden sich."
    )
    for severity, key in (("critical", "varenholz-feuerwehr"), ("warning", "barntrup-rathaus")):
        house.execute(
            "INSERT INTO finding (rule, point_id, severity, opened_at, evidence)"
            " SELECT 'silent', p.id, %s, %s, jsonb_build_object('last', %s::timestamptz,"
            " 'interval_s', 900) FROM point p JOIN building b ON b.id = p.building_id"
            " WHERE b.key = %s ORDER BY p.id LIMIT 1",
            (severity, NOW - DAY, NOW - 3 * DAY, key),
        )
    report = overview(house, NOW)
    assert report.condition is Condition.CRITICAL
    first, second = report.worst
    assert (first.condition, second.condition) == (Condition.CRITICAL, Condition.ATTENTION)
    assert report.sentence.startswith(f"Nein. Zuerst: {first.name} – ")
    assert report.sentence.endswith(" Ein weiteres Gebäude braucht Aufmerksamkeit.")
    assert [one.severity for one in report.newest_findings] == ["critical", "warning"]
    assert report.findings == 2


def test_without_readings_the_answer_says_so(house: Connection, connection: Connection) -> None:
    assert overview(house, NOW).sentence == "Es sind noch keine Messwerte angekommen."
    assert "kein Gebäude" in overview(connection, NOW).sentence
    put(house, "barntrup-rathaus", "strom", (NOW - DAY, 5.0))
    answer = overview(house, NOW).sentence
    assert answer == "Es kommen keine Messwerte mehr an: der letzte gestern 12:30."
    assert quality(house, NOW).sentence == answer


def test_a_counter_is_shown_as_whole_local_days(house: Connection) -> None:
    first = date(2026, 10, 23)
    days = [first + n * DAY for n in range(5)]
    start, readings = 0.0, []
    for number_, day in enumerate(days):
        readings += counted(day, 10 + number_, start)[:-1]
        start += 10 + number_
    readings.append((moment(midnight(days[-1] + DAY)), start))
    put(house, "barntrup-rathaus", "waerme", *readings)
    noon = moment(midnight(first)) + timedelta(hours=12)
    report = series(house, "barntrup-rathaus", "waerme", noon, noon + 4 * DAY, 100)
    assert report.step == "day"
    assert_allclose(report.value, [10, 11, 12, 13, 14], rtol=1e-9)
    assert_array_equal(report.share, 1)
    hours = (report.until - report.time) // np.timedelta64(1, "h")
    assert hours.tolist() == [24, 24, 25, 24, 24]


def test_the_step_under_way_ends_with_what_is_known(house: Connection) -> None:
    begin = moment(midnight(date(2026, 11, 18)))
    put(
        house,
        "barntrup-rathaus",
        "waerme",
        *[(begin + timedelta(minutes=15 * n), n) for n in range(43)],
    )
    report = series(house, "barntrup-rathaus", "waerme", NOW - DAY, NOW, 800)
    assert report.step == "hour"
    assert_allclose(report.value[:-1], 4)
    assert report.value[-1] == 2
    assert report.until[-1] == np.datetime64(
        begin.replace(tzinfo=None) + timedelta(hours=10.5), "us"
    )


def test_a_gauge_breaks_where_readings_are_missing(house: Connection) -> None:
    first = [(NOW - timedelta(hours=20) + timedelta(minutes=10 * n), 20.0 + n) for n in range(6)]
    later = [(NOW - timedelta(hours=2) + timedelta(minutes=10 * n), 30.0 + n) for n in range(6)]
    put(house, "barntrup-rathaus", "vorlauf", *first, *later)
    report = series(house, "barntrup-rathaus", "vorlauf", NOW - DAY, NOW, 800)
    assert report.step == "reading"
    assert_array_equal(report.value, [20, 21, 22, 23, 24, 25, np.nan, 30, 31, 32, 33, 34, 35])
    assert report.readings == 12


def test_no_more_points_than_pixels_and_no_extreme_lost(house: Connection) -> None:
    house.execute(
        "INSERT INTO reading (point_id, time, value) SELECT p.id, %s::timestamptz"
        " - make_interval(mins => n), 20 + sin(n / 40.0) FROM point p"
        " JOIN building b ON b.id = p.building_id, generate_series(1, 10000) n"
        " WHERE b.key = 'barntrup-rathaus' AND p.key = 'vorlauf'", (NOW,),
    )  # fmt: skip
    house.execute("UPDATE reading SET value = 99 WHERE time = %s", (NOW - timedelta(minutes=4321),))
    report = series(house, "barntrup-rathaus", "vorlauf", NOW - 7 * DAY, NOW, 300)
    assert report.readings == 10_000
    assert 300 <= report.value.size <= 600
    assert report.value.max() == 99
    assert (np.diff(report.time) > np.timedelta64(0)).all()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(st.integers(1, 6000), st.floats(-50, 50), min_size=1, max_size=80),
    st.integers(1, 70),
)
def test_the_database_and_numpy_condense_alike(
    house: Connection, readings: dict[int, float], width: int
) -> None:
    house.execute("TRUNCATE reading")
    start = NOW - timedelta(seconds=6000)
    times = sorted(readings)
    put(house, "barntrup-rathaus", "vorlauf",
        *[(start + timedelta(seconds=second), readings[second]) for second in times])  # fmt: skip
    point = store.point(house, "barntrup-rathaus", "vorlauf")
    found, count = store.pixels(house, point.id, start, NOW + timedelta(seconds=1), width)
    span = timedelta(seconds=6001) / width
    step = span // timedelta(microseconds=1)
    expected = pixels(
        np.array([micros(start) + second * 1_000_000 for second in times]),
        np.array([readings[second] for second in times]),
        micros(start),
        step,
    )
    assert count == len(times)
    for name in ("first", "last", "low", "high"):
        assert_array_equal(getattr(found, name), getattr(expected, name))


def test_a_carpet_has_hours_down_and_local_days_across(house: Connection) -> None:
    days = [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]
    begin, hours = moment(midnight(days[0])), 24 + 25 + 24
    totals = np.concatenate([[0.0], np.cumsum(np.arange(hours, dtype=float))])
    readings = [(begin + timedelta(hours=n), float(total)) for n, total in enumerate(totals)]
    put(house, "barntrup-rathaus", "waerme", *readings)
    report = load_carpet(
        house, "barntrup-rathaus", "waerme", begin, moment(midnight(date(2026, 10, 27)))
    )
    assert (report.days, report.unit) == (tuple(days), "kW")
    assert report.hours.tolist() == [24, 25, 24]
    assert_allclose(report.value[:, 0], np.arange(24))
    assert_allclose(report.value[:4, 1], [24, 25, 26.5, 28])  # from 2 to 3 twice
    assert_allclose(report.value[:, 2], np.arange(49, 73))
    assert report.school_holidays == {date(2026, 10, 26), date(2026, 10, 30)} & set(days)


def test_a_gauge_has_a_carpet_of_means_with_its_holidays(house: Connection) -> None:
    begin = moment(midnight(date(2026, 12, 24)))
    put(house, "barntrup-rathaus", "vorlauf",
        *[(begin + timedelta(minutes=30 * n), float(n % 2)) for n in range(48)])  # fmt: skip
    report = load_carpet(house, "barntrup-rathaus", "vorlauf", begin, begin + 3 * DAY)
    assert report.unit == "°C"
    assert_allclose(report.value[:, 0], 0.5)
    assert np.isnan(report.value[:, 1:]).all()
    assert list(report.holidays.values()) == ["Erster Weihnachtstag", "Zweiter Weihnachtstag"]


def test_charts_without_data_say_why(house: Connection) -> None:
    empty = series(house, "barntrup-rathaus", "waerme", NOW - DAY, NOW, 800)
    assert empty.empty == "Dieser Messpunkt hat noch keinen Wert gesendet."
    assert empty.value.size == empty.time.size == 0
    put(house, "barntrup-rathaus", "waerme", (NOW - 9 * DAY, 1.0), (NOW - 8 * DAY, 2.0))
    for report in (
        series(house, "barntrup-rathaus", "waerme", NOW - DAY, NOW, 800),
        load_carpet(house, "barntrup-rathaus", "waerme", NOW - DAY, NOW),
    ):
        assert report.empty == (
            "In diesem Zeitraum gibt es keine Messwerte, nur vom 09.11.2026 bis zum 10.11.2026."
        )


def test_what_cannot_be_charted_is_refused_in_words(house: Connection) -> None:
    with pytest.raises(NotFound):
        series(house, "barntrup-rathaus", "nosuch", NOW - DAY, NOW, 800)
    with pytest.raises(NotFound):
        building(house, "nosuch", NOW)
    for start, end, width in (
        (NOW, NOW, 800), (NOW, NOW - DAY, 800), (NOW - DAY, NOW, 0), (NOW - DAY, NOW, 4001),
        (NOW.replace(tzinfo=None), NOW, 800), (NOW - 20_000 * DAY, NOW, 800),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            series(house, "barntrup-rathaus", "waerme", start, end, width)
    with pytest.raises(UsageError, match="400 Tage"):
        load_carpet(house, "barntrup-rathaus", "waerme", NOW - 401 * DAY, NOW)


def test_a_building_tells_what_it_needs(house: Connection) -> None:
    put(
        house, "barntrup-rathaus", "waerme", *counted(BEFORE, 400, 0), *counted(YESTERDAY, 500, 600)
    )
    report = building(house, "barntrup-rathaus", NOW)
    assert report.sentence == (
        f"Auffällig: 1 Messpunkt stumm. Gestern {number(500.0, 'kWh')} Wärme. "
        "Wärme: 25\u202f% mehr als am Dienstag der Vorwoche."
    )
    heat = next(group for group in report.media if group.medium is Medium.HEAT)
    assert heat.points[0].key == "waerme"
    assert heat.points[0].latest is not None
    assert heat.points[0].silent
    assert report.line in buildings(house, NOW)


def test_quality_lists_silent_points_and_devices_longest_first(house: Connection) -> None:
    house.execute("INSERT INTO reading (point_id, time, value) SELECT id, %s, 1 FROM point"
                  " WHERE key <> 'gas'", (NOW - timedelta(minutes=1),))  # fmt: skip
    for key, ago in (("wasser", 2), ("strom", 5)):
        house.execute(
            "UPDATE reading SET time = %s FROM point p JOIN building b ON b.id = p.building_id"
            " WHERE p.id = point_id AND b.key = 'barntrup-rathaus' AND p.key = %s",
            (NOW - ago * DAY, key),
        )
    report = quality(house, NOW)
    assert [point.point for point in report.points[:3]] == ["strom", "wasser", "gas"]
    assert report.points[0].since == NOW - 5 * DAY
    assert report.freshness.silent == 2
    assert report.freshness.never == len(report.points) - 2 == 15
    assert report.sentence == (
        "Von 390 Messpunkten sind 2 verstummt und haben 15 noch nie gesendet. "
        "In Quarantäne ist nichts."
    )
    silent = {device.line.name for device in report.devices}
    assert {"Wasserzähler Rathaus Barntrup", "Gaszähler Rathaus Barntrup"} <= silent
    assert "Datensammler Rathaus Barntrup" not in silent  # others of its points do arrive
