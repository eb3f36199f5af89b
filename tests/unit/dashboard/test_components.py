"""Small parts: what they say and how they order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from dashboard import render
from dashboard.components.consumption import change_text
from dashboard.components.freshness import fresh_line, silent_text
from dashboard.components.table import Column, ordered
from dashboard.components.ticket_card import due
from dashboard.pages import PAGES, Page
from dashboard.visit import Visit
from gebaeude.model import Medium
from gebaeude.reports.records import Consumption, Freshness
from gebaeude.store.database import Pool

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
USED = Consumption(
    medium=Medium.HEAT, unit="kWh", value=88.0, before=100.0, change=-0.12,
    counters=1, known=1, compared=1, share=1.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("used", "says"),
    [
        (USED, "12\u202f% weniger"),
        (replace(USED, value=150.0, change=0.5), "50\u202f% mehr"),
        (replace(USED, value=101.0, change=0.01), "wie vor einer Woche"),
        (replace(USED, value=0.0, before=0.0, change=None), "wie vor einer Woche"),
        (replace(USED, before=None, change=None), "kein Vergleich möglich"),
        (replace(USED, value=None, change=None), "noch keine Werte für gestern"),
    ],
)
def test_a_change_is_said_in_words(used: Consumption, says: str) -> None:
    assert change_text(used) == says


@dataclass(frozen=True)
class Row:
    name: str
    value: float | None


ROWS = [Row("b", 2.0), Row("a", None), Row("c", 1.0)]
COLUMNS: list[Column[Row]] = [
    Column("Name", lambda row: row.name, lambda row: row.name, key="name"),
    Column("Wert", lambda row: str(row.value), lambda row: row.value, key="wert"),
]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, "bac"),
        ({"sortiert": "name"}, "abc"),
        ({"sortiert": "name", "richtung": "ab"}, "cba"),
        ({"sortiert": "wert"}, "cba"),
        ({"sortiert": "wert", "richtung": "ab"}, "bca"),
        ({"sortiert": "unsinn"}, "bac"),
    ],
)
def test_rows_are_ordered_as_asked_and_what_is_not_known_comes_last(
    params: dict[str, str], names: str
) -> None:
    found = ordered(COLUMNS, ROWS, Visit("/", params, NOW))
    assert "".join(row.name for row in found) == names


def test_due_days_are_said_as_people_do() -> None:
    assert due(date(2026, 11, 22), NOW) == "heute fällig"
    assert due(date(2026, 11, 30), NOW) == "fällig Mo 30. November"


def test_one_is_said_as_one() -> None:
    assert [silent_text(n) for n in (0, 1, 2)] == [
        "alle Messpunkte senden",
        "1 Messpunkt schweigt",
        "2 Messpunkte schweigen",
    ]


def test_freshness_is_a_line_that_leads_to_the_data_s_quality() -> None:
    fresh = Freshness(points=10, fresh=8, silent=2, never=0, newest=NOW - timedelta(minutes=5))
    line = fresh_line(fresh, NOW)
    assert line.href == "/datenqualitaet"
    assert "vor 5 Minuten" in str(line)
    assert "8 von 10 Messpunkten aktuell" in str(line)
    assert "Noch keine Messwerte" in str(fresh_line(replace(fresh, newest=None), NOW))


def test_a_page_that_fails_says_so_with_a_number_and_nothing_else(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_asked: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(PAGES, "/", Page(fail, lambda _report: "", lambda _report, _visit: []))
    title, page = render.render(pool, Visit("/", {}, NOW))
    assert title.startswith("Fehler")
    assert "secret detail" not in str(page)
    number = caplog.text.split("error ")[1][:8]
    assert number in str(page)
