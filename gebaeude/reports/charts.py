"""The readings of a point as a chart shows them: bars of consumption, a line, a carpet."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from gebaeude.analysis.carpet import Cells, carpet, cells
from gebaeude.analysis.consumption import Consumed, consumption
from gebaeude.analysis.downsample import line
from gebaeude.analysis.freedays import public_holidays, school_holidays
from gebaeude.analysis.localtime import Step, days, edges, moment
from gebaeude.errors import UsageError
from gebaeude.model import Kind
from gebaeude.reports.answers import nothing_there
from gebaeude.reports.records import Carpet, Floats, Series, Times
from gebaeude.reports.usage import fastest, longest_step
from gebaeude.store import series as store
from gebaeude.store.arrays import NO_FLOATS, NO_TIMES, Micros
from gebaeude.store.database import Connection
from gebaeude.text import _, language

WIDEST = 4_000  # pixels
LONGEST_CARPET = 400  # days
LONGEST_SERIES = timedelta(days=366 * 50)
MEASURED = 0.5  # an hour of which less was measured stays empty in a carpet
_STEPS: dict[Step, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_PER_HOUR = {"kWh": "kW", "m3": "m3/h"}


def series(
    connection: Connection, building: str, point: str, start: datetime, end: datetime, width: int
) -> Series:
    """A point from `start` to `end` (aware) for a chart of `width` pixels; NotFound, UsageError."""
    _check(start, end, LONGEST_SERIES)
    if not 1 <= width <= WIDEST:
        raise UsageError(_("Die Breite muss zwischen 1 und {n} liegen.").format(n=WIDEST))
    of = store.point(connection, building, point)
    if of.kind is Kind.COUNTER:
        return _bars(connection, of, start, end, width)
    return _line(connection, of, start, end, width)


def load_carpet(
    connection: Connection, building: str, point: str, start: datetime, end: datetime
) -> Carpet:
    """The local days from `start` to `end` (aware), 400 at most; NotFound, UsageError."""
    _check(start, end, timedelta(days=LONGEST_CARPET))
    of = store.point(connection, building, point)
    across = days(start, end)
    grid = cells(across)
    value = _hourly(connection, of, grid)
    return Carpet(
        building=of.building,
        building_name=of.building_name,
        point=of.key,
        point_name=of.name,
        medium=of.medium,
        unit=_PER_HOUR.get(of.unit, of.unit) if of.kind is Kind.COUNTER else of.unit,
        days=tuple(across),
        hours=grid.hours,
        value=carpet(grid, value),
        holidays=public_holidays(across, language()),
        school_holidays=school_holidays(across),
        empty="" if np.isfinite(value).any() else _why_empty(connection, of),
    )


def _check(start: datetime, end: datetime, longest: timedelta) -> None:
    if start.tzinfo is None or end.tzinfo is None:
        raise UsageError(_("Zeiten brauchen eine Zeitzone."))
    if start >= end:
        raise UsageError(_("Der Zeitraum muss vor seinem Ende beginnen."))
    if end - start > longest:
        text = _("Der Zeitraum darf höchstens {n} Tage lang sein.")
        raise UsageError(text.format(n=longest.days))


def _bars(
    connection: Connection, of: store.Point, start: datetime, end: datetime, width: int
) -> Series:
    step = _step(end - start, width)
    at = edges(start, end, step)
    time, value = store.readings_around(connection, of.id, moment(at[0]), moment(at[-1]))
    at = _clipped(at, time)
    used = _consumed(connection, of, time, value, at)
    known = np.isfinite(used.value)
    inside = (time >= at[0]) & (time <= at[-1]) if time.size else np.empty(0, dtype=np.bool_)
    return _series(
        connection, of, start, end, step, int(inside.sum()),
        at[:-1][known], at[1:][known], used.value[known], used.share[known],
    )  # fmt: skip


def _step(span: timedelta, width: int) -> Step:
    """The finest step whose bars are at least two pixels wide."""
    for step, length in _STEPS.items():
        if span / length <= width / 2:
            return step
    return "month"


def _clipped(at: Micros, time: Micros) -> Micros:
    """Edges from the first reading to the last: the step that is under way ends with what is known.

    Without at least two readings, the edges as they are.
    """
    if time.size < 2 or time[-1] <= at[0] or time[0] >= at[-1]:
        return at
    first, last = max(at[0], time[0]), min(at[-1], time[-1])
    inside = at[(at > first) & (at < last)]
    return np.concatenate([[first], inside, [last]]).astype(np.int64)


def _consumed(
    connection: Connection, of: store.Point, time: Micros, value: Floats, at: Micros
) -> Consumed:
    return consumption(
        time,
        value,
        at,
        longest=longest_step(of.interval_s),
        breaks=np.array(store.mounted(connection, of.id), dtype=np.int64),
        fastest=fastest(of.quantity),
    )


def _line(
    connection: Connection, of: store.Point, start: datetime, end: datetime, width: int
) -> Series:
    found, count = store.pixels(connection, of.id, start, end, width)
    pixel = (end - start) / width // timedelta(microseconds=1)
    time, value = line(found, max(longest_step(of.interval_s), int(pixel)))
    step = "reading" if np.isfinite(value).sum() == count else "pixel"
    return _series(connection, of, start, end, step, count, time, NO_TIMES, value, NO_FLOATS)


def _series(
    connection: Connection, of: store.Point, start: datetime, end: datetime, step: str, count: int,
    time: Micros, until: Micros, value: Floats, share: Floats,
) -> Series:  # fmt: skip
    return Series(
        building=of.building,
        building_name=of.building_name,
        point=of.key,
        point_name=of.name,
        medium=of.medium,
        quantity=of.quantity,
        unit=of.unit,
        kind=of.kind,
        start=start,
        end=end,
        step=step,
        readings=count,
        time=_times(time),
        until=_times(until),
        value=value,
        share=share,
        low=of.low,
        high=of.high,
        empty="" if value.size else _why_empty(connection, of),
    )


def _hourly(connection: Connection, of: store.Point, grid: Cells) -> Floats:
    """Power or mean of each hour of the grid; NaN where it is not known."""
    until = grid.start[-1] + int(grid.start[1] - grid.start[0])
    start, end = moment(grid.start[0]), moment(until)
    if of.kind is Kind.COUNTER:
        time, value = store.readings_around(connection, of.id, start, end)
        used = _consumed(connection, of, time, value, np.append(grid.start, until))
        return np.where(used.share >= MEASURED, used.value, np.nan)
    hour, mean = store.hourly_means(connection, of.id, start, end)
    values = np.full(grid.start.size, np.nan)
    values[np.searchsorted(grid.start, hour)] = mean
    return values


def _why_empty(connection: Connection, of: store.Point) -> str:
    return nothing_there(store.span(connection, of.id))


def _times(micros: Micros) -> Times:
    return micros.astype("datetime64[us]")
