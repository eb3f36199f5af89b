"""Tickets: the board, one ticket, and what people do with it, in the name of whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from gebaeude.access.roles import Right
from gebaeude.access.table import ACTIONS
from gebaeude.api.openapi import problems
from gebaeude.api.parameters import KEY, LINE, TEXT, Connected, Now
from gebaeude.api.schemas import Ticket, TicketSummary
from gebaeude.errors import NotAllowed, UsageError
from gebaeude.model import Skill, TicketState
from gebaeude.reports import board as reports
from gebaeude.store import tickets as store
from gebaeude.store.board import card
from gebaeude.store.scope import who
from gebaeude.text import _

router = APIRouter(prefix="/tickets", tags=["Maintenance"])

Number = Annotated[
    str, Path(pattern=r"^A-[0-9]{4}-[0-9]{4,18}$", description="The ticket's number.",
              examples=["A-2026-0042"])
]  # fmt: skip
Person = Annotated[
    str,
    Field(pattern=KEY, max_length=100, description="Key of a technician.", examples=["m-brandt"]),
]
Comment = Annotated[
    str,
    Field(min_length=1, max_length=store.COMMENT_LIMIT, pattern=TEXT,
          description="What there is to say.", examples=["Fühler getauscht, Werte wieder da."]),
]  # fmt: skip


class Body(BaseModel):
    """What an action needs to know; nothing else is taken."""

    model_config = ConfigDict(extra="forbid")


class ByTechnician(Body):
    technician: Person | None = Field(
        None, description="null: whoever asks. Others' names take the right to reassign."
    )


class Finished(Body):
    comment: Comment | None = None


class Reasoned(Body):
    comment: Comment


class Reassigned(Body):
    technician: Person
    comment: Comment | None = None


@router.get("", response_model=list[TicketSummary], summary="Tickets")
def tickets(
    connection: Connected,
    now: Now,
    state: Annotated[TicketState | None, Query(description="Only in this state.")] = None,
    municipality: Annotated[
        str | None,
        Query(pattern=KEY, max_length=100, description="Only of this municipality (key)."),
    ] = None,
    skill: Annotated[Skill | None, Query(description="Only what asks for this skill.")] = None,
    technician: Annotated[
        str | None,
        Query(pattern=KEY, max_length=100, description="Only of this technician (key)."),
    ] = None,
    q: Annotated[
        str, Query(pattern=LINE, max_length=100, description="Words in number, title or building.")
    ] = "",
) -> Any:
    """The board: at most 100 tickets a state; of those closed, the last 30 days'."""
    filters = reports.Filters(
        municipality=municipality, skill=skill, technician=technician, text=q or None
    )
    board = reports.board(connection, now, filters)
    columns = [one for one in board.columns if state is None or one.state is state]
    return [_summary(one) for column in columns for one in column.cards]


@router.get("/{number}", response_model=Ticket, summary="One ticket")
def one_ticket(connection: Connected, now: Now, number: Number) -> Any:
    """A ticket with its task, its history and what can be done with it now."""
    return _ticket(connection, number, now)


def _changes(action: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A route that changes a ticket and answers with it as it stands then."""
    return router.post(
        f"/{{number}}/{action}", response_model=Ticket, responses=problems(400, 409),
        summary=SUMMARIES[action],
    )  # fmt: skip


SUMMARIES: dict[str, str] = {
    "take": "Take a ticket",
    "start": "Begin the work",
    "finish": "Say that it is done",
    "cancel": "Cancel it, with a reason",
    "reopen": "Open it again, with a reason",
    "reassign": "Give it to somebody else",
    "comment": "Comment on it",
}


@_changes("take")
def take(connection: Connected, now: Now, number: Number, body: ByTechnician) -> Any:
    """The technician takes the ticket: open → accepted."""
    store.take(connection, number, technician=_technician(connection, number, body), now=now)
    return _ticket(connection, number, now)


@_changes("start")
def start(connection: Connected, now: Now, number: Number, body: ByTechnician) -> Any:
    """The technician begins: open or accepted → in progress."""
    store.start(connection, number, technician=_technician(connection, number, body), now=now)
    return _ticket(connection, number, now)


@_changes("finish")
def finish(connection: Connected, now: Now, number: Number, body: Finished) -> Any:
    """The work is done: accepted or in progress → done."""
    store.finish(connection, number, actor=who().name, now=now, comment=body.comment)
    return _ticket(connection, number, now)


@_changes("cancel")
def cancel(connection: Connected, now: Now, number: Number, body: Reasoned) -> Any:
    """The ticket is not needed, for the reason in the comment."""
    store.cancel(connection, number, actor=who().name, now=now, comment=body.comment)
    return _ticket(connection, number, now)


@_changes("reopen")
def reopen(connection: Connected, now: Now, number: Number, body: Reasoned) -> Any:
    """The work was not done after all: done or cancelled → open."""
    store.reopen(connection, number, actor=who().name, now=now, comment=body.comment)
    return _ticket(connection, number, now)


@_changes("reassign")
def reassign(connection: Connected, now: Now, number: Number, body: Reassigned) -> Any:
    """The ticket goes to another technician, who gets a mail and must take it anew."""
    store.reassign(
        connection, number, actor=who().name, technician=body.technician, now=now,
        comment=body.comment,
    )  # fmt: skip
    return _ticket(connection, number, now)


@_changes("comment")
def comment(connection: Connected, now: Now, number: Number, body: Reasoned) -> Any:
    """Adds a comment to the ticket's history."""
    store.comment(connection, number, actor=who().name, now=now, comment=body.comment)
    return _ticket(connection, number, now)


def _technician(connection: Connected, number: str, body: ByTechnician) -> str:
    """Key of who is to have the ticket. Raises NotAllowed, NotFound, UsageError."""
    asked, own = body.technician, who().technician
    if asked is not None and asked != own:
        if not who().may(Right.MANAGE_TICKETS, card(connection, number).municipality):
            raise NotAllowed(_("Für andere kann nur annehmen, wer Aufträge verteilt."))
        return asked
    if own is None:
        raise UsageError(_("Annehmen und beginnen kann nur, wer zur Technik gehört."))
    return own


def _summary(of: reports.Card) -> dict[str, Any]:
    return {
        "number": of.number,
        "title": of.title,
        "state": of.state,
        "priority": of.priority,
        "skill": of.skill,
        "building": of.building_key,
        "building_name": of.building,
        "municipality": of.municipality_key,
        "technician": of.technician_key,
        "technician_name": of.technician,
        "opened_at": of.opened_at,
        "closed_at": of.closed_at,
        "due_on": of.due_on,
        "overdue": of.overdue,
        "origin": of.origin,
    }


def _ticket(connection: Connected, number: str, now: Now) -> dict[str, Any]:
    report = reports.ticket(connection, number, now)
    return _summary(report.card) | {
        "task": report.task,
        "address": report.address,
        "asset": report.asset,
        "plan": report.plan,
        "history": [msgspec.structs.asdict(event) for event in report.history],
        "actions": [
            str(one)
            for one in report.actions
            if who().may(ACTIONS[one], report.card.municipality_key)
        ],
    }
