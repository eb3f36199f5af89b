"""Devices that wait to be attached, and those that are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gebaeude.model import Message, Reason
from gebaeude.store.attachments import Identity
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Waiting(msgspec.Struct, frozen=True):
    """A device of which something is kept that could become readings."""

    format: str
    device: str
    messages: int  # how many came
    first_at: datetime | None  # None where there are only withdrawn readings
    last_at: datetime | None
    reasons: tuple[Reason, ...]
    withdrawn: int  # readings of an attachment that was undone
    name: str | None  # of the device, where it is known
    building: str | None  # its key
    building_name: str | None
    profile: str | None
    unread: bool = False  # it was attached, and what is kept is just being read

    @property
    def known(self) -> bool:
        """Whether the device is attached to a building, with some of its fields."""
        return self.name is not None


class DeviceLine(msgspec.Struct, frozen=True):
    """A device that is known."""

    format: str
    device: str
    name: str
    building: str  # its key
    building_name: str
    profile: str | None
    heard_at: datetime | None
    battery: float | None
    battery_unit: str | None
    signal: float | None  # of its radio
    signal_unit: str | None  # dBm, %, LQI (0 to 255)
    points: tuple[str, ...]  # keys of those it feeds now
    waiting: int  # messages of it that are kept and are no readings
    unread: bool = False  # these are just being read


class Heard(msgspec.Struct, frozen=True):
    """A sign of life. time: µs since 1970-01-01 UTC."""

    format: str
    device: str
    time: int
    battery: float | None = None
    battery_unit: str | None = None
    signal: float | None = None
    signal_unit: str | None = None


def waiting(
    connection: Connection, *, of: Identity | None = None, limit: int = 1000
) -> list[Waiting]:
    """The inbox, the device heard last first; or what there is of one device."""
    kind, device = of or (None, None)
    return [
        Waiting(*[*row[:5], tuple(map(Reason, row[5])), *row[6:]])
        for row in _sql.waiting(connection, format=kind, device=device, limit=limit)
    ]


def newest(connection: Connection, of: Identity, count: int) -> list[Message]:
    """The messages of a device that were kept last, the newest first."""
    return [
        Message(topic, payload, at, retained)
        for topic, payload, retained, at in _sql.newest(
            connection, format=of[0], device=of[1], count=count
        )
    ]


def withdrawn(connection: Connection, of: Identity) -> list[tuple[str, float, str, datetime]]:
    """(field, value, unit, time) of the newest withdrawn reading of each field."""
    return list(_sql.withdrawn(connection, format=of[0], device=of[1]))


def devices(
    connection: Connection, *, building: str | None = None, of: Identity | None = None
) -> list[DeviceLine]:
    """All devices by building and name, those of one building, or one."""
    kind, device = of or (None, None)
    return [
        DeviceLine(*[*row[:11], tuple(row[11]), *row[12:]])
        for row in _sql.devices(connection, building=building, format=kind, device=device)
    ]


def hear(connection: Connection, heard: Sequence[Heard]) -> None:
    """Remembers signs of life, of each device at most one. Does not commit."""
    if heard:
        _sql.hear(
            connection,
            formats=[one.format for one in heard],
            devices=[one.device for one in heard],
            times=[one.time for one in heard],
            batteries=[one.battery for one in heard],
            battery_units=[one.battery_unit for one in heard],
            signals=[one.signal for one in heard],
            signal_units=[one.signal_unit for one in heard],
        )
