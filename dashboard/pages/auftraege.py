"""Aufträge: what is to be done today, and who does it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dash import Dash

from dashboard import html
from dashboard.components.basics import Part, answer, choices, empty, head
from dashboard.components.search import follow, search_field
from dashboard.components.select import choice
from dashboard.components.ticket_card import due, ticket_card
from dashboard.permit import may
from dashboard.visit import NARROW, Visit, link
from gebaeude.access.roles import Right
from gebaeude.config import Settings
from gebaeude.maintenance.tickets import ACTIVE
from gebaeude.model import Severity, TicketState
from gebaeude.reports.board import NOBODY, Board, Card, Column, Filters, board
from gebaeude.reports.records import Condition
from gebaeude.store.database import Connection, Pool
from gebaeude.store.scope import who
from gebaeude.text import BERLIN, _, number

EVERYBODY = "alle"  # whose tickets, said where one's own come by themselves
NARROWING = ("kommune", "gewerk", "wer", "suche")  # what narrows the board, in the address
SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def read(connection: Connection, visit: Visit) -> Board:
    """The board as the address asks for it."""
    return board(connection, visit.now, filters(visit))


def filters(visit: Visit) -> Filters:
    """What the address narrows the board to."""
    return Filters(
        municipality=visit.get("kommune") or None,
        skill=visit.get("gewerk") or None,
        technician=whose(visit) or None,
        text=visit.get("suche") or None,
    )


def whose(visit: Visit) -> str:
    """Whose tickets the address asks for; without a word those of a technician are their own."""
    asked = visit.get("wer", (_own() or EVERYBODY))
    return "" if asked == EVERYBODY else asked


def _own() -> str | None:
    """Who looks, where they work and do not also share out the work."""
    return None if may(Right.MANAGE_TICKETS) else who().technician


def title(_report: Board) -> str:
    """What the window is called."""
    return _("Aufträge")


def show(report: Board, visit: Visit) -> list[Part]:
    """Answer, filters, the board."""
    return [
        head(_("Aufträge"), _("Was ist heute zu tun, und wer tut es?"), visit.now),
        _answer(report),
        _filters(report, visit),
        html.Div(tafel(report, visit), id="tafel", className="bones"),
    ]


def tafel(report: Board, visit: Visit) -> list[Part]:
    """Three columns of what is to be done; below, folded, what is finished."""
    if not any(column.count for column in report.columns):
        return [_nothing(visit)]
    active = [column for column in report.columns if column.state in ACTIVE]
    closed = [column for column in report.columns if column.state not in ACTIVE]
    return [
        html.Div([_column(one, visit) for one in active], className="board"),
        html.Div([_closed(one, visit) for one in closed], className="closed-columns"),
    ]


def _nothing(visit: Visit) -> Part:
    everything = html.A(
        _("Alle Aufträge zeigen"), href=link(visit.path, {"wer": EVERYBODY if _own() else None})
    )
    if _own() and whose(visit) == _own() and not any(visit.get(name) for name in NARROWING):
        return html.Section(empty(_("Für Sie ist nichts zu tun."), everything), className="card")
    if any(visit.get(name) for name in NARROWING):
        return html.Section(
            empty(_("Kein Auftrag passt zu dieser Auswahl."), everything), className="card"
        )
    text = _("Aufträge entstehen von selbst aus Auffälligkeiten und aus fälligen Wartungen.")
    return html.Section(empty(_("Es gibt keine Aufträge."), text), className="card")


def _answer(report: Board) -> Part:
    pressing = report.overdue or report.unassigned or due_today(report)
    condition = Condition.ATTENTION if pressing else Condition.GOOD
    counts = _("Auftrag zu tun") if report.open == 1 else _("Aufträge zu tun")
    if report.filters.technician is not None and report.filters.technician == who().technician:
        counts = _("Auftrag für Sie") if report.open == 1 else _("Aufträge für Sie")
    text = " ".join(filter(None, (sentence(report), _next(report))))
    return answer(number(report.open), counts, text, condition)


def by_urgency(of: Card) -> tuple[bool, date, int]:
    """Overdue first, then by the day it is due, and on the same day the gravest first."""
    grave = SEVERITIES.index(of.severity) if of.severity else len(SEVERITIES)
    return (not of.overdue, of.due_on or date.max, grave)


def _next(report: Board) -> str:
    active = [one for column in report.columns if column.state in ACTIVE for one in column.cards]
    if not active or report.overdue:
        return ""
    first = min(active, key=by_urgency)
    if first.due_on is None:
        return ""
    return _("Als Nächstes: {title}, {building}, {due}.").format(
        title=first.title, building=first.building, due=due(first.due_on, report.now)
    )


def due_today(report: Board) -> int:
    """Tickets to be done by tonight that nobody has begun."""
    today = report.now.astimezone(BERLIN).date()
    waiting = (TicketState.OPEN, TicketState.ACCEPTED)
    return sum(
        one.due_on == today
        for column in report.columns
        if column.state in waiting
        for one in column.cards
    )


def sentence(report: Board) -> str:
    """The answer in words."""
    if not report.open:
        return _("Nichts ist zu tun.")
    parts = []
    if report.overdue:
        parts.append(_("{n} überfällig").format(n=number(report.overdue)))
    if today := due_today(report):
        parts.append(_("{n} heute fällig").format(n=number(today)))
    if report.unassigned:
        parts.append(_("{n} ohne Zuständige").format(n=number(report.unassigned)))
    if report.settled:
        parts.append(_("{n} vermutlich von selbst erledigt").format(n=number(report.settled)))
    if not parts:
        return _("Jeder Auftrag hat jemanden, und keiner ist überfällig.")
    return _("Davon {parts}.").format(parts=", ".join(parts))


def _filters(report: Board, visit: Visit) -> Part:
    mine = [_mine(visit)]
    if visit.width >= NARROW:
        return html.Div([*mine, *_choices(report, visit)], className="filters", role="search")
    # On a phone the tickets come first; what narrows them is folded away.
    chosen = any(visit.get(name) for name in NARROWING if name != "wer")
    inside = html.Div(_choices(report, visit), className="filters")
    folded = html.Details([html.Summary(_("Auswählen und suchen")), inside], open=chosen)
    return html.Div([*mine, folded], className="filters", role="search")


def _choices(report: Board, visit: Visit) -> list[Part]:
    team = [(NOBODY, _("noch niemand")), *((one.key, one.name) for one in report.technicians)]
    places = [(one.key, one.name) for one in report.municipalities]
    skills = [(one.key, one.name) for one in report.skills]
    return [
        choice("kommune", _("Kommune"), places, visit, _("alle")) if len(places) > 1 else None,
        choice("gewerk", _("Gewerk"), skills, visit, _("alle")),
        _responsible(team, visit),
        search_field("auftraege", _("Nummer, Stichwort"), visit),
    ]


def _responsible(team: list[tuple[str, str]], visit: Visit) -> Part:
    if len(team) == 1:  # who does what is not for whoever looks
        return None
    if not _own():
        return choice("wer", _("Zuständig"), team, visit, _("alle"))
    shown = replace(visit, params={**visit.params, "wer": whose(visit) or EVERYBODY})
    return choice("wer", _("Zuständig"), [(EVERYBODY, _("alle")), *team], shown, "", fixed=True)


def _mine(visit: Visit) -> Part:
    mine = who().technician
    if mine is None:
        return None
    own, everybody = (None, EVERYBODY) if _own() else (mine, None)
    options = [
        (_("Alle"), visit.link(wer=everybody), not whose(visit)),
        (_("Meine"), visit.link(wer=own), whose(visit) == mine),
    ]
    if _own():
        options.reverse()
    return choices(_("Wessen Aufträge"), options)


def _column(of: Column, visit: Visit) -> Part:
    cards = _cards(of, visit)
    none = html.P(_("keine"), className="quiet", style={"paddingLeft": "0.25rem"})
    return html.Section(
        [
            html.H2([_first_up(of.label), html.Span(number(of.count))]),
            html.Div(cards, className="board-cards") if cards else none,
        ],
        className="board-column" if cards else "board-column none",
    )


def _closed(of: Column, visit: Visit) -> Part:
    heading = _("{state} in den letzten 30 Tagen: {n}").format(
        state=_first_up(of.label), n=number(of.count)
    )
    if not of.count:
        return html.P(heading, className="quiet")
    return html.Details(
        [html.Summary(heading), html.Div(_cards(of, visit), className="board-column")]
    )


def _first_up(word: str) -> str:
    return word[:1].upper() + word[1:]


def _cards(of: Column, visit: Visit) -> Sequence[Part]:
    shown = sorted(of.cards, key=by_urgency) if of.state in ACTIVE else of.cards
    cards = [ticket_card(one, visit.now) for one in shown]
    if of.count > len(of.cards):
        text = _("Gezeigt sind die ersten {n}; die Auswahl oben macht es übersichtlicher.")
        cards.append(html.P(text.format(n=len(of.cards)), className="quiet"))
    return cards


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """The board follows the words while they are typed."""
    follow(app, pool, "auftraege", "tafel", lambda *at: tafel(read(*at), at[1]))
