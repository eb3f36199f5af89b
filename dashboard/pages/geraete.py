"""Geräte: which devices are silent, and whose battery runs low?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, html, no_update

from dashboard.components.basics import Part, answer, card, choices, empty, head, key, keys
from dashboard.components.devices import battery, device_href, format_name, heard, signal
from dashboard.components.paging import first, steps
from dashboard.components.search import search_field
from dashboard.components.select import choice
from dashboard.components.table import Column, ordered, table
from dashboard.permit import may
from dashboard.visit import PATIENCE_S, Visit, visit
from gebaeude.access.roles import Right
from gebaeude.config import Settings
from gebaeude.reports.devices import MOST_WAITING, Devices, DeviceState, devices
from gebaeude.reports.records import Condition
from gebaeude.store.database import LOST, Connection, Pool
from gebaeude.text import _, ago, number

A_PAGE = 50  # rows of the list
SILENT, BATTERY, KEPT = "stumm", "batterie", "aufbewahrt"  # kinds of trouble, in the address


def read(connection: Connection, visit: Visit) -> Devices:
    """All devices."""
    return devices(connection, visit.now)


def title(_report: Devices) -> str:
    """What the window is called."""
    return _("Geräte")


def show(report: Devices, visit: Visit) -> list[Part]:
    """Who is silent, whose battery runs low; then everything to search and sort."""
    question = _("Welche Geräte schweigen, und welche Batterie geht zu Ende?")
    return [
        head(_("Geräte"), question, visit.now),
        _answer(report, visit),
        _keys(report),
        _filters(report, visit),
        html.Div(listed(report, visit), id="geraete-liste"),
    ]


def _answer(report: Devices, visit: Visit) -> Part:
    silent = sorted(
        (one for one in report.devices if one.silent),
        key=lambda one: one.line.heard_at or visit.now,
    )
    counts = _("von {n} Geräten schweigen").format(n=number(len(report.devices)))
    bad = bool(silent) or any(one.battery_low for one in report.devices)
    condition = Condition.ATTENTION if bad else Condition.GOOD
    return answer(number(len(silent)), counts, _sentence(report, silent, visit.now), condition)


def _sentence(report: Devices, silent: Sequence[DeviceState], now: datetime) -> str:
    if not report.devices:
        return _("Noch ist kein Gerät einem Gebäude zugeordnet.")
    low = sum(one.battery_low for one in report.devices)
    said = [_("Alle Geräte, die schon einmal gesendet haben, melden sich.")]
    if silent:
        longest = silent[0].line
        said = [
            _("Am längsten schweigt „{name}“ in {building}: zuletzt gehört {ago}.").format(
                name=longest.name, building=longest.building_name, ago=ago(longest.heard_at, now)
            )
        ]
    if low == 1:
        said.append(_("Eine Batterie geht zu Ende."))
    elif low:
        said.append(_("{n} Batterien gehen zu Ende.").format(n=number(low)))
    return " ".join(said)


def _waiting(report: Devices) -> Part:
    return key(
        _("Warten auf Zuordnung"),
        waiting_text(report.waiting),
        _("unbekannte Geräte im Posteingang") if report.waiting else _("niemand wartet"),
        href="/posteingang",
    )


def _keys(report: Devices) -> Part:
    low = sum(one.battery_low for one in report.devices)
    told = sum(one.line.battery is not None for one in report.devices)
    never = sum(one.never for one in report.devices)
    return keys(
        [
            *([_waiting(report)] if may(Right.MANAGE_DEVICES) else []),
            key(
                _("Batterie schwach"),
                number(low),
                _("von {n}, die es melden").format(n=number(told)),
                href=f"/geraete?zustand={BATTERY}",
            ),
            key(_("Noch nie gehört"), number(never), _("angelegt, aber nie gesendet")),
            key(_("Geräte"), number(len(report.devices)), _("einem Gebäude zugeordnet")),
        ]
    )


def waiting_text(count: int) -> str:
    """A count of the inbox, which is not counted further than anybody wants to know."""
    return f"{count}+" if count >= MOST_WAITING else number(count)


def _filters(report: Devices, visit: Visit) -> Part:
    places = {(one.municipality, one.municipality_name) for one in report.devices}
    wanted = visit.get("kommune")
    houses = {
        (one.line.building, one.line.building_name)
        for one in report.devices
        if wanted in ("", one.municipality)
    }
    shown = visit.get("zustand")
    trouble = [
        (_("Alle"), visit.link(zustand=None), not shown),
        (_("Schweigen"), visit.link(zustand=SILENT), shown == SILENT),
        (_("Batterie"), visit.link(zustand=BATTERY), shown == BATTERY),
    ]
    return html.Div(
        [
            search_field("geraete", _("Name, Art oder Kennung"), visit),
            choice("kommune", _("Kommune"), _by_name(places), visit, _("alle")),
            choice("gebaeude", _("Gebäude", "one"), _by_name(houses), visit, _("alle")),
            choices(_("Welche Geräte"), trouble),
        ],
        className="filters",
        role="search",
    )


def _by_name(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1])


def listed(report: Devices, visit: Visit) -> Part:
    """The devices the address asks for, in the order it asks for."""
    found = [one for one in report.devices if matches(one, visit)]
    columns = _columns(visit)
    rows = ordered(columns, found, visit) if visit.get("sortiert") else _worst_first(found)
    start = first(visit, A_PAGE)
    start = start if start < len(rows) else 0
    if not report.devices:
        inbox = html.A(_("Zum Posteingang"), href="/posteingang")
        todo = inbox if may(Right.MANAGE_DEVICES) else None
        return card(_("Noch keine Geräte"), empty(_("Was sendet, steht im Posteingang."), todo))
    if not rows:
        everything = html.A(_("Alle Geräte zeigen"), href=visit.path)
        return card(
            _("Nichts gefunden"), empty(_("Kein Gerät passt zu dieser Auswahl."), everything)
        )
    return card(
        _counted(len(rows), len(report.devices)),
        [
            table(columns, rows[start : start + A_PAGE], _("Geräte"), visit),
            steps(len(rows), start, A_PAGE, visit),
        ],
    )


def _counted(shown: int, everything: int) -> str:
    if shown == everything:
        return _("{n} Geräte").format(n=number(shown))
    return _("{n} von {all} Geräten").format(n=number(shown), all=number(everything))


def _worst_first(rows: Sequence[DeviceState]) -> list[DeviceState]:
    return sorted(rows, key=lambda one: (not one.silent, not one.battery_low))


def matches(of: DeviceState, visit: Visit) -> bool:
    """Whether the device has every word of the search and is what the filters ask for."""
    line = of.line
    text = f"{line.name} {of.kind or ''} {format_name(line.format)} {line.device} "
    text = (text + f"{line.building_name} {of.municipality_name}").casefold()
    trouble = {SILENT: of.silent, BATTERY: of.battery_low, KEPT: line.waiting > 0}
    return (
        all(word in text for word in visit.get("suche").casefold().split())
        and visit.get("kommune", of.municipality) == of.municipality
        and visit.get("gebaeude", line.building) == line.building
        and trouble.get(visit.get("zustand"), True)
    )


def _columns(visit: Visit) -> list[Column[DeviceState]]:
    return [
        Column(_("Gerät"), _name, lambda row: row.line.name.casefold(), key="name"),
        Column(
            _("Gebäude", "one"),
            _building,
            lambda row: row.line.building_name.casefold(),
            key="gebaeude",
        ),
        Column(
            _("Zuletzt gehört"),
            lambda row: heard(row, visit),
            lambda row: row.line.heard_at,
            key="gehoert",
            number=True,
        ),
        Column(
            _("Batterie"),
            lambda row: _or_dash(battery(row)),
            lambda row: row.line.battery,
            key="batterie",
            number=True,
        ),
        Column(
            _("Funksignal"),
            lambda row: _or_dash(signal(row)),
            lambda row: row.line.signal,
            key="funk",
            number=True,
        ),
        Column(
            _("Messpunkte"),
            lambda row: number(len(row.line.points)),
            lambda row: len(row.line.points),
            key="messpunkte",
            number=True,
            falling=True,
        ),
        Column(
            _("Aufbewahrt"),
            _kept,
            lambda row: row.line.waiting,
            key="aufbewahrt",
            number=True,
            falling=True,
        ),
    ]


def _name(row: DeviceState) -> Part:
    below = row.kind or format_name(row.line.format)
    return [
        html.A(
            row.line.name, href=device_href(row.line.format, row.line.device), className="row-link"
        ),
        html.Span(below, className="sub"),
    ]


def _building(row: DeviceState) -> Part:
    return [
        html.A(row.line.building_name, href=f"/gebaeude/{row.line.building}", className="row-link")
    ]


def _kept(row: DeviceState) -> Part:
    return _or_dash(number(row.line.waiting) if row.line.waiting else None)


def _or_dash(shown: Part) -> Part:
    return html.Span("–", className="nothing quiet") if shown is None else shown


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """The list follows the words while they are typed; the address follows in the browser."""

    def search(query: str | None) -> Any:
        typed = visit("/geraete", query, datetime.now(UTC), None)
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                return listed(devices(connection, typed.now), typed)
        except LOST:
            return no_update

    app.callback(
        Output("geraete-liste", "children"),
        Input({"typed": "geraete"}, "data"),
        prevent_initial_call=True,
    )(search)
