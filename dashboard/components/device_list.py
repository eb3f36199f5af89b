"""The list of devices: who is asked for, in which order, and what each line says."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import html
from dashboard.components.basics import Part, card, empty
from dashboard.components.device_houses import houses
from dashboard.components.devices import battery, device_href, format_name, heard, signal
from dashboard.components.paging import first, steps
from dashboard.components.table import Column, ordered, table
from dashboard.permit import may
from dashboard.visit import Visit
from gebaeude.access.roles import Right
from gebaeude.reports.devices import Devices, DeviceState
from gebaeude.text import _, number

A_PAGE = 50  # rows of the list
# Kinds of trouble, in the address.
SILENT, USELESS, BATTERY, RADIO = "stumm", "ohne-wert", "batterie", "funk"
NEVER, KEPT = "nie", "aufbewahrt"
# What asks for certain devices or an order of them; without it the troubled ones come first.
ASKING = ("suche", "kommune", "gebaeude", "zustand", "sortiert")


def listed(report: Devices, visit: Visit) -> Part:
    """The devices the address asks for; else those in trouble, and how many each house has."""
    if report.devices and not any(visit.get(name) for name in ASKING):
        return [_first(report, visit), houses(report, visit)]
    return _table(report, visit)


def _first(report: Devices, visit: Visit) -> Part:
    found = _worst_first([one for one in report.devices if one.trouble])
    if not found:
        return None
    columns = _columns(visit, any(one.line.waiting for one in found))
    more = _("Hier stehen die ersten {n} von {all}.").format(
        n=number(A_PAGE), all=number(len(found))
    )
    return card(
        _("Zuerst ansehen"),
        [
            table(columns, found[:A_PAGE], _("Geräte, die jemand ansehen sollte")),
            html.P(more, className="quiet") if len(found) > A_PAGE else None,
        ],
    )


def _table(report: Devices, visit: Visit) -> Part:
    """The devices the address asks for, in the order it asks for."""
    found = [one for one in report.devices if matches(one, visit)]
    columns = _columns(visit, any(one.line.waiting for one in report.devices))
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
    return sorted(
        rows,
        key=lambda one: (
            not one.silent,
            not one.useless,
            not one.battery_low,
            not one.signal_weak,
        ),
    )


def matches(of: DeviceState, visit: Visit) -> bool:
    """Whether the device has every word of the search and is what the filters ask for."""
    line = of.line
    text = f"{line.name} {of.kind or ''} {format_name(line.format)} {line.device} "
    text = (text + f"{line.building_name} {of.municipality_name}").casefold()
    trouble = {
        SILENT: of.silent,
        USELESS: of.useless,
        BATTERY: of.battery_low,
        RADIO: of.signal_weak,
        NEVER: of.never,
        KEPT: line.waiting > 0,
    }
    return (
        all(word in text for word in visit.get("suche").casefold().split())
        and visit.get("kommune", of.municipality) == of.municipality
        and visit.get("gebaeude", line.building) == line.building
        and trouble.get(visit.get("zustand"), True)
    )


def _columns(visit: Visit, anything_kept: bool) -> list[Column[DeviceState]]:
    kept = Column(
        _("Aufbewahrt"),
        _kept,
        lambda row: row.line.waiting,
        key="aufbewahrt",
        number=True,
        falling=True,
    )
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
            lambda row: row.last_at,
            key="gehoert",
            number=True,
        ),
        Column(
            _("Batterie"),
            lambda row: _or_dash(battery(row)),
            lambda row: row.battery_left,
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
            wide_only=True,
        ),
        *([kept] if anything_kept else []),
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
