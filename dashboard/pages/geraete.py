"""Geräte: which devices are silent, and whose battery runs low?"""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash

from dashboard import html
from dashboard.components.basics import Part, answer, head, key, keys
from dashboard.components.device_list import (
    BATTERY,
    KEPT,
    NEVER,
    RADIO,
    SILENT,
    USELESS,
    listed,
)
from dashboard.components.devices import in_vain
from dashboard.components.search import follow, search_field
from dashboard.components.select import choice
from dashboard.permit import may
from dashboard.visit import NARROW, Visit
from gebaeude.access.roles import Right
from gebaeude.config import Settings
from gebaeude.reports.devices import MOST_WAITING, Devices, DeviceState, devices
from gebaeude.reports.records import Condition
from gebaeude.store.database import Connection, Pool
from gebaeude.text import _, ago, number


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
        html.Div(listed(report, visit), id="geraete-liste", className="bones"),
    ]


def _answer(report: Devices, visit: Visit) -> Part:
    silent = sorted(
        (one for one in report.devices if one.silent),
        key=lambda one: one.last_at or visit.now,
    )
    counts = _("von {n} Geräten schweigen").format(n=number(len(report.devices)))
    bad = any(one.trouble for one in report.devices)
    condition = Condition.ATTENTION if bad else Condition.GOOD
    return answer(number(len(silent)), counts, _sentence(report, silent, visit), condition)


def _sentence(report: Devices, silent: Sequence[DeviceState], visit: Visit) -> str:
    if not report.devices:
        return _("Noch ist kein Gerät einem Gebäude zugeordnet.")
    said = [_("Alle Geräte, die schon einmal gesendet haben, melden sich.")]
    if silent:
        longest = silent[0].line
        said = [
            _("Am längsten schweigt „{name}“ in {building}: zuletzt gehört {ago}.").format(
                name=longest.name,
                building=longest.building_name,
                ago=ago(silent[0].last_at, visit.now),
            )
        ]
    return " ".join([*said, *_useless(report), *_low(report)])


def _useless(report: Devices) -> list[str]:
    found = [one for one in report.devices if one.useless]
    if not found:
        return []
    if len(found) > 1:
        text = _("{n} Geräte senden, aber ihre Werte zählen nicht.")
        return [text.format(n=number(len(found)))]
    text = _("„{name}“ in {building} sendet, aber seine Werte zählen nicht ({why}).")
    one = found[0]
    return [text.format(name=one.line.name, building=one.line.building_name, why=in_vain(one))]


def _low(report: Devices) -> list[str]:
    low = sum(one.battery_low for one in report.devices)
    if low == 1:
        return [_("Eine Batterie geht zu Ende.")]
    return [_("{n} Batterien gehen zu Ende.").format(n=number(low))] if low else []


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
    useless = sum(one.useless for one in report.devices)
    return keys(
        [
            *([_waiting(report)] if may(Right.MANAGE_DEVICES) else []),
            key(
                _("Senden ohne Wert"),
                number(useless),
                _("gehört, aber unbrauchbar") if useless else _("alles Gehörte zählt"),
                href=f"/geraete?zustand={USELESS}",
                idle=not useless,
            ),
            key(
                _("Batterie schwach"),
                number(low),
                _("von {n}, die es melden").format(n=number(told))
                if told
                else _("kein Gerät meldet es"),
                href=f"/geraete?zustand={BATTERY}",
                idle=not low,
            ),
            key(
                _("Noch nie gehört"),
                number(never),
                _("angelegt, aber nie gesendet") if never else _("jedes hat schon gesendet"),
                href=f"/geraete?zustand={NEVER}" if never else None,
                idle=not never,
            ),
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
    trouble = [
        (SILENT, _("schweigen")),
        (USELESS, _("senden ohne Wert")),
        (BATTERY, _("Batterie schwach")),
        (RADIO, _("Funk schwach")),
        (NEVER, _("noch nie gehört")),
        (KEPT, _("mit aufbewahrten Nachrichten")),
    ]
    narrowing = [
        choice("kommune", _("Kommune"), _by_name(places), visit, _("alle"))
        if len(places) > 1
        else None,
        choice("gebaeude", _("Gebäude", "one"), _by_name(houses), visit, _("alle")),
        choice("zustand", _("Zustand"), trouble, visit, _("alle")),
    ]
    if visit.width < NARROW:  # on a phone the devices come first
        chosen = any(visit.get(name) for name in ("kommune", "gebaeude", "zustand"))
        inside = html.Div(narrowing, className="filters")
        narrowing = [html.Details([html.Summary(_("Auswählen")), inside], open=chosen)]
    field = search_field("geraete", _("Name, Art, Kennung"), visit)
    return html.Div([field, *narrowing], className="filters", role="search")


def _by_name(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1])


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """The list follows the words while they are typed; the address follows in the browser."""
    follow(app, pool, "geraete", "geraete-liste", lambda *at: listed(read(*at), at[1]))
