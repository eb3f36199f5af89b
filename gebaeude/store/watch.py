"""What the rules look at: recent readings of points with limits, and who was last heard when."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from gebaeude.maintenance.rules import Hearing, Limit, reach
from gebaeude.store.arrays import NO_FLOATS, NO_TIMES, Floats, Micros, rows
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Watched(msgspec.Struct, frozen=True):
    """A point with a limit, and its recent readings, oldest first; times in µs since 1970."""

    point_id: int
    limit: Limit
    finding_id: int | None  # the open one
    times: Micros
    values: Floats


class Heard(msgspec.Struct, frozen=True):
    """A point, and when it was last heard."""

    point_id: int
    building_id: int
    last: datetime | None
    hearing: Hearing
    finding_id: int | None  # the open one


def watched(connection: Connection, now: datetime) -> list[Watched]:
    """Every point with a limit, with as many readings as its rule looks back on."""
    rules = [(row[0], Limit(*row[1:6]), row[6]) for row in _sql.limits(connection)]
    if not rules:
        return []
    starts = [now - reach(limit) for _point, limit, _finding in rules]
    points = [point for point, _limit, _finding in rules]
    wanted = {"points": points, "starts": starts, "horizon": min(starts)}
    recent = {point: series for point, *series in rows(connection, _sql.recent.sql, wanted)}
    return [Watched(*rule, *recent.get(rule[0], (NO_TIMES, NO_FLOATS))) for rule in rules]


def heard(connection: Connection, now: datetime) -> list[Heard]:
    """Every point with its last reading and how long it was silent since, ordered by building."""
    return [
        Heard(point, building, last, Hearing(interval, silent_s), finding)
        for point, building, interval, last, silent_s, finding in _sql.hearing(connection, now=now)
    ]


def listen(connection: Connection, newest: datetime, tolerance: timedelta) -> None:
    """Notes that readings came from somewhere up to `newest`.

    After a pause longer than the tolerance a new span begins: the pause was our own.
    """
    with connection.transaction():
        if _sql.listen_on(connection, newest=newest, tolerance=tolerance) is None:
            _sql.listen_anew(connection, newest=newest)
