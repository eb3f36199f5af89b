"""A ticket as a card on the board."""

from __future__ import annotations

from datetime import date, datetime

from dashboard import html
from dashboard.components.basics import Part, shape, state
from dashboard.components.findings import SHAPES
from gebaeude.model import TicketState
from gebaeude.reports.board import Card
from gebaeude.reports.records import Condition
from gebaeude.text import BERLIN, SEVERITIES, SKILLS, _, ago, day


def ticket_card(of: Card, now: datetime) -> Part:
    """What, where, how urgent, who."""
    place = (
        f"{of.building}, {of.municipality}" if of.municipality not in of.building else of.building
    )
    return html.A(
        [
            html.Div(_signs(of, now), className="ticket-foot"),
            html.Div(of.title, className="ticket-title"),
            html.Div(place, className="quiet small"),
            html.Div(_foot(of, now), className="ticket-foot"),
        ],
        href=f"/auftraege/{of.number}",
        className="card ticket",
    )


def _signs(of: Card, now: datetime) -> list[Part]:
    signs: list[Part] = [html.Span(of.number)]
    if of.severity:
        signs.insert(0, shape(SHAPES[of.severity], _(SEVERITIES[of.severity])))
    if of.priority == "high" and of.state not in (TicketState.DONE, TicketState.CANCELLED):
        signs.append(html.Span(_("dringend"), className="tag"))
    if of.overdue:
        signs.append(state(Condition.CRITICAL, _("überfällig")))
    elif of.due_on and of.closed_at is None:
        text = due(of.due_on, now)
        signs.append(
            state(Condition.ATTENTION, text) if is_today(of.due_on, now) else html.Span(text)
        )
    if of.settled and of.closed_at is None:
        signs.append(state(Condition.GOOD, _("hat sich erledigt")))
    return signs


def _foot(of: Card, now: datetime) -> list[Part]:
    opened = _("eröffnet {ago}").format(ago=ago(of.opened_at, now))
    return [
        html.Span(of.technician or _("noch niemand")),
        html.Span(_(SKILLS[of.skill])),
        html.Span(ago(of.closed_at, now) if of.closed_at else opened),
    ]


def due(on: date, now: datetime) -> str:
    """ "heute fällig", "fällig Mo 3. März"."""
    if is_today(on, now):
        return _("heute fällig")
    return _("fällig {day}").format(day=day(on, now.astimezone(BERLIN).date()))


def is_today(on: date, now: datetime) -> bool:
    """Whether the local day has come."""
    return on == now.astimezone(BERLIN).date()
