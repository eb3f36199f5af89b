"""The numbers behind a chart as a table, folded away below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard import html
from dashboard.components.basics import Part
from dashboard.components.table import Column, table
from dashboard.figures.words import days_of, hourly, moment, shown
from gebaeude.model import Kind
from gebaeude.reports.records import Carpet, Floats, Series
from gebaeude.text import N_, _, day, number

MEASURED = 0.999  # less of the time measured: partly estimated
MOST_HOURS = 25  # a day by its hours; anything longer by its days
# what one row of a counter is, by the series' step
ROWS: dict[str, str] = {
    "hour": N_("Stunde"),
    "day": N_("Tag"),
    "week": N_("Woche ab"),
    "month": N_("Monat ab"),
}


@dataclass(frozen=True)
class Row:
    """One line: when, and what stands beside it."""

    when: str
    values: tuple[str, ...]


def series_table(series: Series, heading: str) -> Part:
    """Consumption of each step, at most by the day; of values each day's lowest, highest, last."""
    if series.kind is Kind.COUNTER:
        first, names, rows = _consumed(series)
    else:
        first, names = _("Tag"), [_("Niedrigster"), _("Höchster"), _("Letzter")]
        rows = _daily(series)
    return folded(first, names, rows, heading)


def carpet_table(carpet: Carpet, heading: str) -> Part:
    """Each hour of the day: its mean over all days, its highest value, and when that was."""
    names = [_("Im Mittel"), _("Am meisten"), _("Am")]
    rows = [
        _hour(carpet, hour, float(mean), carpet.value[hour])
        for hour, mean in enumerate(hourly(carpet))
    ]
    return folded(_("Uhrzeit"), names, rows, heading)


def folded(first: str, names: Sequence[str], rows: Sequence[Row], heading: str) -> Part:
    """The table behind a summary; its caption is the chart's heading."""
    columns: list[Column[Row]] = [Column(first, lambda row: row.when)]
    columns += [_column(name, index) for index, name in enumerate(names)]
    return html.Details(
        [
            html.Summary(_("Als Tabelle anzeigen")),
            table(columns, rows, heading),
            html.P(_("Jeden Messwert einzeln enthält die CSV-Datei."), className="quiet small"),
        ],
        className="as-table",
    )


def _column(name: str, index: int) -> Column[Row]:
    return Column(name, lambda row: row.values[index], number=True)


def _consumed(series: Series) -> tuple[str, list[str], list[Row]]:
    """(what a row is, names of the other columns, rows)."""
    names = [_("Verbrauch"), _("Gemessen")]
    if series.step == "hour" and len(series.value) > MOST_HOURS:
        days = days_of(series)
        rows = []
        for one in sorted(set(days)):
            there = days == one
            rows.append(_use(day(one, _last(days)), series, there))
        return _("Tag"), names, rows
    each = np.eye(len(series.value), dtype=bool)
    rows = [_use(moment(series, i), series, each[i]) for i in range(len(series.value))]
    return _(ROWS.get(series.step, ROWS["day"])), names, rows


def _use(when: str, series: Series, there: np.typing.NDArray[np.bool_]) -> Row:
    known = there & np.isfinite(series.value)
    if not known.any():
        return Row(when, (shown(None, series), ""))
    measured = bool((series.share[known] >= MEASURED).all())
    told = _("ganz") if measured else _("zum Teil geschätzt")
    return Row(when, (number(float(series.value[known].sum()), series.unit), told))


def _daily(series: Series) -> list[Row]:
    days = days_of(series)
    known = np.isfinite(series.value)
    rows = []
    for one in sorted(set(days[known])):
        values = series.value[known & (days == one)]
        told = (float(values.min()), float(values.max()), float(values[-1]))
        rows.append(Row(day(one, _last(days)), tuple(shown(value, series) for value in told)))
    return rows


def _hour(carpet: Carpet, hour: int, mean: float, values: Floats) -> Row:
    when = _("{hour} Uhr").format(hour=hour)
    if not np.isfinite(mean):
        return Row(when, (number(None), number(None), ""))
    top = int(np.nanargmax(values))
    told = (number(mean, carpet.unit), number(float(values[top]), carpet.unit))
    return Row(when, (*told, day(carpet.days[top], carpet.days[-1])))


def _last(days: np.typing.NDArray[np.object_]) -> date:
    last: date = max(days)
    return last
