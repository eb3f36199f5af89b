"""The life of a ticket: which state follows which by which action, and the number people use.

    open ──take──▶ accepted ──start──▶ in_progress ──finish──▶ done
      └────────────start──────────────────▲   │                 │
    accepted ──finish──▶ done                  │                 │
    accepted, in_progress ──reassign──▶ open   │                 │
    open, accepted, in_progress ──cancel──▶ cancelled            │
    done, cancelled ──reopen──▶ open ◀───────────────────────────┘

What nobody has taken cannot be finished: the history must say who did the work. Comments and
reading are possible in every state.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from gebaeude.errors import Conflict, NotFound
from gebaeude.model import Severity, TicketState
from gebaeude.text import BERLIN, N_, _


class Action(StrEnum):
    """What a person can do with a ticket."""

    TAKE = "take"
    START = "start"
    FINISH = "finish"
    CANCEL = "cancel"
    REASSIGN = "reassign"
    REOPEN = "reopen"
    COMMENT = "comment"


ACTIVE = (TicketState.OPEN, TicketState.ACCEPTED, TicketState.IN_PROGRESS)
CLOSED = (TicketState.DONE, TicketState.CANCELLED)

_O, _A, _P, _D, _C = TicketState
# state → action → the state that follows
TRANSITIONS: dict[TicketState, dict[Action, TicketState]] = {
    _O: {Action.TAKE: _A, Action.START: _P, Action.REASSIGN: _O, Action.CANCEL: _C},
    _A: {Action.START: _P, Action.FINISH: _D, Action.REASSIGN: _O, Action.CANCEL: _C},
    _P: {Action.FINISH: _D, Action.REASSIGN: _O, Action.CANCEL: _C},
    _D: {Action.REOPEN: _O},
    _C: {Action.REOPEN: _O},
}
# A finding of these severities opens a ticket; of `info` it is only shown.
PRIORITIES: dict[Severity, str] = {Severity.CRITICAL: "high", Severity.WARNING: "normal"}
# Days from opening until a ticket should be done. Our own defaults: no rule sets them.
DUE_DAYS: dict[str, int] = {"high": 1, "normal": 7, "low": 30}

# Actions whose reason the next person will ask for.
NEEDS_COMMENT = (Action.CANCEL, Action.REOPEN, Action.COMMENT)

ACTIONS: dict[str, str] = {
    Action.TAKE: N_("Annehmen"),
    Action.START: N_("Beginnen"),
    Action.FINISH: N_("Erledigt melden"),
    Action.CANCEL: N_("Stornieren"),
    Action.REASSIGN: N_("Zuweisen"),
    Action.REOPEN: N_("Wieder öffnen"),
    Action.COMMENT: N_("Kommentieren"),
}
# Why an action is not possible, by the state that stands in the way.
_REFUSALS: dict[TicketState, str] = {
    TicketState.OPEN: N_("Den Auftrag {number} muss zuerst jemand annehmen."),
    TicketState.ACCEPTED: N_("Den Auftrag {number} hat {technician} schon angenommen."),
    TicketState.IN_PROGRESS: N_("Der Auftrag {number} ist schon in Arbeit bei {technician}."),
    TicketState.DONE: N_("Der Auftrag {number} ist schon erledigt."),
    TicketState.CANCELLED: N_("Der Auftrag {number} ist storniert."),
}
_STILL_ACTIVE = N_("Der Auftrag {number} ist nicht abgeschlossen und muss nicht geöffnet werden.")
_NUMBER = re.compile(r"A-([0-9]{4})-([0-9]{4,18})", re.IGNORECASE)


def due_on(priority: str, now: datetime) -> date:
    """The local day by which a ticket of this priority should be done."""
    return now.astimezone(BERLIN).date() + timedelta(days=DUE_DAYS[priority])


def allowed(state: TicketState) -> tuple[Action, ...]:
    """What can be done in this state, in the order in which it is offered."""
    return (*TRANSITIONS[state], Action.COMMENT)


def follow(
    state: TicketState, action: Action, *, number: str, technician: str | None = None
) -> TicketState:
    """The state after the action; Conflict with a sentence for people where it is not allowed."""
    if action is Action.COMMENT:
        return state
    try:
        return TRANSITIONS[state][action]
    except KeyError:
        text = _STILL_ACTIVE if action is Action.REOPEN else _REFUSALS[state]
        raise _refused(text, number, technician) from None


def may_start(state: TicketState, *, number: str, technician: str | None, by: str | None) -> None:
    """Conflict where somebody else has taken what `by` wants to begin."""
    if state is TicketState.ACCEPTED and technician != by:
        raise _refused(_REFUSALS[state], number, technician)


def _refused(text: str, number: str, technician: str | None) -> Conflict:
    return Conflict(_(text).format(number=number, technician=technician or _("jemand")))


def number(ticket_id: int, opened_at: datetime) -> str:
    """What people call the ticket: A-2026-0042, from the local year it was opened in and its id.

    Both never change, and the id alone is unique: the year only helps memory.
    """
    return f"A-{opened_at.astimezone(BERLIN).year}-{ticket_id:04d}"


def ticket_id(of: str) -> int:
    """The id in a number as typed or linked; NotFound where it is none."""
    match = _NUMBER.fullmatch(of.strip())
    if match is None:
        raise missing(of)
    return int(match[2])


def missing(of: str) -> NotFound:
    """The error for a ticket that is not there."""
    return NotFound(_("Den Auftrag {number} gibt es nicht.").format(number=of))
