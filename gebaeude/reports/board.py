"""What is there to do, and who does it: the board of tickets, and the page of one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from gebaeude.maintenance import dispatch as rules
from gebaeude.maintenance import wording
from gebaeude.maintenance.tickets import ACTIVE, CLOSED, Action, allowed
from gebaeude.model import Severity, TicketState
from gebaeude.reports import people
from gebaeude.store import board as store
from gebaeude.store import dispatch, findings, mail
from gebaeude.store.database import Connection
from gebaeude.store.mail import MailView
from gebaeude.text import BERLIN, N_, SKILLS, STATES, _

SHOWN = 100  # cards in a column at most; the count tells how many there are
FINISHED_SHOWN = timedelta(days=30)
NOBODY = "-"  # the technician of tickets that nobody has


class Filters(msgspec.Struct, frozen=True):
    """What the board is narrowed to; None: not by this."""

    municipality: str | None = None  # key
    skill: str | None = None
    technician: str | None = None  # key; "-" for nobody's
    text: str | None = None  # words that all occur in number, title, building, place or task


class Card(msgspec.Struct, frozen=True):
    """A ticket on the board."""

    number: str
    title: str
    state: TicketState
    priority: str  # low, normal, high
    skill: str
    building_key: str
    building: str
    municipality_key: str
    municipality: str
    technician_key: str | None
    technician: str | None
    opened_at: datetime
    closed_at: datetime | None
    due_on: date | None
    overdue: bool
    origin: str  # finding, plan
    severity: Severity | None  # of its gravest finding
    findings: int
    findings_open: int
    settled: bool  # all its findings have closed by themselves


class Column(msgspec.Struct, frozen=True):
    """Tickets of one state, most urgent first; finished ones newest first."""

    state: TicketState
    label: str
    count: int
    overdue: int
    cards: tuple[Card, ...]


class Choice(msgspec.Struct, frozen=True):
    """Something to choose in a list."""

    key: str
    name: str


class Board(msgspec.Struct, frozen=True):
    """The board as filtered; open, overdue, unassigned and settled count unfinished tickets."""

    now: datetime
    filters: Filters
    columns: tuple[Column, ...]  # all five states in their order; finished ones of 30 days
    open: int
    overdue: int
    unassigned: int
    settled: int
    municipalities: tuple[Choice, ...]
    technicians: tuple[Choice, ...]
    skills: tuple[Choice, ...]


class Event(msgspec.Struct, frozen=True):
    """A line of a ticket's history: `text` says what happened, `comment` what somebody added."""

    at: datetime
    actor: str
    kind: str
    text: str
    comment: str | None
    state: TicketState | None


class FindingView(msgspec.Struct, frozen=True):
    """A finding on its ticket's page; `sentence` says what is or was wrong, with numbers."""

    rule: str
    severity: Severity
    opened_at: datetime
    closed_at: datetime | None
    building_key: str
    point_key: str
    point: str
    space: str | None
    quantity: str
    unit: str
    sentence: str
    evidence: dict[str, Any]


class Ticket(msgspec.Struct, frozen=True):
    """Everything about one ticket."""

    card: Card
    task: str
    address: str
    latitude: float
    longitude: float
    asset: str | None
    plan: str | None
    technician_phone: str | None
    technician_email: str | None
    history: tuple[Event, ...]  # oldest first
    findings: tuple[FindingView, ...]
    mails: tuple[MailView, ...]
    actions: tuple[Action, ...]  # allowed now, in the order to offer them
    team: tuple[Choice, ...]  # everybody; those who fit first, the least busy first


def board(connection: Connection, now: datetime, filters: Filters | None = None) -> Board:
    """The board at `now`, narrowed by the filters; who does what only for those who may know."""
    narrowed = filters or Filters()
    rows = store.cards(
        connection,
        closed_since=now - FINISHED_SHOWN,
        municipality=narrowed.municipality,
        skill=narrowed.skill,
        technician=narrowed.technician,
    )
    today = now.astimezone(BERLIN).date()
    if narrowed.technician not in (None, NOBODY):
        rows = [row for row in rows if people.sees(row.municipality)]
    known = [people.row(row) for row in rows]
    cards = [_card(row, today) for row in known if _mentions(row, narrowed.text)]
    active = [card for card in cards if card.state in ACTIVE]
    team = dispatch.members(connection)
    return Board(
        now=now,
        filters=narrowed,
        columns=tuple(_column(state, cards) for state in TicketState),
        open=len(active),
        overdue=sum(card.overdue for card in active),
        unassigned=sum(card.technician is None for card in active),
        settled=sum(card.settled for card in active),
        municipalities=tuple(Choice(*row) for row in store.municipalities(connection)),
        technicians=_named(team) if people.sees() else (),
        skills=tuple(Choice(key, _(label)) for key, label in SKILLS.items()),
    )


def ticket(connection: Connection, number: str, now: datetime) -> Ticket:
    """The ticket of this number, who does what only for those who may know; NotFound."""
    row = store.card(connection, number)
    page, history = store.page(connection, row.id), store.history(connection, row.id)
    mails, team = mail.of_ticket(connection, row.id), _named(dispatch.members(connection), row)
    if not people.sees(row.municipality):
        row, page, history = people.row(row), people.page(page), people.history(history)
        mails, team = (), ()
    return Ticket(
        card=_card(row, now.astimezone(BERLIN).date()),
        task=row.task,
        **msgspec.structs.asdict(page),
        history=tuple(map(_event, history)),
        findings=tuple(_finding(one, now) for one in findings.of_ticket(connection, row.id)),
        mails=mails,
        actions=allowed(row.state),
        team=team,
    )


def _card(row: store.Row, today: date) -> Card:
    active = row.state in ACTIVE
    return Card(
        number=row.number,
        title=row.title,
        state=row.state,
        priority=row.priority,
        skill=row.skill,
        building_key=row.building,
        building=row.building_name,
        municipality_key=row.municipality,
        municipality=row.municipality_name,
        technician_key=row.technician,
        technician=row.technician_name,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        due_on=row.due_on,
        overdue=active and row.due_on is not None and row.due_on < today,
        origin="plan" if row.planned else "finding",
        severity=row.severity,
        findings=row.findings,
        findings_open=row.findings_open,
        settled=row.findings > 0 and row.findings_open == 0,
    )


def _mentions(row: store.Row, text: str | None) -> bool:
    where = (row.number, row.title, row.building_name, row.municipality_name, row.task)
    haystack = " ".join((*where, row.technician_name or "")).casefold()
    return all(word in haystack for word in (text or "").casefold().split())


def _column(state: TicketState, cards: list[Card]) -> Column:
    of_state = [card for card in cards if card.state is state]
    if state in CLOSED:
        of_state.sort(key=lambda card: card.closed_at or card.opened_at, reverse=True)
    else:
        of_state.sort(key=_urgency)
    return Column(
        state=state,
        label=_(STATES[state]),
        count=len(of_state),
        overdue=sum(card.overdue for card in of_state),
        cards=tuple(of_state[:SHOWN]),
    )


def _urgency(card: Card) -> tuple[bool, int, date, datetime]:
    rank = ("high", "normal", "low").index(card.priority)
    return (not card.overdue, rank, card.due_on or date.max, card.opened_at)


_STATE_TEXTS: dict[TicketState, str] = {
    TicketState.OPEN: N_("Wieder offen"),
    TicketState.ACCEPTED: N_("Angenommen"),
    TicketState.IN_PROGRESS: N_("Arbeit begonnen"),
    TicketState.DONE: N_("Erledigt gemeldet"),
    TicketState.CANCELLED: N_("Storniert"),
}
_KIND_TEXTS: dict[str, str] = {
    "opened": N_("Auftrag eröffnet"),
    "comment": N_("Kommentar"),
    "finding_opened": N_("Auffälligkeit"),
    "finding_closed": N_("Auffälligkeit vorbei"),
    "mail": N_("E-Mail"),
}


def _event(line: store.Line) -> Event:
    comment = line.comment
    if line.kind == "assigned":
        text, comment = _("Zugewiesen an {name}").format(name=comment), None
    elif line.state is not None:
        text = _(_STATE_TEXTS[line.state])
    else:
        text = _(_KIND_TEXTS[line.kind])
    return Event(line.at, line.actor, line.kind, text, comment, line.state)


def _finding(one: findings.OfTicket, now: datetime) -> FindingView:
    place, evidence = one.seen.place, one.seen.evidence
    return FindingView(
        rule=one.rule,
        severity=one.severity,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        building_key=one.building,
        point_key=one.point,
        point=place.point,
        space=place.space,
        quantity=place.quantity,
        unit=place.unit,
        sentence=wording.sentence(place, evidence, now),
        evidence=msgspec.to_builtins(evidence),
    )


def _named(team: list[dispatch.Member], row: store.Row | None = None) -> tuple[Choice, ...]:
    """The team by name; for a ticket, those first whom dispatch would choose from."""
    people = [member.person for member in team]
    if row is None:
        people.sort(key=lambda one: one.name)
    else:
        where = {"municipality": row.municipality, "skill": row.skill}
        people.sort(key=lambda one: (not rules.fits(one, **where), one.active, one.name))
    return tuple(Choice(one.key, one.name) for one in people)
