"""What the reports hand out: frozen records that know nothing of a database or a page.

All times are aware datetimes in UTC, days are local (Europe/Berlin), arrays are one-dimensional
unless told otherwise and must not be written to. Numbers that are not known are None; inside
arrays they are NaN. Every `key` is the short name of the portfolio file, never a database id.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from gebaeude.model import Kind, Medium, Severity, TicketState, Use

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]  # datetime64[us], UTC


class Condition(StrEnum):
    """The three states of look.md; they differ in colour, shape and word."""

    GOOD = "good"
    ATTENTION = "attention"
    CRITICAL = "critical"


class Band(StrEnum):
    """How the air in a room is (CO₂, Umweltbundesamt): below 1000 ppm, to 2000 ppm, above."""

    FINE = "fine"
    VENTILATE = "ventilate"
    UNACCEPTABLE = "unacceptable"
    UNKNOWN = "unknown"


class Freshness(msgspec.Struct, frozen=True):
    """How many points have sent what was expected of them."""

    points: int
    fresh: int
    silent: int  # have sent before, and not for too long
    never: int  # have never sent anything
    newest: datetime | None  # time of the newest reading of all


class Consumption(msgspec.Struct, frozen=True):
    """Consumption of one medium in one local day, against the same weekday the week before.

    `change` compares only counters known on both days: a missing counter is no saving.
    """

    medium: Medium
    unit: str  # kWh or m3
    value: float | None  # sum over the counters known that day; None where none is
    before: float | None  # the same a week before
    change: float | None  # relative: -0.12 is 12 % less
    counters: int  # how many counters there are
    known: int  # how many of them were known that day
    compared: int  # how many were known on both days
    share: float  # of `value`, how much of the time was measured and not interpolated, 0 … 1


class FindingLine(msgspec.Struct, frozen=True):
    """A finding as a line in a list; `text` is a German sentence."""

    id: int
    severity: Severity
    text: str
    building: str
    building_name: str
    point: str
    point_name: str
    opened_at: datetime
    closed_at: datetime | None
    ticket: str | None  # its number, as people know it: A-2026-0042


class TicketLine(msgspec.Struct, frozen=True):
    """A ticket as a line in a list."""

    number: str  # as people know it: A-2026-0042
    title: str
    state: TicketState
    priority: str  # low, normal, high
    building: str
    building_name: str
    technician: str | None  # the person's name
    opened_at: datetime
    due_on: date | None


class BuildingLine(msgspec.Struct, frozen=True):
    """A building as a line in the list and on the overview."""

    key: str
    name: str
    municipality: str
    municipality_name: str
    use: Use
    floor_area_m2: float
    built: int
    latitude: float
    longitude: float
    condition: Condition
    reason: str  # why it is not good, a short German text; "" where it is
    findings: int  # open ones
    warnings: int  # open ones of severity warning or critical
    critical: int  # open critical ones
    tickets: int  # not done and not cancelled
    points: int
    silent: int  # have sent before, and not for too long
    newest: datetime | None
    consumption: tuple[Consumption, ...]  # media the building has counters of, in Medium's order


class Latest(msgspec.Struct, frozen=True):
    """The newest reading of a point."""

    time: datetime
    value: float
    quality: int


class PointLine(msgspec.Struct, frozen=True):
    """A point with its newest reading."""

    key: str
    name: str
    space: str | None
    medium: Medium
    quantity: str
    unit: str
    kind: Kind
    interval_s: int
    latest: Latest | None
    silent: bool  # has sent before, and not for too long
    low: float | None  # limits of its rule
    high: float | None
    devices: tuple[str, ...]  # names of the devices that send it


class Room(msgspec.Struct, frozen=True):
    """The latest climate of a room; None where it is not measured or too old to be called so."""

    name: str
    temperature: float | None  # °C
    humidity: float | None  # %
    co2: float | None  # ppm
    time: datetime | None  # of the oldest value shown
    band: Band
    points: tuple[str, ...]  # keys of the points it comes from


class Series(msgspec.Struct, frozen=True):
    """A point over a range, with no more points than there are pixels.

    Counters: `value[i]` is the consumption from `time[i]` to `until[i]` (whole local hours, days,
    weeks or months), `share[i]` how much of it was measured; `unit` is kWh or m3.
    Others: the smallest and largest value of each pixel in the order of time; a NaN stands where
    the line must break; `until` and `share` are empty.
    """

    building: str
    building_name: str
    point: str
    point_name: str
    medium: Medium
    quantity: str
    unit: str
    kind: Kind
    start: datetime
    end: datetime
    step: str  # "hour", "day", "week", "month" for counters; "reading" or "pixel" for others
    readings: int  # how many readings lie in the range
    time: Times
    until: Times
    value: Floats
    share: Floats
    low: float | None  # limits of the point's rule
    high: float | None
    empty: str  # why there is nothing to see, a German sentence; "" where there is


class Carpet(msgspec.Struct, frozen=True):
    """Mean power (counters) or mean value (others) of every local hour of every local day.

    `value[hour, day]` has 24 rows by the clock on the wall and a column for each of `days`. In
    autumn the hour that comes twice is the mean of both, in spring the missing hour is NaN;
    `hours[day]` is 23, 24 or 25.
    """

    building: str
    building_name: str
    point: str
    point_name: str
    medium: Medium
    unit: str  # kW for kWh, m3/h for m3, else the point's own
    days: tuple[date, ...]
    hours: NDArray[np.int64]
    value: Floats  # shape (24, len(days))
    holidays: dict[date, str]  # public holidays of North Rhine-Westphalia in the range, by name
    school_holidays: frozenset[date]  # days without school, weekends not counted
    empty: str  # why there is nothing to see, a German sentence; "" where there is
