"""Protokoll: who changed what, when, and from where?"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from dashboard import html
from dashboard.components import audit_words
from dashboard.components.basics import Part, answer, card, empty, head
from dashboard.components.select import choice
from dashboard.components.table import Column, table
from dashboard.visit import Visit
from gebaeude.reports.records import Condition
from gebaeude.store import audit, summary
from gebaeude.store.audit import Entry, Filters
from gebaeude.store.database import Connection
from gebaeude.text import N_, _, number, when

A_PAGE = 50
SHOWN = 6  # values of one entry that stand there at once
# In the address → what it says, and how far back it reaches.
SPANS: dict[str, tuple[str, timedelta]] = {
    "heute": (N_("seit gestern"), timedelta(days=1)),
    "woche": (N_("sieben Tage"), timedelta(days=7)),
    "monat": (N_("30 Tage"), timedelta(days=30)),
}


class Report(msgspec.Struct, frozen=True):
    """Some entries, and what can be chosen."""

    entries: tuple[Entry, ...]  # of this page, the newest first
    further: bool  # whether there are older ones
    actors: tuple[str, ...]
    buildings: tuple[tuple[str, str], ...]  # key and name
    refused: int  # sign-ins, foreign ids, unusable input … since yesterday


def read(connection: Connection, visit: Visit) -> Report:
    """What the address asks for."""
    before = visit.get("vor")
    found = audit.entries(
        connection,
        _filters(visit),
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=A_PAGE + 1,
    )
    rows = sorted(summary.buildings(connection), key=lambda row: row.name)
    return Report(
        entries=tuple(found[:A_PAGE]),
        further=len(found) > A_PAGE,
        actors=tuple(audit.actors(connection)),
        buildings=tuple((row.key, row.name) for row in rows),
        refused=audit.refused(connection, visit.now - SPANS["heute"][1]),
    )


def _filters(visit: Visit) -> Filters:
    kind = visit.get("was")
    span = SPANS.get(visit.get("seit"))
    return Filters(
        actor=visit.get("wer") or None,
        subject=f"{kind}/" if kind in audit_words.SUBJECTS else None,
        since=visit.now - span[1] if span else None,
        building=visit.get("gebaeude") or None,
    )


def title(_report: Report) -> str:
    """What the window is called."""
    return _("Protokoll")


def show(report: Report, visit: Visit) -> list[Part]:
    """The newest entry in words, the filters, the entries."""
    return [
        head(_("Protokoll"), _("Wer hat was geändert, wann und von wo?"), visit.now),
        _answer(report, visit),
        _choices(report, visit),
        _entries(report, visit),
    ]


def _answer(report: Report, visit: Visit) -> Part:
    refused = report.refused
    counts = _("Abweisungen seit gestern")
    if not report.entries:
        return answer(number(refused), counts, _("Dazu ist nichts verzeichnet."), Condition.GOOD)
    newest = report.entries[0]
    text = _("Zuletzt {when}: {who} – {kind} {action}.").format(
        when=when(newest.at, visit.now),
        who=audit_words.actor(newest.actor),
        kind=audit_words.subject(newest)[0],
        action=audit_words.action(newest),
    )
    condition = Condition.ATTENTION if refused else Condition.GOOD
    return answer(number(refused), counts, text, condition)


def _choices(report: Report, visit: Visit) -> Part:
    kinds = sorted(((key, _(name)) for key, name in audit_words.SUBJECTS.items()), key=_by_name)
    people = [(name, audit_words.actor(name)) for name in report.actors]
    spans = [(key, _(name)) for key, (name, _span) in SPANS.items()]
    return html.Div(
        [
            choice("wer", _("Wer"), people, visit, _("alle")),
            choice("was", _("Was"), kinds, visit, _("alles")),
            choice("gebaeude", _("Gebäude"), list(report.buildings), visit, _("alle")),
            choice("seit", _("Zeitraum"), spans, visit, _("von Anfang an")),
        ],
        className="filters",
        role="search",
    )


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _entries(report: Report, visit: Visit) -> Part:
    if not report.entries:
        everything = html.A(_("Alle Einträge zeigen"), href=visit.path)
        return card(_("Einträge"), empty(_("Kein Eintrag passt zu dieser Auswahl."), everything))
    columns: list[Column[Entry]] = [
        Column(_("Was"), _what),
        Column(_("Geändert"), lambda row: _changed(row, visit)),
        Column(_("Wer"), _who),
        Column(_("Wann"), lambda row: when(row.at, visit.now), number=True),
    ]
    body = table(columns, report.entries, _("Einträge"))
    return card(_("Einträge"), [body, _steps(report, visit)])


def _what(row: Entry) -> Part:
    kind, which = audit_words.subject(row)
    place = row.building_name or row.municipality or ""
    if ", " in place and row.building_name is None:
        place = ""  # of somebody who works in several
    below = " · ".join(one for one in (which, place) if one)
    return [
        html.Strong(f"{kind} {audit_words.action(row)}", className="breaks"),
        html.Span(below, className="sub breaks"),
    ]


def _changed(row: Entry, visit: Visit) -> Part:
    if row.emptied_at is not None:
        return html.Span(_("nach Ablauf der Frist geleert"), className="quiet")
    found = list(audit_words.changes(row, visit.now))
    if not found:
        return html.Span("–", className="nothing quiet")
    lines = [html.Li(_line(one), className="breaks") for one in found]
    if len(lines) <= SHOWN:
        return html.Ul(lines, className="changes")
    more = _("{n} weitere").format(n=len(lines) - SHOWN)
    rest = html.Details([html.Summary(more), html.Ul(lines[SHOWN:], className="changes")])
    return [html.Ul(lines[:SHOWN], className="changes"), rest]


def _line(change: audit_words.Change) -> list[Part]:
    name = html.Span(f"{change.name}: ", className="quiet")
    if change.before is None:
        return [name, change.after]
    return [name, html.Del(change.before), " → ", html.Ins(change.after or _("leer"))]


def _who(row: Entry) -> Part:
    name = audit_words.actor(row.actor)
    below = html.Span(row.origin, className="sub breaks") if row.origin else None
    return [html.Span(name, className="breaks"), below]


def _steps(report: Report, visit: Visit) -> Part:
    if not report.further and not visit.get("vor"):
        return None
    newest = html.A(_("Die neuesten"), href=visit.link(vor=None), className="button")
    last = str(report.entries[-1].position)
    older = html.A(_("ältere"), href=visit.link(vor=last), className="button")
    return html.Div(
        [newest if visit.get("vor") else None, older if report.further else None],
        className="actions",
    )
