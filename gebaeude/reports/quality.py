"""Datenqualität: which numbers can I not trust today?"""

from __future__ import annotations

from datetime import datetime

import msgspec

from gebaeude.model import Medium, Reason
from gebaeude.reports.records import Freshness
from gebaeude.store.database import Connection


class SilentPoint(msgspec.Struct, frozen=True):
    """A point that has not sent for too long."""

    building: str
    building_name: str
    municipality_name: str
    point: str
    point_name: str
    medium: Medium
    since: datetime | None  # time of its last reading; None where there never was one
    expected_s: int  # a value was expected every so many seconds
    devices: tuple[str, ...]


class SilentDevice(msgspec.Struct, frozen=True):
    """A device none of whose points has sent for too long."""

    format: str
    external_id: str
    name: str
    building: str
    building_name: str
    points: int
    since: datetime | None


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
    devices: tuple[SilentDevice, ...]
    reasons: tuple[QuarantineReason, ...]  # latest first
    quarantined: int  # different messages in all


def quality(connection: Connection, now: datetime) -> Quality:
    """Silent points and devices, and quarantine by reason."""
    raise NotImplementedError
