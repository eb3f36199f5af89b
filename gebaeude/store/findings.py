"""Findings: what opening and closing one brings with it, and lists of them.

A finding, its ticket, its history and its mail are one transaction. That a point has one open
finding of a rule at most is kept by an index, whoever asks and however many do.

- Of the severities that open a ticket, trouble that already has one joins it: of the same point
  and rule, or, where points are silent, of the same building, because one lost gateway is one job.
- A ticket that nobody has taken closes by itself with the last of its findings. If the trouble
  comes back within a week, the same ticket opens again, so that what comes and goes is seen as
  one thing; whoever has it is then written to once a day at most.
- A ticket that somebody has taken stays theirs, and only notes that the finding closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from gebaeude.maintenance import tickets, wording
from gebaeude.maintenance.urgency import urgency
from gebaeude.maintenance.wording import EVIDENCE, Evidence, LimitEvidence, Place, Seen
from gebaeude.model import Severity, Skill, TicketState, Use
from gebaeude.store import dispatch, mail
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

_sql = queries(__file__)

SILENT_SEVERITY = Severity.WARNING
SILENT_SKILL = Skill.METERING
COMES_BACK_WITHIN = timedelta(days=7)
MAILS_APART = timedelta(days=1)


class Finding(msgspec.Struct, frozen=True):
    """A finding as lists show it; `sentence` is German and lacks the building."""

    id: int
    rule: str
    severity: Severity
    opened_at: datetime
    closed_at: datetime | None
    building: str
    building_name: str
    municipality: str
    point: str
    point_name: str
    ticket: str | None  # its number
    sentence: str
    evidence: dict[str, Any]


class OfTicket(msgspec.Struct, frozen=True):
    """A finding as its ticket's page shows it."""

    id: int
    point_id: int
    rule: str
    severity: Severity
    opened_at: datetime
    closed_at: datetime | None
    building: str
    point: str
    seen: Seen


class _Opened(msgspec.Struct, frozen=True):
    """A finding that this transaction has opened."""

    id: int
    point_id: int
    building_id: int
    severity: Severity
    skill: str
    use: Use
    seen: Seen


def open_together(
    connection: Connection, rule: str, found: Sequence[tuple[int, Evidence]], now: datetime
) -> int:
    """Opens findings (point id, evidence) of one rule in one building, with one ticket for all.

    Points that have an open finding of the rule are left alone. Returns how many were opened.
    """
    with connection.transaction():
        dispatch.hold(connection)
        tried = (_insert(connection, rule, point, evidence, now) for point, evidence in found)
        opened = [one for one in tried if one is not None]
        if opened and opened[0].severity in tickets.PRIORITIES:
            _join_or_create(connection, rule, opened, now)
        return len(opened)


def close(connection: Connection, finding_id: int, *, until: datetime, now: datetime) -> bool:
    """Closes a finding because of the reading at `until`; False where it is closed already."""
    with connection.transaction():
        row = _sql.open_finding(connection, id=finding_id)
        if row is None:
            return False
        rule, point_id, stored, ticket_id = row
        evidence = _over(connection, point_id, msgspec.convert(stored, EVIDENCE[rule]), until)
        _sql.close_finding(connection, id=finding_id, now=now, evidence=_stored(evidence))
        if ticket_id is not None:
            place, *_rest = _place(connection, point_id)
            _note_closed(connection, ticket_id, rule, Seen(place, evidence), now)
        return True


def findings(
    connection: Connection,
    *,
    now: datetime,
    open_only: bool = False,
    building: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Finding]:
    """Findings, newest first; the next page comes with `before` = the id of the last one."""
    found = _sql.findings(
        connection, open_only=open_only, building=building, before=before, limit=limit
    )
    return [_finding(row, now) for row in found]


def of_ticket(connection: Connection, ticket_id: int) -> list[OfTicket]:
    """The findings a ticket takes care of, oldest first."""
    return [
        OfTicket(
            *[row[0], row[1], row[2], Severity(row[3]), *row[4:8], _seen(row[2], row[8], row[9:])]
        )
        for row in _sql.of_ticket(connection, ticket_id=ticket_id)
    ]


def _insert(
    connection: Connection, rule: str, point_id: int, evidence: Evidence, now: datetime
) -> _Opened | None:
    place, building_id, severity, skill, use = _place(connection, point_id)
    if rule == "silent":
        severity, skill = SILENT_SEVERITY, SILENT_SKILL
    new: int | None = _sql.insert_finding(
        connection,
        rule=rule,
        point_id=point_id,
        severity=severity,
        now=now,
        evidence=_stored(evidence),
    )
    if new is None:
        return None
    return _Opened(new, point_id, building_id, severity, skill, use, Seen(place, evidence))


def _join_or_create(
    connection: Connection, rule: str, opened: Sequence[_Opened], now: datetime
) -> None:
    first, actor = opened[0], _(wording.ACTORS[rule])
    former: int | None = _sql.ticket_to_join(
        connection,
        rule=rule,
        point_id=first.point_id,
        building_id=first.building_id,
        lapsed_since=now - COMES_BACK_WITHIN,
    )
    if former is None:
        ticket_id = _create(connection, opened, actor, now)
    else:
        ticket_id = former
        _join(connection, dispatch.lock(connection, former), opened, actor, now)
    for one in opened:
        _sql.set_ticket(connection, finding_id=one.id, ticket_id=ticket_id)


def _create(connection: Connection, opened: Sequence[_Opened], actor: str, now: datetime) -> int:
    first, seen = opened[0], [one.seen for one in opened]
    priority, due_on = _urgency(first, now)
    draft = dispatch.Draft(
        building_id=first.building_id,
        title=wording.title(seen),
        task=wording.task(seen, now),
        priority=priority,
        skill=first.skill,
        due_on=due_on,
        finding_id=first.id,
    )
    what = wording.headline(seen, now)
    return dispatch.create(connection, draft, what=what, actor=actor, now=now).id


def _urgency(first: _Opened, now: datetime) -> tuple[str, date]:
    return urgency(first.use, first.severity, first.seen, now)


def _join(
    connection: Connection,
    ticket: dispatch.Ticket,
    opened: Sequence[_Opened],
    actor: str,
    now: datetime,
) -> None:
    """Notes further findings in a ticket, and opens it again where it had closed by itself."""
    former = of_ticket(connection, ticket.id)
    known = {finding.point_id for finding in former}
    for one in opened:
        text = wording.further(one.seen, now, again=one.point_id in known)
        dispatch.add_event(connection, ticket.id, now, actor, "finding_opened", comment=text)
    seen = [finding.seen for finding in former if finding.closed_at is None]
    seen += [one.seen for one in opened]
    dispatch.set_text(
        connection, ticket.id, title=wording.title(seen), task=wording.task(seen, now)
    )
    if ticket.state in tickets.CLOSED:
        dispatch.set_state(connection, ticket.id, TicketState.OPEN, actor=actor, now=now)
        due_on = min(tickets.due_on(ticket.priority, now), _urgency(opened[0], now)[1])
        dispatch.set_due(connection, ticket.id, due_on)
        last = mail.newest(connection, ticket.id)
        if last is None or now - last >= MAILS_APART:
            again = dispatch.lock(connection, ticket.id)
            dispatch.remind(connection, again, what=wording.headline(seen, now), now=now)


def _note_closed(
    connection: Connection, ticket_id: int, rule: str, seen: Seen, now: datetime
) -> None:
    ticket, actor = dispatch.lock(connection, ticket_id), _(wording.ACTORS[rule])
    text = wording.over(seen.place, seen.evidence, now)
    dispatch.add_event(connection, ticket_id, now, actor, "finding_closed", comment=text)
    if ticket.state is TicketState.OPEN and not _sql.has_open(connection, ticket_id=ticket_id):
        dispatch.set_state(
            connection,
            ticket_id,
            TicketState.CANCELLED,
            actor=actor,
            now=now,
            comment=wording.settled(),
            lapsed=True,
        )


def _over(connection: Connection, point_id: int, evidence: Evidence, until: datetime) -> Evidence:
    """The evidence with its end, and with the value that was farthest out all the while."""
    if not isinstance(evidence, LimitEvidence):
        return msgspec.structs.replace(evidence, until=max(until, evidence.last))
    lowest, highest = _sql.extremes(connection, point_id=point_id, since=evidence.since)
    extreme = lowest if evidence.bound == "low" else highest
    return msgspec.structs.replace(
        evidence,
        until=max(until, evidence.since),
        extreme=evidence.extreme if extreme is None else extreme,
    )


def _place(connection: Connection, point_id: int) -> tuple[Place, int, Severity, str, Use]:
    row = _sql.place(connection, point_id=point_id)
    severity = Severity(row[7]) if row[7] else SILENT_SEVERITY
    return Place(*row[:6]), row[6], severity, row[8] or SILENT_SKILL, Use(row[9])


def _finding(row: tuple[Any, ...], now: datetime) -> Finding:
    id_, rule, severity, opened_at, closed_at, evidence, building, municipality, point = row[:9]
    (ticket_id, ticket_opened_at), seen = row[9:11], _seen(rule, evidence, row[11:])
    return Finding(
        id=id_,
        rule=rule,
        severity=Severity(severity),
        opened_at=opened_at,
        closed_at=closed_at,
        building=building,
        building_name=seen.place.building,
        municipality=municipality,
        point=point,
        point_name=seen.place.point,
        ticket=None if ticket_id is None else tickets.number(ticket_id, ticket_opened_at),
        sentence=wording.sentence(seen.place, seen.evidence, now),
        evidence=evidence,
    )


def _seen(rule: str, stored: dict[str, Any], place: tuple[Any, ...]) -> Seen:
    return Seen(Place(*place), msgspec.convert(stored, EVIDENCE[rule]))


def _stored(evidence: Evidence) -> Jsonb:
    return Jsonb(msgspec.to_builtins(evidence))
