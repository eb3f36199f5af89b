"""Who did what and when, only for those who need it (right see_people): others read „Technik“."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gebaeude.access.mentions import Line as Words
from gebaeude.access.mentions import nameless
from gebaeude.access.roles import Right
from gebaeude.maintenance.wording import ACTORS
from gebaeude.reports.records import TicketLine
from gebaeude.store.attachments import Event
from gebaeude.store.board import Line, Page, Row
from gebaeude.store.scope import who
from gebaeude.text import N_, _

TEAM = N_("Technik")


def sees(municipality: str | None = None) -> bool:
    """Whether who asks sees the names in the municipality of this key; None: in any."""
    return who().may(Right.SEE_PEOPLE, municipality)


def row(of: Row) -> Row:
    """The ticket, with „Technik“ for whoever has it."""
    if sees(of.municipality) or of.technician is None:
        return of
    return msgspec.structs.replace(of, technician=None, technician_name=_(TEAM))


def page(of: Page) -> Page:
    """What only a ticket's own page shows, without how to reach somebody."""
    return msgspec.structs.replace(of, technician_phone=None, technician_email=None)


def history(lines: Sequence[Line]) -> list[Line]:
    """A ticket's history without names and addresses."""
    words = [
        Words(n, line.actor, line.kind == "assigned", line.comment) for n, line in enumerate(lines)
    ]
    changed = {one.id: one for one in nameless(words, _machinery(), _(TEAM))}
    return [
        msgspec.structs.replace(line, actor=changed[n].actor, comment=changed[n].comment)
        if n in changed
        else line
        for n, line in enumerate(lines)
    ]


def tickets(lines: list[TicketLine], municipality: str) -> list[TicketLine]:
    """Tickets of a municipality's building, with „Technik“ for whoever has one."""
    if sees(municipality):
        return lines
    return [msgspec.structs.replace(one, technician=one.technician and _(TEAM)) for one in lines]


def events(of: Iterable[Event]) -> tuple[Event, ...]:
    """A device's history, with „Technik“ for whoever acted."""
    if sees():
        return tuple(of)
    return tuple(msgspec.structs.replace(one, actor=_(TEAM)) for one in of)


def _machinery() -> set[str]:
    return {*ACTORS.values(), *map(_, ACTORS.values())}
