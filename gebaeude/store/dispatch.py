"""How tickets come to be and who gets them; what people then do with them is in `tickets`.

Everything here runs inside the caller's transaction, so that a ticket, its cause, its first lines
of history and its mail are there together or not at all.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from gebaeude.errors import UsageError
from gebaeude.maintenance import wording
from gebaeude.maintenance.dispatch import Technician, choose
from gebaeude.maintenance.tickets import CLOSED, missing, number, ticket_id
from gebaeude.model import TicketState
from gebaeude.store import mail
from gebaeude.store.database import Connection, queries
from gebaeude.text import SKILLS, _

_sql = queries(__file__)


class Draft(msgspec.Struct, frozen=True):
    """What a new ticket is made of."""

    building_id: int
    title: str
    task: str
    priority: str
    skill: str
    due_on: date | None
    finding_id: int | None = None
    plan_id: int | None = None


class Ticket(msgspec.Struct, frozen=True):
    """A ticket that this transaction holds."""

    id: int
    opened_at: datetime
    state: TicketState
    title: str
    task: str
    priority: str
    skill: str
    due_on: date | None
    building_id: int
    building: str
    address: str
    municipality_key: str
    municipality: str
    technician_id: int | None
    technician: str | None  # name

    @property
    def number(self) -> str:
        return number(self.id, self.opened_at)


class Member(msgspec.Struct, frozen=True):
    """A technician with their row's id."""

    id: int
    person: Technician


def hold(connection: Connection) -> None:
    """Waits until nobody else gives out tickets; take it before any ticket is locked."""
    _sql.dispatch_lock(connection)


def create(connection: Connection, draft: Draft, *, what: str, actor: str, now: datetime) -> Ticket:
    """Opens a ticket, gives it to somebody who fits, and writes the mail.

    `what` is one line with the building; `actor` the rule or plan the ticket comes from.
    """
    new: int = _sql.insert_ticket(connection, **msgspec.structs.asdict(draft), now=now)
    add_event(connection, new, now, actor, "opened", comment=what)
    ticket = lock(connection, new)
    assign(connection, ticket, what=what, actor=actor, now=now)
    return ticket


def assign(connection: Connection, ticket: Ticket, *, what: str, actor: str, now: datetime) -> None:
    """Gives the ticket to somebody who fits, or says in its history that there is nobody."""
    team = {member.person.key: member for member in members(connection)}
    chosen = choose(
        (member.person for member in team.values()),
        municipality=ticket.municipality_key,
        skill=ticket.skill,
    )
    if chosen is None:
        why = wording.nobody(ticket.municipality, _(SKILLS[ticket.skill]))
        add_event(connection, ticket.id, now, actor, "comment", comment=why)
    else:
        give(connection, ticket, team[chosen.key], what=what, actor=actor, now=now)


def give(
    connection: Connection, ticket: Ticket, member: Member, *, what: str, actor: str, now: datetime
) -> None:
    """Makes the ticket the member's, and tells them by mail."""
    set_technician(connection, ticket.id, member)
    add_event(connection, ticket.id, now, actor, "assigned", comment=member.person.name)
    _write(connection, ticket, member, what, now)


def remind(connection: Connection, ticket: Ticket, *, what: str, now: datetime) -> None:
    """Writes to whoever has the ticket once more; to nobody where nobody has it."""
    for member in members(connection):
        if member.id == ticket.technician_id:
            _write(connection, ticket, member, what, now)


def lock(connection: Connection, of: int) -> Ticket:
    """The ticket of this id, held until the transaction ends."""
    ticket = _locked(connection, of)
    assert ticket is not None  # ids come from rows that refer to it
    return ticket


def find(connection: Connection, of: str) -> Ticket:
    """The ticket of this number, held until the transaction ends; NotFound."""
    ticket = _locked(connection, ticket_id(of))
    if ticket is None or ticket.number != of.strip().upper():
        raise missing(of)
    return ticket


def members(connection: Connection) -> list[Member]:
    """The whole team, by key."""
    return [
        Member(row[0], Technician(*[*row[1:4], frozenset(row[4]), frozenset(row[5]), row[6]]))
        for row in _sql.team(connection)
    ]


def member(connection: Connection, key: str) -> Member:
    """The technician of this key; UsageError."""
    for one in members(connection):
        if one.person.key == key:
            return one
    raise UsageError(_("Im Team gibt es niemanden mit dem Kürzel „{key}“.").format(key=key))


def set_technician(connection: Connection, of: int, whose: Member) -> None:
    """Whose ticket it is from now on."""
    _sql.set_technician(connection, id=of, technician_id=whose.id)


def set_state(
    connection: Connection,
    of: int,
    state: TicketState,
    *,
    actor: str,
    now: datetime,
    comment: str | None = None,
    lapsed: bool = False,
) -> None:
    """Moves the ticket, with its line in the history. `lapsed`: it closed without a hand."""
    closed_at = now if state in CLOSED else None
    lapsed_at = now if lapsed else None
    _sql.set_state(connection, id=of, state=state, closed_at=closed_at, lapsed_at=lapsed_at)
    add_event(connection, of, now, actor, "state", state=state, comment=comment)


def set_text(connection: Connection, of: int, *, title: str, task: str) -> None:
    """What the ticket says from now on."""
    _sql.set_text(connection, id=of, title=title, task=task)


def set_due(connection: Connection, of: int, due_on: date) -> None:
    """By when the ticket should be done from now on."""
    _sql.set_due(connection, id=of, due_on=due_on)


def add_event(
    connection: Connection,
    of: int,
    at: datetime,
    actor: str,
    kind: str,
    *,
    state: TicketState | None = None,
    comment: str | None = None,
) -> None:
    """A line in the ticket's history."""
    _sql.add_event(
        connection, ticket_id=of, at=at, actor=actor, kind=kind, state=state, comment=comment
    )


def _locked(connection: Connection, of: int) -> Ticket | None:
    _sql.hold_ticket(connection, id=of)
    row = _sql.ticket(connection, id=of)
    if row is None:
        return None
    return msgspec.convert(dict(zip(Ticket.__struct_fields__, row, strict=True)), Ticket)


def _write(connection: Connection, ticket: Ticket, to: Member, what: str, now: datetime) -> None:
    letter = wording.letter(
        recipient=to.person.name,
        ticket=ticket.number,
        what=what,
        task=ticket.task,
        address=ticket.address,
        priority=ticket.priority,
        due_on=ticket.due_on,
    )
    mail.put(connection, ticket.id, to.person.email, letter, now)
