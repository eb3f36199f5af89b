"""Gebäude: what does this house need, and is that normal?"""

from __future__ import annotations

from datetime import datetime

import msgspec

from gebaeude.model import Medium
from gebaeude.reports.records import (
    BuildingLine,
    Carpet,
    FindingLine,
    PointLine,
    Room,
    Series,
    TicketLine,
)
from gebaeude.store.database import Connection


class Asset(msgspec.Struct, frozen=True):
    """A plant of the building."""

    key: str
    name: str
    kind: str
    cost_group: str  # DIN 276
    installed: int | None
    power_kw: float | None


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
    raise NotImplementedError


def building(connection: Connection, key: str, now: datetime) -> Building:
    """One building; NotFound where there is none of this key."""
    raise NotImplementedError


def series(
    connection: Connection, building: str, point: str, start: datetime, end: datetime, width: int
) -> Series:
    """A point from `start` to `end` (aware) for a chart `width` pixels wide; NotFound, UsageError."""
    raise NotImplementedError


def load_carpet(
    connection: Connection, building: str, point: str, start: datetime, end: datetime
) -> Carpet:
    """The local days from `start` to `end` (aware, at most 400 days); NotFound, UsageError."""
    raise NotImplementedError
