"""Datenqualität: which numbers can I not trust today?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from gebaeude.model import Medium, Reason
from gebaeude.reports.answers import quality_answer
from gebaeude.reports.devices import DeviceState, states
from gebaeude.reports.lines import freshness, is_silent
from gebaeude.reports.records import Freshness
from gebaeude.store import inbox, summary
from gebaeude.store.database import Connection
from gebaeude.store.summary import Heard, PointRow, Refused
from gebaeude.text import REASONS, _

_NEVER = datetime.max.replace(tzinfo=UTC)


class SilentPoint(msgspec.Struct, frozen=True):
    """A point that has not sent for too long, or never."""

    building: str
    building_name: str
    municipality_name: str
    point: str
    point_name: str
    medium: Medium
    since: datetime | None  # time of its last reading; None where there never was one
    expected_s: int  # a value was expected every so many seconds
    devices: tuple[str, ...]


class QuarantineReason(msgspec.Struct, frozen=True):
    """Messages in quarantine for one reason."""

    reason: Reason
    text: str  # the reason as a German sentence
    messages: int  # different messages
    times: int  # how often they came, all together
    first: datetime
    last: datetime
    example: int  # id of the message that came last
    example_topic: str  # readable; what is no UTF-8 stands as \\x..
    example_device: str | None
    example_detail: str


class Quality(msgspec.Struct, frozen=True):
    """What is missing and what was refused."""

    now: datetime
    sentence: str  # the answer, one or two German sentences
    freshness: Freshness
    points: tuple[SilentPoint, ...]  # longest silent first, never heard of last
    devices: tuple[DeviceState, ...]  # that no current value comes from, the same
    reasons: tuple[QuarantineReason, ...]  # latest first
    quarantined: int  # different messages in all


def quality(connection: Connection, now: datetime) -> Quality:
    """Silent points and devices, and quarantine by reason."""
    points = summary.points(connection)
    refused = summary.quarantine_by_reason(connection)
    fresh = freshness([Heard(row.building, row.interval_s, row.time) for row in points], now)
    quarantined = sum(one.messages for one in refused)
    return Quality(
        now=now,
        sentence=quality_answer(fresh, quarantined, now),
        freshness=fresh,
        points=_silent_points(points, now),
        devices=without_values(states(connection, inbox.devices(connection), now, points)),
        reasons=tuple(_reason(one) for one in refused),
        quarantined=quarantined,
    )


def readable(raw: bytes) -> str:
    """Bytes a device sent as text; what is no UTF-8 or cannot be shown stands as \\x.. ."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() or one in "\n\t" else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")


def _silent_points(points: Sequence[PointRow], now: datetime) -> tuple[SilentPoint, ...]:
    silent = [row for row in points if row.time is None or is_silent(row.time, row.interval_s, now)]
    silent.sort(key=lambda row: row.time or _NEVER)
    return tuple(
        SilentPoint(
            building=row.building,
            building_name=row.building_name,
            municipality_name=row.municipality_name,
            point=row.key,
            point_name=row.name,
            medium=row.medium,
            since=row.time,
            expected_s=row.interval_s,
            devices=row.devices,
        )
        for row in silent
    )


def without_values(devices: Iterable[DeviceState]) -> tuple[DeviceState, ...]:
    """Those whose numbers are missing: silent, heard in vain, or never heard; see states()."""
    missing = [
        one
        for one in devices
        if one.silent or one.useless or (one.never and one.line.points and not one.current)
    ]
    return tuple(sorted(missing, key=lambda one: one.value_at or one.last_at or _NEVER))


def _reason(one: Refused) -> QuarantineReason:
    return QuarantineReason(
        reason=one.reason,
        text=_(REASONS[one.reason]),
        messages=one.messages,
        times=one.times,
        first=one.first_at,
        last=one.last_at,
        example=one.example,
        example_topic=readable(one.topic),
        example_device=one.device,
        example_detail=one.detail,
    )
