"""Consumption of yesterday against the same weekday the week before, per medium."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from gebaeude.analysis.consumption import consumption
from gebaeude.analysis.localtime import SECOND, local_day, midnight, moment
from gebaeude.maintenance.rules import patience
from gebaeude.model import Medium
from gebaeude.reports.records import Consumption
from gebaeude.store.database import Connection
from gebaeude.store.memory import remembered
from gebaeude.store.summary import CounterDays, counters_on_two_days, outside_on_two_days
from gebaeude.units import QUANTITIES

# What a counter of a quantity can do at most in an hour: the bounds of the quantity it integrates.
_RATE_OF = {"energy": "power", "volume": "volume_flow"}
_ORDER = {medium: place for place, medium in enumerate(Medium)}


class Counted(NamedTuple):
    """What one counter counted in two days; NaN where it is not known."""

    building: str
    medium: Medium
    unit: str
    before: float
    value: float
    share: float


def yesterday(now: datetime) -> tuple[date, date]:
    """The last whole local day, and the same weekday one week before."""
    day = local_day(now) - timedelta(days=1)
    return day, day - timedelta(days=7)


def fastest(quantity: str) -> float:
    """The most a counter of this quantity can count [its unit / h]."""
    rate = _RATE_OF.get(quantity)
    return QUANTITIES[rate].high if rate else np.inf


def longest_step(interval_s: int) -> int:
    """The longest step [µs] between two readings that counts as measured.

    Never below two hours: loggers deliver history in steps longer than a point's live interval.
    """
    return max(patience(interval_s) // timedelta(microseconds=1), 2 * 3600 * SECOND)


def counted(
    connection: Connection, now: datetime, building: str | None = None
) -> tuple[Counted, ...]:
    """What each main counter counted yesterday and a week before; of one building or of all.

    That of all is remembered: it costs more than the rest of a page, and is over since midnight.
    """

    def find() -> tuple[Counted, ...]:
        return _read(connection, now, building)

    if building is not None:
        return find()
    return remembered(connection, ("counted", yesterday(now)), now, find)


class Outside(NamedTuple):
    """Mean temperature outside on the two days that are compared [°C]."""

    day: float
    before: float


HOURS_KNOWN = 20  # of a day, for its mean to say something


def outside(connection: Connection, now: datetime) -> Outside | None:
    """Over all places that measured it on both days; None where none did."""

    def find() -> Outside | None:
        day, before = (_span(one) for one in yesterday(now))
        found = outside_on_two_days(connection, before, day)
        known = [
            (then, last)
            for then, hours_then, last, hours in found
            if then is not None and last is not None and min(hours_then, hours) >= HOURS_KNOWN
        ]
        if not known:
            return None
        then, last = np.mean(known, axis=0)
        return Outside(float(last), float(then))

    return remembered(connection, ("outside", yesterday(now)), now, find)


def _span(day: date) -> tuple[datetime, datetime]:
    return moment(midnight(day)), moment(midnight(day + timedelta(days=1)))


def _read(connection: Connection, now: datetime, building: str | None) -> tuple[Counted, ...]:
    spans = [(midnight(day), midnight(day + timedelta(days=1))) for day in yesterday(now)]
    after, before = ((moment(start), moment(end)) for start, end in spans)
    edges = np.array([*spans[1], *spans[0]], dtype=np.int64)
    rows = counters_on_two_days(connection, before, after, building)
    return tuple(_count(row, edges) for row in rows)


def _count(row: CounterDays, edges: np.ndarray) -> Counted:
    days = consumption(
        row.times,
        row.values,
        edges,
        longest=longest_step(row.interval_s),
        tolerance=row.interval_s * SECOND,
        breaks=row.mounted,
        fastest=fastest(row.quantity),
    )
    return Counted(
        row.building, row.medium, row.unit,
        float(days.value[0]), float(days.value[2]), float(days.share[2]),
    )  # fmt: skip


def summed(counters: Iterable[Counted]) -> tuple[Consumption, ...]:
    """Consumption per medium and unit, in Medium's order; only like is compared with like."""
    groups: dict[tuple[Medium, str], list[Counted]] = {}
    for counter in counters:
        groups.setdefault((counter.medium, counter.unit), []).append(counter)
    ordered = sorted(groups, key=lambda key: (_ORDER[key[0]], key[1]))
    return tuple(_sum(*key, groups[key]) for key in ordered)


def _sum(medium: Medium, unit: str, counters: list[Counted]) -> Consumption:
    known = [one for one in counters if np.isfinite(one.value)]
    earlier = [one.before for one in counters if np.isfinite(one.before)]
    both = [one for one in known if np.isfinite(one.before)]
    then, now = sum(one.before for one in both), sum(one.value for one in both)
    return Consumption(
        medium=medium,
        unit=unit,
        value=sum(one.value for one in known) if known else None,
        before=sum(earlier) if earlier else None,
        change=now / then - 1 if then > 0 else None,
        counters=len(counters),
        known=len(known),
        compared=len(both),
        share=sum(one.share for one in known) / len(known) if known else 0.0,
    )
