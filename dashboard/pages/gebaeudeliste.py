"""Gebäude: the list of all buildings, to search and to sort."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash

from dashboard import html
from dashboard.components.basics import CONDITIONS, Part, card, empty, head, shape
from dashboard.components.consumption import change_cell
from dashboard.components.search import follow, search_field
from dashboard.components.select import choice
from dashboard.components.table import Column, ordered, table
from dashboard.visit import Visit
from gebaeude.config import Settings
from gebaeude.model import Medium
from gebaeude.reports.building import buildings
from gebaeude.reports.lines import worst_first
from gebaeude.reports.records import BuildingLine, Condition, Consumption
from gebaeude.store.database import Connection, Pool
from gebaeude.text import MEDIA, USES, _, ago, number

Report = tuple[BuildingLine, ...]
_GRAVITY = {Condition.CRITICAL: 2, Condition.ATTENTION: 1, Condition.GOOD: 0}
_SHOWN = (Medium.HEAT, Medium.GAS, Medium.ELECTRICITY, Medium.WATER)
_ON_A_PHONE = (Medium.HEAT, Medium.ELECTRICITY)  # the rest stands on the building's page


def read(connection: Connection, visit: Visit) -> Report:
    """All buildings."""
    return buildings(connection, visit.now)


def title(_report: Report) -> str:
    """What the window is called."""
    return _("Gebäude")


def show(report: Report, visit: Visit) -> list[Part]:
    """Search and filters, then the list."""
    return [
        head(
            _("Gebäude"), _("Welches Haus braucht wie viel, und wo stimmt etwas nicht?"), visit.now
        ),
        _filters(report, visit),
        html.Div(listed(report, visit), id="gebaeude-liste"),
    ]


def listed(report: Report, visit: Visit) -> Part:
    """The buildings the address asks for, in the order it asks for; else the worst first."""
    found = sorted((one for one in report if matches(one, visit)), key=worst_first)
    columns = _columns(visit)
    rows = ordered(columns, found, visit)
    if not report:
        return card(_("Noch keine Gebäude"), empty(_("In der Datenbank steht noch kein Gebäude.")))
    if not rows:
        everything = html.A(_("Alle Gebäude zeigen"), href=visit.path)
        return card(
            _("Nichts gefunden"), empty(_("Kein Gebäude passt zu dieser Auswahl."), everything)
        )
    return card(
        _summary(rows, report),
        table(columns, rows, _("Gebäude"), visit, paired=True),
        html.Span(
            _("Verbrauch von gestern gegen denselben Wochentag zuvor"), className="quiet small"
        ),
    )


def matches(of: BuildingLine, visit: Visit) -> bool:
    """Whether the building has every word of the search and is what the filters ask for."""
    text = f"{of.name} {of.municipality_name} {_(USES[of.use])}".casefold()
    words = visit.get("suche").casefold().split()
    return (
        all(word in text for word in words)
        and visit.get("kommune", of.municipality) == of.municipality
        and visit.get("nutzung", of.use) == of.use
    )


def _summary(rows: Sequence[BuildingLine], report: Report) -> str:
    bad = sum(one.condition is not Condition.GOOD for one in rows)
    text = _("{n} von {all} Gebäuden") if len(rows) < len(report) else _("{n} Gebäude")
    text = text.format(n=number(len(rows)), all=number(len(report)))
    return text + (
        _(", {n} davon auffällig").format(n=number(bad)) if bad else _(", keines auffällig")
    )


def _filters(report: Report, visit: Visit) -> Part:
    municipalities = sorted(
        {(one.municipality, one.municipality_name) for one in report}, key=lambda pair: pair[1]
    )
    uses = sorted({(one.use, _(USES[one.use])) for one in report}, key=lambda pair: pair[1])
    return html.Div(
        [
            search_field("gebaeude", _("Name, Ort oder Nutzung"), visit),
            choice("kommune", _("Kommune"), municipalities, visit, _("alle"))
            if len(municipalities) > 1
            else None,
            choice("nutzung", _("Nutzung"), uses, visit, _("alle")),
        ],
        className="filters",
        role="search",
    )


def _columns(visit: Visit) -> list[Column[BuildingLine]]:
    used = [
        Column(
            _(MEDIA[one]),
            lambda row, one=one: change_cell(_of(row, one)),  # type: ignore[misc]
            lambda row, one=one: _value(row, one),  # type: ignore[misc]
            key=one.value,
            number=True,
            falling=True,
            wide_only=one not in _ON_A_PHONE,
        )
        for one in _SHOWN
    ]
    return [
        Column(_("Gebäude", "one"), _name, lambda row: row.name.casefold(), key="name"),
        Column(
            _("Zustand"),
            _state,
            lambda row: (_GRAVITY[row.condition], row.critical, row.warnings),
            key="zustand",
            falling=True,
        ),
        *used,
        Column(
            _("Fläche"),
            lambda row: number(row.floor_area_m2, "m²", 0),
            lambda row: row.floor_area_m2,
            key="flaeche",
            number=True,
            falling=True,
            wide_only=True,
        ),
        Column(
            _("Aufträge"),
            _tickets,
            lambda row: row.tickets,
            key="auftraege",
            number=True,
            falling=True,
            wide_only=True,
        ),
        Column(
            _("Letzter Messwert"),
            lambda row: ago(row.newest, visit.now),
            lambda row: row.newest,
            key="messwert",
            number=True,
            wide_only=True,
        ),
    ]


def _tickets(row: BuildingLine) -> Part:
    return number(row.tickets) if row.tickets else html.Span("–", className="nothing quiet")


def _name(row: BuildingLine) -> Part:
    use = _(USES[row.use])
    below = row.municipality_name if use in row.name else f"{row.municipality_name} · {use}"
    return [
        html.A(row.name, href=f"/gebaeude/{row.key}", className="row-link"),
        html.Span(below, className="sub"),
    ]


def _state(row: BuildingLine) -> Part:
    word = html.Span(_(CONDITIONS[row.condition]))
    below = html.Span(row.reason, className="sub") if row.reason else None
    return html.Span(
        [html.Span([shape(row.condition), word], className=f"state state-{row.condition}"), below]
    )


def _of(row: BuildingLine, medium: Medium) -> Consumption | None:
    return next((one for one in row.consumption if one.medium is medium), None)


def _value(row: BuildingLine, medium: Medium) -> float | None:
    found = _of(row, medium)
    return found.value if found else None


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """The list follows the words while they are typed; the address follows in the browser."""
    follow(app, pool, "gebaeude", "gebaeude-liste", lambda *at: listed(read(*at), at[1]))
