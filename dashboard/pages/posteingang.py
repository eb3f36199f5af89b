"""Posteingang: which devices send what nobody uses yet?"""

from __future__ import annotations

import math
from urllib.parse import unquote

import msgspec
from dash import Dash

from dashboard import html
from dashboard.components.basics import Part, answer, card, empty, head, icon
from dashboard.components.devices import format_name, inbox_href, readings
from dashboard.components.paging import first, steps
from dashboard.components.search import follow, search_field
from dashboard.components.table import Column, table
from dashboard.visit import Visit, link
from gebaeude.config import Settings
from gebaeude.errors import NotFound
from gebaeude.profiles import profiles
from gebaeude.reports.records import Condition
from gebaeude.store import inbox
from gebaeude.store.database import Connection, Pool
from gebaeude.store.inbox import DeviceLine, Waiting
from gebaeude.text import _, ago, number, when
from ingest import desk
from ingest.desk import Look

MOST = 1_000  # devices that are listed at all
A_PAGE = 20  # unknown devices that are looked into at once
SHOWN_VALUES = 3  # live values of each


class Report(msgspec.Struct, frozen=True):
    """The inbox; `looks` has what the unknown devices of this page send."""

    unknown: tuple[Waiting, ...]
    known: tuple[Waiting, ...]
    looks: dict[tuple[str, str], Look]
    replaces: DeviceLine | None  # a device for which a successor is looked for


def read(connection: Connection, visit: Visit) -> Report:
    """Who waits, the one heard last first, and what those of this page send."""
    found = inbox.waiting(connection, limit=MOST)
    unknown = tuple(one for one in found if not one.known and matches(one, visit))
    looks = {}
    for one in unknown[first(visit, A_PAGE) : first(visit, A_PAGE) + A_PAGE]:
        try:
            looks[one.format, one.device] = desk.look(connection, one.format, one.device)
        except NotFound:  # claimed in this moment
            continue
    known = tuple(one for one in found if one.known and matches(one, visit))
    return Report(unknown, known, looks, _replaced(connection, visit))


def _replaced(connection: Connection, visit: Visit) -> DeviceLine | None:
    kind, _slash, device = visit.get("ersetzt").partition("/")
    lines = inbox.devices(connection, of=(kind, unquote(device))) if device else []
    return lines[0] if lines else None


def matches(of: Waiting, visit: Visit) -> bool:
    """Whether every word of the search is in what is known of the device."""
    text = f"{of.device} {format_name(of.format)} {of.name or ''} {of.building_name or ''}"
    return all(word in text.casefold() for word in visit.get("suche").casefold().split())


def title(_report: Report) -> str:
    """What the window is called."""
    return _("Posteingang")


def show(report: Report, visit: Visit) -> list[Part]:
    """How many wait; each with what it sends."""
    question = _("Welche Geräte senden, ohne dass jemand weiß, wohin damit?")
    return [
        head(_("Posteingang"), question, visit.now),
        _for_whom(report),
        _answer(report, visit),
        html.Div(
            search_field("posteingang", _("Kennung oder Art"), visit),
            className="filters",
            role="search",
        ),
        html.Div(listed(report, visit), id="posteingang-liste", className="bones"),
    ]


def _for_whom(report: Report) -> Part:
    if report.replaces is None:
        return None
    text = _("Welches Gerät ersetzt „{name}“ in {building}? Bitte unten auswählen.")
    line = report.replaces
    return html.P(text.format(name=line.name, building=line.building_name), className="task")


def _answer(report: Report, visit: Visit) -> Part:
    count = len(report.unknown)
    counts = _("unbekanntes Gerät wartet") if count == 1 else _("unbekannte Geräte warten")
    if not count:
        text = _("Alles, was sendet, ist einem Gebäude zugeordnet.")
        if visit.get("suche"):
            text = _("Kein unbekanntes Gerät passt zu dieser Suche.")
    else:
        text = _(
            "Was sie senden, wird aufbewahrt. Nach der Zuordnung wird es mit seinen "
            "ursprünglichen Zeiten eingelesen; bis dahin geht nichts verloren."
        )
    return answer(number(count), counts, text, Condition.ATTENTION if count else Condition.GOOD)


def listed(report: Report, visit: Visit) -> list[Part]:
    """Those that nobody knows, then known ones that send more than is attached."""
    return [_unknown(report, visit), _known(report, visit)]


def _unknown(report: Report, visit: Visit) -> Part:
    if not report.unknown:
        todo = _("Ein neues Gerät steht hier, sobald es zum ersten Mal sendet.")
        return card(_("Unbekannte Geräte"), empty(_("Niemand wartet."), todo))
    start = first(visit, A_PAGE)
    shown = report.unknown[start : start + A_PAGE]
    items = [html.Li(_waiting(one, report, visit)) for one in shown]
    return card(
        _("Unbekannte Geräte, das zuletzt gehörte zuerst"),
        [html.Ul(items, className="lines"), steps(len(report.unknown), start, A_PAGE, visit)],
    )


def _waiting(of: Waiting, report: Report, visit: Visit) -> Part:
    look = report.looks.get((of.format, of.device))
    heading = name_of(look) if look else format_name(of.format)
    onward = {name: visit.get(name) for name in ("ersetzt", "gebaeude")}
    live = values_text(look) if look else ""
    return html.A(
        [
            html.Span(icon("device"), className="quiet"),
            html.Span(heading, className="line-title"),
            html.Span(live, className="line-text") if live else None,
            html.Span(_foot(of, visit), className="line-foot"),
        ],
        href=link(inbox_href(of.format, of.device), onward),
        className="line",
    )


def name_of(look: Look) -> str:
    """What it may be, else how it speaks."""
    best = next(iter(look.guesses), None)
    return best.name if best else format_name(look.waiting.format)


def values_text(look: Look) -> str:
    """ "Temperatur 21,5 °C · Luftfeuchte 48 %": the newest values, what matters first."""
    best = next(iter(look.guesses), None)
    good = [one for one in look.values if math.isfinite(one.value)]
    said = {one.field: one for one in desk.suggest(look, best.profile)} if best else {}
    good.sort(key=lambda one: not said[one.field].wanted if one.field in said else True)
    texts = []
    for one in good[:SHOWN_VALUES]:
        about = said.get(one.field)
        unit = one.unit or (about.unit if about else None)
        texts.append(f"{about.name if about else one.field} {number(one.value, unit)}")
    if len(good) > SHOWN_VALUES:
        texts.append(_("und {n} weitere Werte").format(n=len(good) - SHOWN_VALUES))
    return " · ".join(texts)


def _foot(of: Waiting, visit: Visit) -> str:
    parts = [_("Kennung {device}").format(device=of.device)]
    if of.last_at is not None and of.first_at is not None:
        parts.append(_("zuletzt {ago}").format(ago=ago(of.last_at, visit.now)))
        parts.append(kept_text(of, visit))
    if of.withdrawn:
        parts.append(_("zurückgenommen: {readings}").format(readings=readings(of.withdrawn)))
    return " · ".join(parts)


def kept_text(of: Waiting, visit: Visit) -> str:
    """How many messages are kept, and since when."""
    if of.first_at is None:
        return _("keine Nachricht aufbewahrt")
    since = when(of.first_at, visit.now)
    if of.messages == 1:
        return _("eine Nachricht, {since}").format(since=since)
    return _("{n} Nachrichten seit {since}").format(n=number(of.messages), since=since)


def _known(report: Report, visit: Visit) -> Part:
    if not report.known:
        return None
    columns: list[Column[Waiting]] = [
        Column(_("Gerät"), _known_name),
        Column(_("Gebäude", "one"), lambda row: row.building_name or "–"),
        Column(_("Aufbewahrt"), _known_kept, number=True),
        Column(_("Zuletzt"), lambda row: _known_last(row, visit), number=True),
    ]
    name = _("Bekannte Geräte, die mehr senden")
    text = _(
        "Diese Geräte sind zugeordnet, senden aber auch Werte, über die niemand entschieden hat."
    )
    body = table(columns, report.known, name)
    return card(name, [html.P(text, className="quiet"), body])


def _known_kept(row: Waiting) -> Part:
    text = _("zurückgenommen: {readings}").format(readings=readings(row.withdrawn))
    return [
        number(row.messages) if row.messages else None,
        html.Span(text, className="sub") if row.withdrawn else None,
    ]


def _known_last(row: Waiting, visit: Visit) -> str:
    """A device of which only readings were taken back has not been heard "never"."""
    return ago(row.last_at, visit.now) if row.last_at else "–"


def _known_name(row: Waiting) -> Part:
    about = profiles().get(row.profile or "")
    return [
        html.A(row.name, href=inbox_href(row.format, row.device), className="row-link"),
        html.Span(about.name if about else format_name(row.format), className="sub"),
    ]


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """The list follows the words while they are typed."""
    follow(app, pool, "posteingang", "posteingang-liste", lambda *at: listed(read(*at), at[1]))
