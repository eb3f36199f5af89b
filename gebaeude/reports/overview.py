"""Übersicht: is everything all right, and if not, where first?"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from gebaeude.reports.records import BuildingLine, Condition, Consumption, FindingLine, Freshness
from gebaeude.store.database import Connection


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
    findings: int
    tickets: int
    newest_findings: tuple[FindingLine, ...]  # open ones, gravest and newest first, up to eight


def overview(connection: Connection, now: datetime) -> Overview:
    """Key figures of the whole portfolio, per municipality and per building."""
    raise NotImplementedError
