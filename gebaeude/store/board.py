"""Tickets as the board and their pages read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from gebaeude.maintenance.tickets import missing, number, ticket_id
from gebaeude.model import Severity, TicketState
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Row(msgspec.Struct, frozen=True):
    """A ticket as it is stored, with the names of what it refers to."""

    id: int
    title: str
    state: TicketState
    priority: str
    skill: str
    building: str
    building_name: str
    municipality: str
    municipality_name: str
    technician: str | None
    technician_name: str | None
    opened_at: datetime
    closed_at: datetime | None
    due_on: date | None
    planned: bool
    severity: Severity | None  # of its gravest finding
    findings: int
    findings_open: int
    task: str

    @property
    def number(self) -> str:
        return number(self.id, self.opened_at)


class Page(msgspec.Struct, frozen=True):
    """What only a ticket's own page shows."""

    address: str
    latitude: float
    longitude: float
    asset: str | None
    plan: str | None
    technician_phone: str | None
    technician_email: str | None


class Line(msgspec.Struct, frozen=True):
    """A line of a ticket's history as it is stored."""

    at: datetime
    actor: str
    kind: str
    state: TicketState | None
    comment: str | None


class Counts(msgspec.Struct, frozen=True):
    """How much there is to do."""

    findings_open: int
    tickets_active: int
    tickets_overdue: int


def cards(
    connection: Connection,
    *,
    closed_since: datetime,
    municipality: str | None = None,
    skill: str | None = None,
    technician: str | None = None,
) -> list[Row]:
    """Tickets that are not finished, and those finished since; `-`: those that nobody has."""
    wanted = {"municipality": municipality, "skill": skill, "technician": technician}
    return [
        _row(row) for row in _sql.cards(connection, closed_since=closed_since, id=None, **wanted)
    ]


def card(connection: Connection, of: str) -> Row:
    """The ticket of this number; NotFound."""
    anything = {"closed_since": None, "municipality": None, "skill": None, "technician": None}
    for row in map(_row, _sql.cards(connection, id=ticket_id(of), **anything)):
        if row.number == of.strip().upper():
            return row
    raise missing(of)


def page(connection: Connection, id_: int) -> Page:
    """What only the page of the ticket shows."""
    return Page(*_sql.ticket(connection, id=id_))


def history(connection: Connection, id_: int) -> list[Line]:
    """What happened to the ticket, oldest first."""
    return [
        Line(at, actor, kind, None if state is None else TicketState(state), comment)
        for at, actor, kind, state, comment in _sql.history(connection, ticket_id=id_)
    ]


def municipalities(connection: Connection) -> list[tuple[str, str]]:
    """(key, name) of every municipality, by name."""
    return list(_sql.municipalities(connection))


def counts(connection: Connection, today: date) -> Counts:
    """How much there is to do on this local day."""
    return Counts(*_sql.counts(connection, today=today))


def _row(row: tuple[Any, ...]) -> Row:
    return msgspec.convert(dict(zip(Row.__struct_fields__, row, strict=True)), Row)
