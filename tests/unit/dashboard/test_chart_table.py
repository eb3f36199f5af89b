"""The table below a chart says what the chart shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from msgspec.structs import replace

from dashboard.components.chart_table import carpet_table, series_table
from gebaeude.model import Kind, Medium
from gebaeude.reports.records import Carpet, Series

START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # midnight in Berlin
DAYS = 3


def bars(hours: int = 24 * DAYS) -> Series:
    first = np.datetime64(START.replace(tzinfo=None), "us")
    time = first + np.arange(hours) * np.timedelta64(60, "m")
    return Series(
        building="haus", building_name="Haus", point="waerme", point_name="Wärme",
        medium=Medium.HEAT, quantity="energy", unit="kWh", kind=Kind.COUNTER, start=START,
        end=START + timedelta(hours=hours), step="hour", readings=hours, time=time,
        until=time + np.timedelta64(1, "h"), value=np.ones(hours), share=np.ones(hours),
        low=None, high=None, empty="",
    )  # fmt: skip


def cells(part: Any) -> list[list[str]]:
    """The texts of each row of the body."""
    table = part.children[1].children
    body = table.children[2]
    return [[cell.children for cell in row.children] for row in body.children]


def test_a_week_of_hours_is_told_by_days() -> None:
    of = bars()
    of.value[30] = np.nan
    of.share[50] = 0.2
    assert cells(series_table(of, "Wärme")) == [
        ["Mo 2. März", "24\u202fkWh", "ganz"],
        ["Di 3. März", "23\u202fkWh", "ganz"],
        ["Mi 4. März", "24\u202fkWh", "zum Teil geschätzt"],
    ]


def test_a_single_day_is_told_by_its_hours() -> None:
    rows = cells(series_table(bars(24), "Wärme"))
    assert len(rows) == 24
    assert rows[7] == ["Mo 2. März, 07:00 Uhr", "1\u202fkWh", "ganz"]


def test_values_are_told_by_each_day_s_lowest_highest_and_last() -> None:
    hours = 24 * DAYS
    line = replace(
        bars(), kind=Kind.GAUGE, quantity="temperature", unit="°C", step="reading",
        value=18 + np.arange(hours) % 24 / 10, share=np.empty(0),
    )  # fmt: skip
    line.value[:24] = np.nan
    assert cells(series_table(line, "Raum")) == [
        [day, "18,0\u202f°C", "20,3\u202f°C", "20,3\u202f°C"]
        for day in ("Di 3. März", "Mi 4. März")
    ]


def test_the_carpet_is_told_by_the_hours_of_the_day() -> None:
    days = tuple(date(2026, 4, 1) + timedelta(days=i) for i in range(14))
    value = np.tile(np.arange(24.0)[:, None], (1, 14))
    value[3] = np.nan
    value[7, 4] = 99
    of = Carpet(
        building="haus", building_name="Haus", point="waerme", point_name="Wärme",
        medium=Medium.HEAT, unit="kW", days=days, hours=np.full(14, 24), value=value,
        holidays={}, school_holidays=frozenset(), empty="",
    )  # fmt: skip
    rows = cells(carpet_table(of, "Wärme"))
    assert len(rows) == 24
    assert rows[3] == ["3 Uhr", "–", "–", ""]
    assert rows[7][2:] == ["99\u202fkW", "So 5. April"]
