"""Maintenance plans and which ticket took up which of their due dates."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from gebaeude.maintenance import wording
from gebaeude.maintenance.plans import Plan
from gebaeude.store import dispatch
from gebaeude.store.database import Connection, queries
from gebaeude.text import BERLIN, _

_sql = queries(__file__)


class Standing(msgspec.Struct, frozen=True):
    """A plan and how far its due dates are taken up."""

    id: int
    plan: Plan
    taken_up: date | None  # the newest one


def plans(connection: Connection) -> list[Standing]:
    """Every plan, with the newest due date that was taken up."""
    return [Standing(row[0], Plan(*row[1:4]), row[4]) for row in _sql.plans(connection)]


def take_up(connection: Connection, plan_id: int, due_on: date, now: datetime) -> bool:
    """Opens a ticket for the due date, or notes it in the one that is still open.

    One transaction; False where it was taken up before, by whomever.
    """
    with connection.transaction():
        dispatch.hold(connection)
        if _sql.is_taken_up(connection, plan_id=plan_id, due_on=due_on):
            return False
        former: int | None = _sql.open_ticket(connection, plan_id=plan_id)
        actor = _(wording.ACTORS["plan"])
        if former is None:
            ticket_id = _open(connection, plan_id, due_on, actor, now)
        else:
            ticket_id = former
            text = wording.due_again(due_on, now.astimezone(BERLIN).date())
            dispatch.add_event(connection, former, now, actor, "comment", comment=text)
        _sql.take_up(connection, plan_id=plan_id, due_on=due_on, ticket_id=ticket_id)
        return True


def _open(connection: Connection, plan_id: int, due_on: date, actor: str, now: datetime) -> int:
    building_id, name, task, skill, building, asset = _sql.plan(connection, id=plan_id)
    draft = dispatch.Draft(
        building_id=building_id,
        title=name,
        task=task,
        priority="normal",
        skill=skill,
        due_on=due_on,
        plan_id=plan_id,
    )
    what = f"{building}: {name}" + (f" ({asset})" if asset and asset not in name else "")
    return dispatch.create(connection, draft, what=what, actor=actor, now=now).id
