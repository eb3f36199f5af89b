"""What there is and how it stands: buildings, points with their newest reading, quarantine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import numpy as np

from gebaeude.errors import NotFound
from gebaeude.model import Kind, Medium, Reason, TicketState, Use
from gebaeude.store.arrays import NO_FLOATS, NO_TIMES, Floats, Micros, rows
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

_sql = queries(__file__)

REACH = timedelta(days=2)  # how far from a day the readings around it are looked for

R = TypeVar("R", bound=msgspec.Struct)


class Municipality(msgspec.Struct, frozen=True):
    """A municipality with what it owns."""

    key: str
    name: str
    ags: str
    population: int
    buildings: int
    floor_area_m2: float


class BuildingRow(msgspec.Struct, frozen=True):
    """A building with its place and what is open in it."""

    key: str
    name: str
    municipality: str
    municipality_name: str
    use: Use
    floor_area_m2: float
    built: int
    renovated: int | None
    site: str
    address: str
    latitude: float
    longitude: float
    findings: int  # open ones
    warnings: int  # of these, severity warning or critical
    critical: int
    tickets: int


class PointRow(msgspec.Struct, frozen=True):
    """A point with its newest reading, its limits and who sends it."""

    id: int
    building: str
    building_name: str
    municipality: str
    municipality_name: str
    key: str
    name: str
    space: str | None
    medium: Medium
    quantity: str
    unit: str
    kind: Kind
    interval_s: int
    within: str | None  # key of the counter that this sub-meter's consumption runs through
    time: datetime | None
    value: float | None
    quality: int | None
    low: float | None
    high: float | None
    devices: tuple[str, ...]


class Heard(msgspec.Struct, frozen=True):
    """When a point sent its last reading."""

    building: str
    interval_s: int
    time: datetime | None


class CounterDays(msgspec.Struct, frozen=True):
    """A counter's readings on and around two days; times in µs since 1970."""

    building: str
    medium: Medium
    unit: str
    quantity: str
    interval_s: int
    mounted: Micros
    times: Micros
    values: Floats


class Asset(msgspec.Struct, frozen=True):
    """A plant of a building."""

    key: str
    name: str
    kind: str
    cost_group: str  # DIN 276
    installed: int | None
    power_kw: float | None


class TicketRow(msgspec.Struct, frozen=True):
    """A ticket that is not done and not cancelled."""

    id: int
    title: str
    state: TicketState
    priority: str
    building: str
    building_name: str
    technician: str | None
    opened_at: datetime
    due_on: date | None


class Refused(msgspec.Struct, frozen=True):
    """Messages in quarantine for one reason, with the one that came last."""

    reason: Reason
    messages: int
    times: int
    first_at: datetime
    last_at: datetime
    example: int
    topic: bytes
    device: str | None
    detail: str


class Quarantined(msgspec.Struct, frozen=True):
    """A message in quarantine; `payload` only where one message was asked for."""

    id: int
    reason: Reason
    detail: str
    format: str | None
    device: str | None
    topic: bytes
    size: int  # of the payload, bytes
    retained: bool
    first_at: datetime
    last_at: datetime
    times: int
    payload: bytes | None = None


def municipalities(connection: Connection) -> list[Municipality]:
    """All municipalities by name."""
    return [_record(Municipality, row) for row in _sql.municipalities(connection)]


def buildings(
    connection: Connection, *, building: str | None = None, municipality: str | None = None
) -> list[BuildingRow]:
    """Buildings by name: all, one, or those of a municipality."""
    found = _sql.buildings(connection, building=building, municipality=municipality)
    return [_record(BuildingRow, row) for row in found]


def points(
    connection: Connection,
    *,
    building: str | None = None,
    point: str | None = None,
    medium: str | None = None,
) -> list[PointRow]:
    """Points with their newest reading: all, those of a building or medium, or one."""
    found = _sql.points(connection, building=building, point=point, medium=medium)
    return [_record(PointRow, row) for row in found]


def heard(connection: Connection) -> list[Heard]:
    """When each point sent its last reading."""
    return [_record(Heard, row) for row in _sql.heard(connection)]


def counters_on_two_days(
    connection: Connection,
    first: tuple[datetime, datetime],
    second: tuple[datetime, datetime],
    building: str | None = None,
) -> list[CounterDays]:
    """Readings of main counters on two days, the earlier first, and around each; one query."""
    parameters = {
        "from_1": first[0], "to_1": first[1], "from_2": second[0], "to_2": second[1],
        "reach": REACH, "building": building,
    }  # fmt: skip
    found = rows(connection, _sql.counters_on_two_days.sql, parameters)
    return [_counter_days(row) for row in found]


def outside_on_two_days(
    connection: Connection, first: tuple[datetime, datetime], second: tuple[datetime, datetime]
) -> list[tuple[float | None, int, float | None, int]]:
    """Mean temperature outside [°C] and hours known of both days, for each place that has them."""
    found = _sql.outside_on_two_days(
        connection, from_1=first[0], to_1=first[1], from_2=second[0], to_2=second[1]
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def assets(connection: Connection, building: str) -> list[Asset]:
    """Plants of a building."""
    return [_record(Asset, row) for row in _sql.assets(connection, building=building)]


def active_tickets(connection: Connection, building: str) -> list[TicketRow]:
    """Tickets of a building that are not done and not cancelled, the newest first."""
    return [_record(TicketRow, row) for row in _sql.active_tickets(connection, building=building)]


def quarantine_by_reason(connection: Connection) -> list[Refused]:
    """How much is in quarantine for each reason, the latest first."""
    return [_record(Refused, row) for row in _sql.quarantine_by_reason(connection)]


def quarantine(
    connection: Connection, *, reason: str | None, before: int | None, limit: int
) -> list[Quarantined]:
    """Messages in quarantine, the newest row first; page with `before` = the last one's id."""
    found = _sql.quarantine(connection, reason=reason, before=before, limit=limit)
    return [_record(Quarantined, row) for row in found]


def quarantined(connection: Connection, message: int) -> Quarantined:
    """One message in quarantine with its payload; NotFound."""
    row = _sql.quarantined(connection, id=message)
    if row is None:
        raise NotFound(_("Diese Nachricht steht nicht in der Quarantäne."))
    return _record(Quarantined, row)


def _record(kind: type[R], row: tuple[Any, ...]) -> R:
    return msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=False)), kind)


def _counter_days(row: tuple[Any, ...]) -> CounterDays:
    building, medium, unit, quantity, interval_s, mounted, times, values = row
    return CounterDays(
        building=building,
        medium=Medium(medium),
        unit=unit,
        quantity=quantity,
        interval_s=interval_s,
        mounted=NO_TIMES if mounted is None else np.sort(mounted)[1:],
        times=NO_TIMES if times is None else times,
        values=NO_FLOATS if values is None else values,
    )
