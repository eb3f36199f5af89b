"""Hours down, local days across, also where the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.testing import assert_allclose

from gebaeude.analysis.carpet import carpet, cells
from gebaeude.analysis.localtime import HOUR, days, edges, midnight, moment


def around(day: date) -> list[date]:
    return [day + timedelta(days=n) for n in (-1, 0, 1)]


def test_an_ordinary_day_has_its_hours_by_the_local_clock() -> None:
    of = cells([date(2026, 7, 1)])
    assert moment(of.start[0]) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert_allclose(carpet(of, np.arange(24.0))[:, 0], np.arange(24))


def test_in_spring_the_hour_that_is_left_out_is_unknown() -> None:
    of = cells(around(date(2026, 3, 29)))
    assert of.hours.tolist() == [24, 23, 24]
    day = carpet(of, np.ones(71))[:, 1]
    assert np.isnan(day[2])
    assert np.isfinite(np.delete(day, 2)).all()


def test_in_autumn_the_hour_that_comes_twice_is_the_mean_of_both() -> None:
    of = cells(around(date(2026, 10, 25)))
    assert of.hours.tolist() == [24, 25, 24]
    value = np.zeros(73)
    value[24 + 2], value[24 + 3], value[24 + 4] = 10, 20, 7
    day = carpet(of, value)[:, 1]
    assert_allclose(day[[1, 2, 3]], [0, 15, 7])


def test_an_unknown_hour_stays_unknown_and_half_a_double_hour_is_enough() -> None:
    of = cells(around(date(2026, 10, 25)))
    value = np.ones(73)
    value[5] = value[24 + 2] = np.nan
    result = carpet(of, value)
    assert np.isnan(result[5, 0])
    assert result[2, 1] == 1


def test_local_days_have_23_24_or_25_hours() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)):
        assert midnight(day + timedelta(days=1)) - midnight(day) == hours * HOUR


def test_edges_of_days_weeks_and_months_are_local() -> None:
    start = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # 11 March, 00:30 in Germany
    assert days(start, start) == [date(2026, 3, 11)]
    assert moment(edges(start, start, "day")[0]) == datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert moment(edges(start, start, "week")[0]) == datetime(2026, 3, 8, 23, tzinfo=UTC)
    month = edges(start, start + timedelta(days=30), "month")
    assert [moment(edge) for edge in month] == [
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
        datetime(2026, 4, 30, 22, tzinfo=UTC),
    ]


def test_edges_of_hours_cover_the_range() -> None:
    start = datetime(2026, 1, 1, 10, 20, tzinfo=UTC)
    hours = [moment(edge).hour for edge in edges(start, start + timedelta(hours=1), "hour")]
    assert hours == [10, 11, 12]
