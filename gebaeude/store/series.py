"""The readings of one point over a range: as arrays, as pixels, as hourly means, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from gebaeude.analysis.downsample import Pixels
from gebaeude.analysis.localtime import micros
from gebaeude.errors import NotFound
from gebaeude.model import Kind, Medium
from gebaeude.store.arrays import NO_FLOATS, NO_TIMES, Floats, Micros, rows
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

_sql = queries(__file__)

REACH = timedelta(days=40)  # how far beyond a range the readings around it are looked for


class Point(msgspec.Struct, frozen=True):
    """A point as its readings need it."""

    id: int
    building: str
    building_name: str
    key: str
    name: str
    medium: Medium
    quantity: str
    unit: str
    kind: Kind
    interval_s: int
    low: float | None
    high: float | None


class Reading(NamedTuple):
    """A stored value in the point's unit."""

    time: datetime
    value: float
    quality: int


def point(connection: Connection, building: str, key: str) -> Point:
    """The point of these keys; NotFound."""
    row = _sql.point(connection, building=building, point=key)
    if row is None:
        raise NotFound(_("Diesen Messpunkt gibt es nicht."))
    return msgspec.convert(dict(zip(Point.__struct_fields__, row, strict=True)), Point)


def mounted(connection: Connection, point_id: int) -> list[int]:
    """When meters were changed at the point [µs since 1970]."""
    return [micros(row[0]) for row in _sql.mounted(connection, point_id=point_id)]


def readings_around(
    connection: Connection, point_id: int, start: datetime, end: datetime
) -> tuple[Micros, Floats]:
    """Times [µs since 1970] and values of a range, and of the reading before and after it.

    Those two only where they lie within REACH of it.
    """
    parameters = {"point_id": point_id, "start": start, "end": end, "reach": REACH}
    return _pair(rows(connection, _sql.around.sql, parameters)[0])


def pixels(
    connection: Connection, point_id: int, start: datetime, end: datetime, width: int
) -> tuple[Pixels, int]:
    """A range in `width` pixels as the database condenses it, and how many readings it holds."""
    step = max((end - start) / width, timedelta(microseconds=1))
    parameters = {"point_id": point_id, "start": start, "end": end, "step": step}
    *columns, count = rows(connection, _sql.pixels.sql, parameters)[0]
    if not count:
        return Pixels(NO_TIMES, NO_TIMES, NO_TIMES, NO_FLOATS, NO_TIMES, NO_FLOATS), 0
    return Pixels(*columns), int(count)


def hourly_means(
    connection: Connection, point_id: int, start: datetime, end: datetime
) -> tuple[Micros, Floats]:
    """Beginning [µs since 1970] and mean of each UTC hour that has readings."""
    parameters = {"point_id": point_id, "start": start, "end": end}
    return _pair(rows(connection, _sql.hourly_means.sql, parameters)[0])


def page(
    connection: Connection, point_id: int, after: datetime, end: datetime, limit: int
) -> list[Reading]:
    """At most `limit` readings later than `after` and before `end`, in the order of time."""
    found = _sql.page(connection, point_id=point_id, after=after, end=end, limit=limit)
    return [Reading(*row) for row in found]


def span(connection: Connection, point_id: int) -> tuple[datetime, datetime] | None:
    """Times of the point's first and last reading; None where there is none."""
    first, last = _sql.span(connection, point_id=point_id)
    return (first, last) if first is not None else None


def _pair(row: tuple[Micros | None, Floats | None]) -> tuple[Micros, Floats]:
    time, value = row
    return (NO_TIMES, NO_FLOATS) if time is None or value is None else (time, value)
