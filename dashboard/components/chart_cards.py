"""The two charts of a building's point: over time, and as a carpet of hours and days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from urllib.parse import quote, urlencode

import dash_mantine_components as dmc

from dashboard import html
from dashboard.components.basics import Part, card, choices, extra, icon
from dashboard.components.chart_table import carpet_table, series_table
from dashboard.figures.base import chart, file_name, picture_button
from dashboard.figures.carpet import DAYS_OFF, carpet_figure, day_kind, kind_colour
from dashboard.figures.series import series_figure
from dashboard.figures.words import carpet_words, spoken
from dashboard.timerange import RANGES, SPAN, Range, earlier, later
from dashboard.visit import Visit
from gebaeude.model import Kind
from gebaeude.reports.building import Building
from gebaeude.reports.records import Carpet, PointLine, Series
from gebaeude.text import BERLIN, MEDIA, N_, _, day_short, language

API = "/api/v1/points"
# what one bar is, by the series' step
STEPS: dict[str, str] = {
    "hour": N_("je Stunde"),
    "day": N_("je Tag"),
    "week": N_("je Woche"),
    "month": N_("je Monat"),
}


def series_card(
    home: Building, point: PointLine, series: Series, span: Range, visit: Visit
) -> Part:
    """The point over time, with the choice of point and range, and what can be taken along."""
    heading = f"{series.point_name}, {_span(span.first, span.last)}"
    at = (series.building, series.point)
    name = file_name(*at, str(span.first), str(span.last))
    body = (
        html.Div(html.P(series.empty), className="chart-empty")
        if series.empty
        else chart(
            "verlauf",
            series_figure(series, visit.theme, visit.width),
            spoken(series),
            heading,
            name,
            "22rem",
        )
    )
    save = (
        None
        if series.empty
        else picture_button("verlauf", f"{series.building_name}: {heading}", name)
    )
    return card(
        _("Verlauf"),
        [
            html.Div(
                [_points(home, point), _ranges(span, visit), _days(span, visit)], className="range"
            ),
            html.P(
                [html.Strong(heading), html.Span(_steps_told(series), className="quiet")],
                className="facts",
            ),
            body,
            None if series.empty else series_table(series, heading),
            html.Div(
                [save, _csv(series.building, series.point, series.start, series.end)],
                className="actions",
            ),
        ],
        _steps(span, visit),
        id="verlauf-karte",
    )


def carpet_card(carpet: Carpet, visit: Visit) -> Part:
    """Hours down, days across."""
    heading = f"{carpet.point_name}, {_span(carpet.days[0], carpet.days[-1])}"
    name = file_name(
        carpet.building, carpet.point, "stunden", str(carpet.days[0]), str(carpet.days[-1])
    )
    if carpet.empty:
        return card(_("Wann am Tag?"), html.Div(html.P(carpet.empty), className="chart-empty"))
    figure = carpet_figure(carpet, visit.theme, visit.width)
    return card(
        _("Wann am Tag?"),
        [
            chart("teppich", figure, carpet_words(carpet), heading, name, "24rem"),
            _legend(carpet, visit),
            carpet_table(carpet, heading),
            html.Div(
                [
                    picture_button("teppich", f"{carpet.building_name}: {heading}", name),
                    _csv(carpet.building, carpet.point, *_moments(carpet.days)),
                ],
                className="actions",
            ),
        ],
    )


def _steps_told(series: Series) -> str:
    """What one bar is, and what its hatching means."""
    if series.kind is not Kind.COUNTER or series.empty:
        return ""
    parts = [_(STEPS.get(series.step, ""))]
    if len(series.share) and float(series.share.min()) < 0.999:
        parts.append(_("schraffiert: zum Teil geschätzt"))
    return " · ".join(part for part in parts if part)


def _points(home: Building, point: PointLine) -> Part:
    groups = [
        {
            "group": _(MEDIA[group.medium]),
            "items": [{"value": one.key, "label": one.name} for one in group.points],
        }
        for group in home.media
    ]
    return html.Div(
        dmc.Select(
            id={"filter": "messpunkt", "shown": point.key},
            label=_("Messpunkt"),
            data=groups,
            value=point.key,
            allowDeselect=False,
            leftSection=html.Span(icon(point.medium), className=f"medium-{point.medium}"),
            searchable=True,
            maxDropdownHeight=420,
            nothingFoundMessage=_("Nichts gefunden"),
        ),
        className="field point-choice",
    )


def _ranges(span: Range, visit: Visit) -> Part:
    options = [
        (_(label), visit.link(zeitraum=name, von=None), span.name == name)
        for name, (label, _length) in RANGES.items()
    ]
    return choices(_("Zeitraum"), options)


def _days(span: Range, visit: Visit) -> Part:
    return html.Div(
        dmc.DatePickerInput(
            id={"span": "verlauf", "shown": f"{span.first},{span.last}"},
            type="range",
            label=_("Spanne"),
            value=[span.first.isoformat(), span.last.isoformat()],
            valueFormat=_("DD.MM.YYYY"),
            maxDate=visit.now.date().isoformat(),
            allowSingleDateInRange=True,
            ariaLabels={
                "previousMonth": _("voriger Monat"),
                "nextMonth": _("nächster Monat"),
                "previousYear": _("voriges Jahr"),
                "nextYear": _("nächstes Jahr"),
                "previousDecade": _("voriges Jahrzehnt"),
                "nextDecade": _("nächstes Jahrzehnt"),
            },
            className="span-choice",
            variant="default" if span.name != SPAN else "filled",
        ),
        className="field",
    )


def _steps(span: Range, visit: Visit) -> Part:
    after = later(span, visit.now)
    forward = {"href": visit.link(**after)} if after else {"aria-disabled": "true"}
    return html.Div(
        [
            html.A(
                [icon("back"), _("früher")],
                href=visit.link(**earlier(span)),
                className="button plain",
            ),
            html.A([_("später"), icon("next")], className="button plain", **extra(forward)),
        ],
        className="actions",
    )


def _csv(building: str, point: str, start: datetime, end: datetime) -> Part:
    """The readings behind a chart, as the API gives them out."""
    query = {
        "from": start.isoformat(timespec="seconds"),
        "to": end.isoformat(timespec="seconds"),
        "format": "csv",
        "dialect": language(),
    }
    href = f"{API}/{quote(building)}/{quote(point)}/readings?{urlencode(query)}"
    return html.A(
        [icon("download"), html.Span(_("Messwerte als CSV"))],
        href=href,
        className="button",
        download=file_name(building, point, f"{start:%Y-%m-%d}") + ".csv",
    )


def _moments(days: Sequence[date]) -> tuple[datetime, datetime]:
    """From the first day's midnight to the last day's end."""
    end = datetime.combine(days[-1] + timedelta(days=1), time(), BERLIN)
    return datetime.combine(days[0], time(), BERLIN), end


def _span(first: date, last: date) -> str:
    return day_short(first) if first == last else f"{day_short(first)} – {day_short(last)}"


def _legend(carpet: Carpet, visit: Visit) -> Part:
    there = {day_kind(day, carpet) for day in carpet.days}
    names = [
        html.Span(
            [
                html.Span(className="swatch", style={"background": kind_colour(kind, visit.theme)}),
                _(DAYS_OFF[kind][0]),
            ]
        )
        for kind in DAYS_OFF
        if kind in there
    ]
    return html.Div([html.Span(_("Streifen oben:")), *names], className="legend")
