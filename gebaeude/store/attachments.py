"""What is said when a device is attached or detached, and what came of it. Plain records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from gebaeude.model import Kind, Medium
from gebaeude.text import _, number

Identity = tuple[str, str]  # format, and what the device calls itself in it


class NewPoint(msgspec.Struct, frozen=True):
    """A point that is to be made first."""

    name: str
    medium: Medium
    quantity: str  # of units.QUANTITIES
    kind: Kind
    interval_s: int  # a value is expected so often
    space: str | None = None


class Attach(msgspec.Struct, frozen=True):
    """A field that is to feed a point of the building."""

    field: str
    point: str  # its key
    unit: str | None = None  # what the device sends, where its messages do not say
    factor: float = 1.0
    new: NewPoint | None = None


class Claim(msgspec.Struct, frozen=True):
    """What a device is from a moment on. `since` None: from where nothing is said yet."""

    format: str
    device: str
    building: str  # key
    name: str
    actor: str
    attach: tuple[Attach, ...] = ()
    ignore: tuple[str, ...] = ()  # fields that nobody wants
    profile: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # not included; None: until further notice
    replaces: Identity | None = None  # a device whose points this one takes over

    @property
    def identity(self) -> Identity:
        """Whom it is about."""
        return self.format, self.device


class Attachment(msgspec.Struct, frozen=True):
    """One channel as it stands; without a point the field is not wanted."""

    device_id: int
    field: str
    since: datetime | None  # None: from the beginning
    until: datetime | None  # not included; None: until further notice
    point_id: int | None
    building: str | None
    point: str | None
    point_name: str | None
    point_unit: str | None
    unit: str | None
    factor: float


class Event(msgspec.Struct, frozen=True):
    """Something that was done to a device."""

    at: datetime
    actor: str
    kind: str  # claimed, replaced, released
    detail: dict[str, Any]


class Released(msgspec.Struct, frozen=True):
    """What a release did; `str` is the sentence for a person."""

    channels: int
    readings: int  # that left their points

    def __str__(self) -> str:
        return _(
            "{channels} Zuordnungen gelöst, {readings} Messwerte zurückgenommen; sie kommen "
            "wieder, wenn die Felder neu zugeordnet werden."
        ).format(channels=self.channels, readings=number(self.readings))
