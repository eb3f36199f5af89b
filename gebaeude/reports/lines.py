"""Lines of lists: buildings with their condition, findings, tickets, and how fresh points are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gebaeude.maintenance.rules import patience
from gebaeude.maintenance.tickets import number as ticket_number
from gebaeude.model import Severity
from gebaeude.reports.records import (
    BuildingLine,
    Condition,
    FindingLine,
    Freshness,
    TicketLine,
)
from gebaeude.reports.usage import Counted, summed
from gebaeude.store.database import Connection
from gebaeude.store.findings import Finding, findings
from gebaeude.store.summary import BuildingRow, Heard, active_tickets
from gebaeude.text import _

MOST_FINDINGS = 500  # open ones that are read; more than anybody looks at
_GRAVITY = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


def is_silent(time: datetime | None, interval_s: int, now: datetime) -> bool:
    """Whether a point that has sent before has not sent for too long."""
    return time is not None and now - time > patience(interval_s)


def freshness(heard: Iterable[Heard], now: datetime) -> Freshness:
    """How many points are fresh, silent, and never heard of."""
    points = list(heard)
    times = [point.time for point in points if point.time is not None]
    silent = sum(is_silent(point.time, point.interval_s, now) for point in points)
    return Freshness(
        points=len(points),
        fresh=len(times) - silent,
        silent=silent,
        never=len(points) - len(times),
        newest=max(times, default=None),
    )


def building_line(
    row: BuildingRow, heard: list[Heard], counters: Sequence[Counted], now: datetime
) -> BuildingLine:
    """A building's line from its row, its points and its counters."""
    fresh = freshness(heard, now)
    return BuildingLine(
        key=row.key,
        name=row.name,
        municipality=row.municipality,
        municipality_name=row.municipality_name,
        use=row.use,
        floor_area_m2=row.floor_area_m2,
        built=row.built,
        latitude=row.latitude,
        longitude=row.longitude,
        condition=_condition(row.critical, row.warnings, fresh.silent),
        reason=_reason(row, fresh.silent),
        findings=row.findings,
        warnings=row.warnings,
        critical=row.critical,
        tickets=row.tickets,
        points=fresh.points,
        silent=fresh.silent,
        newest=fresh.newest,
        consumption=summed(counters),
    )


def worst_first(line: BuildingLine) -> tuple[int, int, int, int, int, str]:
    """Sorts buildings by where to look first: a cold room comes before a silent sensor."""
    rank = (Condition.CRITICAL, Condition.ATTENTION, Condition.GOOD).index(line.condition)
    measured = max(line.warnings - line.silent, 0)  # a silent point is a warning as well
    return (rank, -line.critical, -measured, -line.warnings, -line.silent, line.name)


def finding_lines(
    connection: Connection, now: datetime, building: str | None = None
) -> list[FindingLine]:
    """Open findings, the gravest first, what was measured before what is silent, then the newest;
    of one building or of all.
    """
    found = findings(connection, now=now, open_only=True, building=building, limit=MOST_FINDINGS)
    found.sort(key=_first)
    return [
        FindingLine(
            id=one.id,
            severity=one.severity,
            text=one.sentence,
            building=one.building,
            building_name=one.building_name,
            point=one.point,
            point_name=one.point_name,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            ticket=one.ticket,
        )
        for one in found
    ]


def _first(one: Finding) -> tuple[int, bool, float]:
    return (_GRAVITY[one.severity], one.rule == "silent", -one.opened_at.timestamp())


def ticket_lines(connection: Connection, building: str) -> list[TicketLine]:
    """Tickets of a building that are not done and not cancelled, the newest first."""
    return [
        TicketLine(
            number=ticket_number(row.id, row.opened_at),
            title=row.title,
            state=row.state,
            priority=row.priority,
            building=row.building,
            building_name=row.building_name,
            technician=row.technician,
            opened_at=row.opened_at,
            due_on=row.due_on,
        )
        for row in active_tickets(connection, building)
    ]


def _condition(critical: int, warnings: int, silent: int) -> Condition:
    if critical:
        return Condition.CRITICAL
    return Condition.ATTENTION if warnings or silent else Condition.GOOD


def _reason(row: BuildingRow, silent: int) -> str:
    parts = [
        _counted(row.critical, _("1 kritische Auffälligkeit"), _("{n} kritische Auffälligkeiten")),
        _counted(row.warnings - row.critical, _("1 Auffälligkeit"), _("{n} Auffälligkeiten")),
        _counted(silent, _("1 Messpunkt stumm"), _("{n} Messpunkte stumm")),
    ]
    return ", ".join(part for part in parts if part)


def _counted(n: int, one: str, many: str) -> str:
    return "" if n <= 0 else one if n == 1 else many.format(n=n)
