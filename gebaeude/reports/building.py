"""Gebäude: what does this house need, and is that normal?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from gebaeude.errors import NotFound
from gebaeude.model import Kind, Medium
from gebaeude.reports import people
from gebaeude.reports.answers import building_answer
from gebaeude.reports.charts import load_carpet, series
from gebaeude.reports.lines import building_line, finding_lines, is_silent, ticket_lines
from gebaeude.reports.overview import building_lines
from gebaeude.reports.records import (
    Band,
    BuildingLine,
    FindingLine,
    Latest,
    PointLine,
    Room,
    TicketLine,
)
from gebaeude.reports.usage import counted, yesterday
from gebaeude.store import summary
from gebaeude.store.database import Connection
from gebaeude.store.summary import Asset, Heard, PointRow
from gebaeude.text import _

__all__ = ["Asset", "Building", "building", "buildings", "load_carpet", "series"]

VENTILATE_AT, UNACCEPTABLE_AT = 1000.0, 2000.0  # ppm CO₂; Umweltbundesamt
_BANDS = (Band.UNACCEPTABLE, Band.VENTILATE, Band.FINE, Band.UNKNOWN)


class MediumPoints(msgspec.Struct, frozen=True):
    """The points of one medium, counters first."""

    medium: Medium
    points: tuple[PointLine, ...]


class Building(msgspec.Struct, frozen=True):
    """One building with all its page needs beside the charts."""

    line: BuildingLine
    site: str
    address: str
    renovated: int | None
    sentence: str  # the answer, one or two German sentences
    media: tuple[MediumPoints, ...]
    rooms: tuple[Room, ...]  # worst air first
    assets: tuple[Asset, ...]
    findings: tuple[FindingLine, ...]  # open ones
    tickets: tuple[TicketLine, ...]  # not done and not cancelled


def buildings(connection: Connection, now: datetime) -> tuple[BuildingLine, ...]:
    """All buildings by name."""
    heard, counters = summary.heard(connection), counted(connection, now)
    return tuple(building_lines(connection, heard, counters, now))


def building(connection: Connection, key: str, now: datetime) -> Building:
    """One building; NotFound where there is none of this key."""
    rows = summary.buildings(connection, building=key)
    if not rows:
        raise NotFound(_("Dieses Gebäude gibt es nicht."))
    row, points = rows[0], summary.points(connection, building=key)
    heard = [Heard(key, point.interval_s, point.time) for point in points]
    line = building_line(row, heard, counted(connection, now, key), now)
    findings = finding_lines(connection, now, key)
    return Building(
        line=line,
        site=row.site,
        address=row.address,
        renovated=row.renovated,
        sentence=building_answer(line, findings, *yesterday(now)),
        media=_media(points, now),
        rooms=rooms(points, now),
        assets=tuple(summary.assets(connection, key)),
        findings=tuple(findings),
        tickets=tuple(people.tickets(ticket_lines(connection, key), row.municipality)),
    )


def point_line(row: PointRow, now: datetime) -> PointLine:
    """A point with its newest reading."""
    latest = None
    if row.time is not None and row.value is not None:
        latest = Latest(row.time, row.value, row.quality or 0)
    return PointLine(
        key=row.key,
        name=row.name,
        space=row.space,
        medium=row.medium,
        quantity=row.quantity,
        unit=row.unit,
        kind=row.kind,
        interval_s=row.interval_s,
        latest=latest,
        silent=is_silent(row.time, row.interval_s, now),
        low=row.low,
        high=row.high,
        devices=row.devices,
    )


def rooms(points: Sequence[PointRow], now: datetime) -> tuple[Room, ...]:
    """The climate of each room that has a sensor, the worst air first."""
    by_space: dict[str, list[PointRow]] = defaultdict(list)
    for row in points:
        if row.medium is Medium.CLIMATE and row.space is not None:
            by_space[row.space].append(row)
    found = [_room(name, rows, now) for name, rows in by_space.items()]
    return tuple(sorted(found, key=lambda room: (_BANDS.index(room.band), room.name)))


def _room(name: str, rows: Sequence[PointRow], now: datetime) -> Room:
    fresh = [row for row in rows if row.time and not is_silent(row.time, row.interval_s, now)]
    values = {row.quantity: row.value for row in fresh}
    co2 = values.get("co2")
    return Room(
        name=name,
        temperature=values.get("temperature"),
        humidity=values.get("humidity"),
        co2=co2,
        time=min((row.time for row in fresh if row.time), default=None),
        band=band(co2),
        points=tuple(row.key for row in rows),
    )


def band(co2: float | None) -> Band:
    """How the air is at this much CO₂ [ppm]."""
    if co2 is None:
        return Band.UNKNOWN
    if co2 > UNACCEPTABLE_AT:
        return Band.UNACCEPTABLE
    return Band.FINE if co2 < VENTILATE_AT else Band.VENTILATE


def _media(points: Sequence[PointRow], now: datetime) -> tuple[MediumPoints, ...]:
    groups = []
    for medium in Medium:
        rows = [row for row in points if row.medium is medium]
        rows.sort(key=lambda row: (row.kind is not Kind.COUNTER, row.space or "", row.name))
        if rows:
            groups.append(MediumPoints(medium, tuple(point_line(row, now) for row in rows)))
    return tuple(groups)
