"""What is known about a kind of device."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from gebaeude.model import Kind, Medium

# The decoders of raw frames that a profile may name; ingest has them.
DECODERS = (
    "milesight-em300-th", "milesight-em300-di", "milesight-am307", "milesight-ct101",
    "elsys-ers", "yobiiq-em2101", "yobiiq-em4301", "dragino-lht65n",
)  # fmt: skip


class About(StrEnum):
    """What a field tells about the device itself."""

    BATTERY = "battery"
    SIGNAL = "signal"


class WrongClock(StrEnum):
    """What becomes of a value whose time cannot be right."""

    QUARANTINE = "quarantine"
    RECEIPT = "receipt"  # the time of receipt counts, and the reading is marked as suspect


class Clock(msgspec.Struct, frozen=True):
    """How far the device's clock is trusted."""

    wrong: WrongClock = WrongClock.QUARANTINE
    ahead_s: int | None = None  # None: as the settings say for all
    behind_s: int | None = None  # None: no limit; loggers deliver what is years old


class Field(msgspec.Struct, frozen=True):
    """One field: a quantity that can become a point, or something about the device."""

    name: str  # for people, German
    medium: Medium | None = None
    quantity: str | None = None  # of units.QUANTITIES; None: no quantity of a building
    kind: Kind | None = None
    unit: str | None = None  # what the device sends, where its messages do not say
    factor: float = 1.0
    about: About | None = None
    absent: tuple[float, ...] = ()  # values that say "not available", as sent


class Profile(msgspec.Struct, frozen=True):
    """A kind of device. `fields` may have `*` in their names; the first that fits counts."""

    key: str
    name: str
    formats: tuple[str, ...]
    every_s: int  # a message is expected so often
    fields: dict[str, Field]
    ignore: tuple[str, ...] = ()  # fields that nobody wants; `*` as above
    models: tuple[str, ...] = ()  # what a network server or the device itself may call it
    decoder: str | None = None
    clock: Clock = Clock()
    is_generic: bool = False  # stands for whatever speaks the format

    def field(self, name: str) -> Field | None:
        """What is known of a field; None where it is unknown or not wanted."""
        if (found := self.fields.get(name)) is not None:
            return found
        for pattern, field in self.fields.items():
            if "*" in pattern and fnmatchcase(name, pattern):
                return field
        return None

    def is_ignored(self, name: str) -> bool:
        """Whether nobody wants the field."""
        return any(fnmatchcase(name, pattern) for pattern in self.ignore)
