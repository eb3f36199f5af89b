"""What people do with tickets.

Each function is one transaction that locks its ticket, so that of two who are as fast one gets a
Conflict that names the other. What is allowed says `gebaeude.maintenance.tickets`. Errors are
NotFound, Conflict and UsageError, each with a sentence for the person.
"""

from __future__ import annotations

from datetime import datetime

from gebaeude.errors import UsageError
from gebaeude.maintenance.tickets import NEEDS_COMMENT, Action, follow, may_start
from gebaeude.store import dispatch
from gebaeude.store.database import Connection
from gebaeude.store.dispatch import Ticket
from gebaeude.text import _

NAME_LIMIT = 200  # characters of a person's name
COMMENT_LIMIT = 4000  # characters of a comment


def take(connection: Connection, of: str, *, technician: str, now: datetime) -> None:
    """The technician (key) takes the ticket upon them."""
    _act_as(connection, of, Action.TAKE, technician, now)


def start(connection: Connection, of: str, *, technician: str, now: datetime) -> None:
    """The technician (key) begins the work, and with that has taken it."""
    _act_as(connection, of, Action.START, technician, now)


def finish(
    connection: Connection, of: str, *, actor: str, now: datetime, comment: str | None = None
) -> None:
    """The work is done."""
    _act(connection, of, Action.FINISH, actor, now, comment)


def cancel(connection: Connection, of: str, *, actor: str, now: datetime, comment: str) -> None:
    """The ticket is not needed, for the reason in the comment."""
    _act(connection, of, Action.CANCEL, actor, now, comment)


def comment(connection: Connection, of: str, *, actor: str, now: datetime, comment: str) -> None:
    """Somebody has something to say about the ticket."""
    _act(connection, of, Action.COMMENT, actor, now, comment)


def reopen(connection: Connection, of: str, *, actor: str, now: datetime, comment: str) -> None:
    """The work was not done after all; whoever had the ticket gets a mail."""
    with connection.transaction():
        ticket = _act(connection, of, Action.REOPEN, actor, now, comment)
        dispatch.remind(connection, ticket, what=_line(ticket), now=now)


def reassign(
    connection: Connection,
    of: str,
    *,
    actor: str,
    technician: str,
    now: datetime,
    comment: str | None = None,
) -> None:
    """The ticket goes to the technician (key), who must take it anew and gets a mail."""
    with connection.transaction():
        dispatch.hold(connection)
        member = dispatch.member(connection, technician)
        ticket = _act(connection, of, Action.REASSIGN, actor, now, comment)
        dispatch.give(connection, ticket, member, what=_line(ticket), actor=actor.strip(), now=now)


def _act_as(
    connection: Connection, of: str, action: Action, technician: str, now: datetime
) -> None:
    with connection.transaction():
        member = dispatch.member(connection, technician)
        name = member.person.name
        ticket = dispatch.find(connection, of)
        if action is Action.START:
            may_start(ticket.state, number=ticket.number, technician=ticket.technician, by=name)
        _apply(connection, ticket, action, name, now, None)
        dispatch.set_technician(connection, ticket.id, member)


def _act(
    connection: Connection, of: str, action: Action, actor: str, now: datetime, comment: str | None
) -> Ticket:
    name, text = _name(actor), _text(comment, needed=action in NEEDS_COMMENT)
    with connection.transaction():
        ticket = dispatch.find(connection, of)
        _apply(connection, ticket, action, name, now, text)
        return ticket


def _apply(
    connection: Connection,
    ticket: Ticket,
    action: Action,
    actor: str,
    now: datetime,
    comment: str | None,
) -> None:
    state = follow(ticket.state, action, number=ticket.number, technician=ticket.technician)
    if state is ticket.state:
        if comment:
            dispatch.add_event(connection, ticket.id, now, actor, "comment", comment=comment)
    else:
        dispatch.set_state(connection, ticket.id, state, actor=actor, now=now, comment=comment)


def _line(ticket: Ticket) -> str:
    return f"{ticket.building}: {ticket.title}"


def _name(actor: str) -> str:
    name = " ".join(actor.split())
    if not name:
        raise UsageError(_("Bitte angeben, wer das sagt."))
    return name[:NAME_LIMIT]


def _text(comment: str | None, *, needed: bool) -> str | None:
    text = (comment or "").replace("\0", "").strip()
    if needed and not text:
        raise UsageError(_("Bitte in einem Satz sagen, warum."))
    if len(text) > COMMENT_LIMIT:
        limit = _("Bitte kürzer fassen: höchstens {limit} Zeichen.")
        raise UsageError(limit.format(limit=COMMENT_LIMIT))
    return text or None
