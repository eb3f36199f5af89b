"""The outbox: mails are written in the transaction of what they tell, and sent by the worker."""

from __future__ import annotations

from datetime import datetime

import msgspec

from gebaeude.maintenance.tickets import number
from gebaeude.maintenance.wording import Letter
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Mail(msgspec.Struct, frozen=True):
    """A mail that is to be sent."""

    id: int
    recipient: str
    subject: str
    body: str
    created_at: datetime
    attempts: int  # made so far
    ticket_id: int | None
    ticket: str | None  # the number people know


class Waiting(msgspec.Struct, frozen=True):
    """How full the outbox is."""

    waiting: int
    given_up: int
    oldest: datetime | None


class MailView(msgspec.Struct, frozen=True):
    """A mail as a ticket's page shows it."""

    recipient: str
    subject: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str | None


def put(
    connection: Connection, ticket_id: int | None, recipient: str, letter: Letter, now: datetime
) -> None:
    """Writes a mail into the outbox, of a ticket or of none."""
    _sql.put(
        connection,
        ticket_id=ticket_id,
        recipient=recipient,
        subject=letter.subject,
        body=letter.body,
        now=now,
    )


def newest(connection: Connection, ticket_id: int) -> datetime | None:
    """When a mail was last written for the ticket."""
    written: datetime | None = _sql.newest(connection, ticket_id=ticket_id)
    return written


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether any mail is to be sent now."""
    return bool(_sql.is_due(connection, now=now))


def next_due(connection: Connection, now: datetime) -> Mail | None:
    """The oldest mail to be sent, locked for this transaction; None where there is none left."""
    row = _sql.next_due(connection, now=now)
    if row is None:
        return None
    *fields, ticket_id, opened_at = row
    of = None if opened_at is None else number(ticket_id, opened_at)
    return Mail(*[*fields, ticket_id, of])


def sent(connection: Connection, mail: Mail, now: datetime) -> None:
    """Marks the mail as sent."""
    _sql.sent(connection, id=mail.id, now=now)


def failed(connection: Connection, mail: Mail, error: str, next_at: datetime | None) -> None:
    """Notes why the mail could not be sent and when to try again; None gives it up."""
    _sql.failed(connection, id=mail.id, error=error, next_at=next_at)


def postpone(connection: Connection, error: str, now: datetime, next_at: datetime) -> None:
    """Lets everything that is due wait: the server is not there."""
    _sql.postpone(connection, error=error, now=now, next_at=next_at)


def waiting(connection: Connection) -> Waiting:
    """How full the outbox is."""
    return Waiting(*_sql.waiting(connection))


def of_ticket(connection: Connection, ticket_id: int) -> tuple[MailView, ...]:
    """The mails of a ticket, oldest first."""
    return tuple(MailView(*row) for row in _sql.of_ticket(connection, ticket_id=ticket_id))
