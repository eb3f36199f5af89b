"""Übersicht: is everything all right, and if not, where first?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from gebaeude.reports.answers import portfolio_answer
from gebaeude.reports.lines import building_line, finding_lines, freshness, worst_first
from gebaeude.reports.records import (
    BuildingLine,
    Condition,
    Consumption,
    FindingLine,
    Freshness,
)
from gebaeude.reports.usage import Counted, Outside, counted, outside, summed, yesterday
from gebaeude.store import summary
from gebaeude.store.database import Connection
from gebaeude.store.summary import Municipality

WORST = 3
NEWEST_FINDINGS = 8


class MunicipalityLine(msgspec.Struct, frozen=True):
    """A municipality with what is going on in its buildings."""

    key: str
    name: str
    population: int
    buildings: int
    floor_area_m2: float
    condition: Condition
    attention: int  # buildings that need attention, the critical ones included
    critical: int  # buildings that are critical
    findings: int
    tickets: int
    points: int
    silent: int
    consumption: tuple[Consumption, ...]


class Overview(msgspec.Struct, frozen=True):
    """The portfolio at a glance; `buildings` come worst first, `municipalities` by name."""

    now: datetime
    yesterday: date
    before: date  # the same weekday one week before `yesterday`
    sentence: str  # the answer, one or two German sentences with the worst building's name
    condition: Condition
    worst: tuple[BuildingLine, ...]  # up to three that need attention first
    buildings: tuple[BuildingLine, ...]
    municipalities: tuple[MunicipalityLine, ...]
    freshness: Freshness
    consumption: tuple[Consumption, ...]
    outside: Outside | None  # how warm it was on the two days that are compared
    findings: int
    tickets: int
    newest_findings: tuple[FindingLine, ...]  # open, gravest and newest first, up to eight


def overview(connection: Connection, now: datetime) -> Overview:
    """Key figures of the whole portfolio, per municipality and per building."""
    heard = summary.heard(connection)
    counters = counted(connection, now)
    lines = building_lines(connection, heard, counters, now)
    findings = finding_lines(connection, now)
    fresh = freshness(heard, now)
    ranked = sorted(lines, key=worst_first)
    bad = [line for line in ranked if line.condition is not Condition.GOOD]
    day, before = yesterday(now)
    first = next((one for one in findings if bad and one.building == bad[0].key), None)
    return Overview(
        now=now,
        yesterday=day,
        before=before,
        sentence=portfolio_answer(bad, len(bad), first, fresh, len(lines), now),
        condition=_gravest(bad),
        worst=tuple(bad[:WORST]),
        buildings=tuple(ranked),
        municipalities=_municipalities(connection, lines, counters),
        freshness=fresh,
        consumption=summed(counters),
        outside=outside(connection, now),
        findings=sum(line.findings for line in lines),
        tickets=sum(line.tickets for line in lines),
        newest_findings=tuple(findings[:NEWEST_FINDINGS]),
    )


def building_lines(
    connection: Connection,
    heard: Sequence[summary.Heard],
    counters: Sequence[Counted],
    now: datetime,
) -> list[BuildingLine]:
    """A line for each building, by name."""
    points: dict[str, list[summary.Heard]] = defaultdict(list)
    for point in heard:
        points[point.building].append(point)
    counts: dict[str, list[Counted]] = defaultdict(list)
    for counter in counters:
        counts[counter.building].append(counter)
    rows = summary.buildings(connection)
    return [building_line(row, points[row.key], counts[row.key], now) for row in rows]


def _municipalities(
    connection: Connection, lines: Sequence[BuildingLine], counters: Sequence[Counted]
) -> tuple[MunicipalityLine, ...]:
    home = {line.key: line.municipality for line in lines}
    return tuple(
        _municipality(
            row,
            [line for line in lines if line.municipality == row.key],
            [counter for counter in counters if home[counter.building] == row.key],
        )
        for row in summary.municipalities(connection)
    )


def _municipality(
    row: Municipality, lines: Sequence[BuildingLine], counters: Sequence[Counted]
) -> MunicipalityLine:
    bad = [line for line in lines if line.condition is not Condition.GOOD]
    return MunicipalityLine(
        key=row.key,
        name=row.name,
        population=row.population,
        buildings=row.buildings,
        floor_area_m2=row.floor_area_m2,
        condition=_gravest(bad),
        attention=len(bad),
        critical=sum(line.condition is Condition.CRITICAL for line in bad),
        findings=sum(line.findings for line in lines),
        tickets=sum(line.tickets for line in lines),
        points=sum(line.points for line in lines),
        silent=sum(line.silent for line in lines),
        consumption=summed(counters),
    )


def _gravest(lines: Sequence[BuildingLine]) -> Condition:
    if any(line.condition is Condition.CRITICAL for line in lines):
        return Condition.CRITICAL
    return Condition.ATTENTION if lines else Condition.GOOD
