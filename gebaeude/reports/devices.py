"""Devices as a list: which are silent, which send in vain, whose battery runs low, and which wait
to be attached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from gebaeude.maintenance.rules import patience
from gebaeude.model import Reason
from gebaeude.profiles import profiles
from gebaeude.reports.lines import is_silent
from gebaeude.store import inbox, kept, summary
from gebaeude.store.database import Connection
from gebaeude.store.inbox import DeviceLine
from gebaeude.store.summary import PointRow

MOST_WAITING = 100  # devices in the inbox are counted up to here

# At and below it a battery is to be replaced soon. Volts are of the lithium cells in LoRaWAN and
# Zigbee sensors (Dragino calls 2.55 V "low"); a sensor that knows better sends %, a meter years.
BATTERY_LOW: dict[str, float] = {"%": 20.0, "V": 2.55, "mV": 2550.0, "a": 1.0}

# What a full one says in each unit, to compare how much is left across units.
BATTERY_FULL: dict[str, float] = {"%": 100.0, "V": 3.6, "mV": 3600.0, "a": 12.0}
# Below it messages get lost as soon as a van parks in front; by format, "" for all others. About
# 10 dB above what receivers still understand: LoRa SF7 −123 dBm, wM-Bus T −105 dBm, Wi-Fi −90 dBm.
SIGNAL_WEAK: dict[str, dict[str, float]] = {
    "chirpstack": {"dBm": -113.0},
    "thethingsstack": {"dBm": -113.0},
    "wmbusmeters": {"dBm": -95.0},
    "": {"dBm": -80.0, "%": 20.0, "LQI": 40.0},
}


class Presence(StrEnum):
    """Whether a device is there, as every page says it."""

    FINE = "fine"
    USELESS = "useless"  # it is heard, but none of its points has a current value
    SILENT = "silent"  # it was there before, and has not been heard for too long
    NEVER = "never"  # nothing was ever heard of it


class DeviceState(msgspec.Struct, frozen=True):
    """A device and how it is."""

    line: DeviceLine
    kind: str | None  # the profile's name
    municipality: str
    municipality_name: str
    expected_s: int | None  # a message is due so often; None: nobody knows
    presence: Presence
    last_at: datetime | None  # when it was heard last, else its points' newest value
    value_at: datetime | None  # its points' newest value
    current: bool  # whether any of its points has a current value, from whatever device
    useless_for: Reason | None  # why its last message was no value, where it sends in vain
    battery_low: bool
    signal_weak: bool

    @property
    def trouble(self) -> bool:
        """Whether somebody should look at it first."""
        return self.silent or self.useless or self.battery_low or self.signal_weak

    @property
    def battery_left(self) -> float | None:
        """How far its battery is from low (0) to full (1), whatever unit it tells."""
        low = BATTERY_LOW.get(self.line.battery_unit or "")
        if self.line.battery is None or low is None:
            return None
        return (self.line.battery - low) / (BATTERY_FULL[self.line.battery_unit or ""] - low)

    @property
    def silent(self) -> bool:
        """Whether it was there before, and has not been heard for too long."""
        return self.presence is Presence.SILENT

    @property
    def useless(self) -> bool:
        """Whether it is heard, and yet none of its points has a current value."""
        return self.presence is Presence.USELESS

    @property
    def never(self) -> bool:
        """Whether nothing was ever heard of it."""
        return self.presence is Presence.NEVER


class Devices(msgspec.Struct, frozen=True):
    """All devices, by building and name."""

    devices: tuple[DeviceState, ...]
    waiting: int  # unknown devices in the inbox, counted up to MOST_WAITING


def devices(connection: Connection, now: datetime) -> Devices:
    """All devices that are attached to a building."""
    found = states(connection, inbox.devices(connection), now)
    return Devices(found, kept.unknown_devices(connection, MOST_WAITING))


def states(
    connection: Connection,
    lines: Iterable[DeviceLine],
    now: datetime,
    rows: Iterable[PointRow] | None = None,
) -> tuple[DeviceState, ...]:
    """How these devices are. `rows`: all points, where the caller has read them already."""
    places = {row.key: row for row in summary.buildings(connection)}
    found = summary.points(connection) if rows is None else rows
    known = {(row.building, row.key): row for row in found}
    every = [
        _state(line, places[line.building], known, now) for line in lines if line.building in places
    ]
    return _explained(connection, every)


def points(connection: Connection, building: str) -> list[PointRow]:
    """A building's points by medium and name."""
    found = summary.points(connection, building=building)
    return sorted(found, key=lambda row: (row.medium, row.name.casefold()))


def is_battery_low(value: float | None, unit: str | None) -> bool:
    """Whether the battery is to be replaced soon; without a unit nobody can tell."""
    return value is not None and value <= BATTERY_LOW.get(unit or "", -1.0)


def is_signal_weak(kind: str, value: float | None, unit: str | None) -> bool:
    """Whether so little arrives of a radio in this format that messages will get lost."""
    weak = SIGNAL_WEAK.get(kind, SIGNAL_WEAK[""]).get(unit or "")
    return value is not None and weak is not None and value < weak


def _state(
    line: DeviceLine,
    place: summary.BuildingRow,
    known: Mapping[tuple[str, str], PointRow],
    now: datetime,
) -> DeviceState:
    profile = profiles().get(line.profile) if line.profile else None
    fed = [known[at] for one in line.points if (at := (line.building, one)) in known]
    # What was agreed for its points counts before what its kind does unless told otherwise.
    usual = profile.every_s if profile else None
    expected = min((row.interval_s for row in fed), default=usual)
    current = any(row.time and not is_silent(row.time, row.interval_s, now) for row in fed)
    value_at = max((row.time for row in fed if row.time), default=None)
    presence = _presence(line, expected, fed, current, now)
    return DeviceState(
        line=line,
        kind=profile.name if profile else None,
        municipality=place.municipality,
        municipality_name=place.municipality_name,
        expected_s=expected,
        presence=presence,
        last_at=line.heard_at or (value_at if presence is Presence.SILENT else None),
        value_at=value_at,
        current=current,
        useless_for=None,
        battery_low=is_battery_low(line.battery, line.battery_unit),
        signal_weak=is_signal_weak(line.format, line.signal, line.signal_unit),
    )


def _presence(
    line: DeviceLine, expected: int | None, fed: list[PointRow], current: bool, now: datetime
) -> Presence:
    if line.heard_at is None:
        # Values from before it was listened to, as after an import: it did send once.
        sent = not current and any(row.time for row in fed)
        return Presence.SILENT if sent else Presence.NEVER
    if expected is not None and now - line.heard_at > patience(expected):
        return Presence.SILENT
    return Presence.USELESS if fed and not current else Presence.FINE


def _explained(connection: Connection, states: list[DeviceState]) -> tuple[DeviceState, ...]:
    """With the reason beside each device that sends in vain."""
    useless = [(one.line.format, one.line.device) for one in states if one.useless]
    if not useless:
        return tuple(states)
    reasons = kept.reasons(connection, useless)
    return tuple(
        msgspec.structs.replace(one, useless_for=reasons.get((one.line.format, one.line.device)))
        if one.useless
        else one
        for one in states
    )
