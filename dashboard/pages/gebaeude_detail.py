"""Gebäude: what does this house need, and is that normal?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dashboard import html
from dashboard.components.basics import Part, answer, card, empty, head, key, keys, medium
from dashboard.components.chart_cards import carpet_card, series_card
from dashboard.components.consumption import change_text
from dashboard.components.findings import finding_list, ticket_list
from dashboard.components.points import points_card, rooms_card
from dashboard.permit import may
from dashboard.timerange import Range, chosen
from dashboard.visit import Visit
from gebaeude.access.roles import Right
from gebaeude.model import Kind, Medium
from gebaeude.reports.building import Building, building, load_carpet, series
from gebaeude.reports.records import Carpet, PointLine, Series
from gebaeude.store.database import Connection
from gebaeude.text import BERLIN, USES, _, number

CARPET_DAYS = 42  # at least, so that weeks can be told from weekends
BESIDE_PLOT_PX = 110  # card's padding and axis labels


@dataclass(frozen=True)
class Report:
    """The building, and the charts of the point that was chosen."""

    building: Building
    point: PointLine | None
    range: Range
    series: Series | None
    carpet: Carpet | None


def read(connection: Connection, visit: Visit) -> Report:
    """The building with the charts the address asks for; NotFound."""
    home = building(connection, visit.keys[0], visit.now)
    span = chosen(visit)
    point = _point(home, visit.get("messpunkt") or _conspicuous(home))
    if point is None:
        return Report(home, None, span, None, None)
    width = max(visit.width - BESIDE_PLOT_PX, 200)
    at = (home.line.key, point.key)
    return Report(
        home,
        point,
        span,
        series(connection, *at, span.start, span.end, width),
        load_carpet(connection, *at, *_carpet_span(span)),
    )


def _carpet_span(span: Range) -> tuple[datetime, datetime]:
    """The range, but whole days, at least six weeks and at most a year."""
    first = min(span.first, span.last - timedelta(days=CARPET_DAYS - 1))
    first = max(first, span.last - timedelta(days=365))
    midnight = datetime.combine(span.last + timedelta(days=1), time(), BERLIN)
    return datetime.combine(first, time(), BERLIN), midnight


def _conspicuous(home: Building) -> str:
    """The point of the gravest open finding, whose chart proves it; nothing where there is none."""
    told = may(Right.SEE_QUALITY, home.line.municipality)
    return (home.findings[0].point or "") if told and home.findings else ""


def _point(home: Building, wanted: str) -> PointLine | None:
    """The wanted point, else the most telling one: heat before gas before electricity."""
    every = [point for group in home.media for point in group.points]
    found = next((point for point in every if point.key == wanted), None)
    counters = [point for point in every if point.kind is Kind.COUNTER]
    return found or next(iter(counters), None) or next(iter(every), None)


def title(report: Report) -> str:
    """What the window is called."""
    return report.building.line.name


def show(report: Report, visit: Visit) -> list[Part]:
    """Answer, key figures, what is open, charts, rooms, points."""
    home = report.building
    parts: list[Part] = [_heading(home, visit), _answer(home), _keys(home)]
    parts.append(_open(home, visit))
    if report.point and report.series and report.carpet:
        parts.append(series_card(home, report.point, report.series, report.range, visit))
        parts.append(carpet_card(report.carpet, visit))
    else:
        parts.append(
            card(_("Noch keine Messpunkte"), empty(_("Dieses Gebäude hat noch keinen Messpunkt.")))
        )
    if home.rooms:
        parts.append(rooms_card(home, visit))
    parts.append(points_card(home, visit))
    return parts


def _heading(home: Building, visit: Visit) -> Part:
    line = home.line
    above = html.Div(html.A(_("← Alle Gebäude"), href="/gebaeude"), className="crumbs")
    built = _("Baujahr {year}").format(year=line.built)
    if home.renovated:
        built = _("Baujahr {year}, saniert {renovated}").format(
            year=line.built, renovated=home.renovated
        )
    facts = [_(USES[line.use]), home.address, number(line.floor_area_m2, "m²", 0), built]
    return html.Div(
        [
            head(line.name, _("Was braucht dieses Haus, und ist das normal?"), visit.now, above),
            html.P([html.Span(fact) for fact in facts], className="facts"),
        ]
    )


def _answer(home: Building) -> Part:
    line = home.line
    counts = _("offene Auffälligkeit") if line.findings == 1 else _("offene Auffälligkeiten")
    return answer(number(line.findings), counts, home.sentence, line.condition)


def _keys(home: Building) -> Part:
    figures = [
        key(
            medium(one.medium),
            number(one.value, one.unit),
            _("gestern, {change}").format(change=change_text(one)),
        )
        for one in home.line.consumption
        if one.medium is not Medium.CLIMATE
    ]
    return keys(figures) if figures else None


def _open(home: Building, visit: Visit) -> Part:
    if not (home.findings or home.tickets):
        return None
    cards = []
    if may(Right.SEE_QUALITY, home.line.municipality):
        findings = finding_list(home.findings, visit.now, where=False)
        nothing = empty(_("Keine offenen Auffälligkeiten."))
        cards.append(card(_("Auffälligkeiten"), findings if home.findings else nothing))
    if may(Right.SEE_TICKETS, home.line.municipality):
        tickets = ticket_list(home.tickets, visit.now)
        nothing = empty(_("Keine offenen Aufträge."))
        cards.append(card(_("Aufträge"), tickets if home.tickets else nothing))
    return html.Div(cards, className="columns") if cards else None
