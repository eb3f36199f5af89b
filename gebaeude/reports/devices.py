"""Devices as a list: which are silent, whose battery runs low, and which wait to be attached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from gebaeude.maintenance.rules import patience
from gebaeude.profiles import profiles
from gebaeude.store import inbox, kept, summary
from gebaeude.store.database import Connection
from gebaeude.store.inbox import DeviceLine
from gebaeude.store.summary import PointRow

MOST_WAITING = 100  # devices in the inbox are counted up to here

# At and below it a battery is to be replaced soon. Volts are of the lithium cells in LoRaWAN and
# Zigbee sensors (Dragino calls 2.55 V "low"); a sensor that knows better sends %.
BATTERY_LOW: dict[str, float] = {"%": 20.0, "V": 2.55, "mV": 2550.0}


class DeviceState(msgspec.Struct, frozen=True):
    """A device and how it is."""

    line: DeviceLine
    kind: str | None  # the profile's name
    municipality: str
    municipality_name: str
    expected_s: int | None  # a message is due so often; None: nobody knows
    silent: bool  # heard before, and not for too long
    battery_low: bool

    @property
    def never(self) -> bool:
        """Whether nothing was ever heard of it."""
        return self.line.heard_at is None


class Devices(msgspec.Struct, frozen=True):
    """All devices, by building and name."""

    devices: tuple[DeviceState, ...]
    waiting: int  # unknown devices in the inbox, counted up to MOST_WAITING


def devices(connection: Connection, now: datetime) -> Devices:
    """All devices that are attached to a building."""
    found = states(connection, inbox.devices(connection), now)
    return Devices(found, kept.unknown_devices(connection, MOST_WAITING))


def states(
    connection: Connection, lines: Iterable[DeviceLine], now: datetime
) -> tuple[DeviceState, ...]:
    """How these devices are."""
    places = {row.key: row for row in summary.buildings(connection)}
    intervals = {(row.building, row.key): row.interval_s for row in summary.points(connection)}
    return tuple(
        _state(line, places[line.building], intervals, now)
        for line in lines
        if line.building in places
    )


def points(connection: Connection, building: str) -> list[PointRow]:
    """A building's points by medium and name."""
    found = summary.points(connection, building=building)
    return sorted(found, key=lambda row: (row.medium, row.name.casefold()))


def is_battery_low(value: float | None, unit: str | None) -> bool:
    """Whether the battery is to be replaced soon; without a unit nobody can tell."""
    return value is not None and value <= BATTERY_LOW.get(unit or "", -1.0)


def _state(
    line: DeviceLine,
    place: summary.BuildingRow,
    intervals: Mapping[tuple[str, str], int],
    now: datetime,
) -> DeviceState:
    profile = profiles().get(line.profile) if line.profile else None
    fed = [intervals[at] for one in line.points if (at := (line.building, one)) in intervals]
    expected = profile.every_s if profile else min(fed, default=None)
    return DeviceState(
        line=line,
        kind=profile.name if profile else None,
        municipality=place.municipality,
        municipality_name=place.municipality_name,
        expected_s=expected,
        silent=line.heard_at is not None
        and expected is not None
        and now - line.heard_at > patience(expected),
        battery_low=is_battery_low(line.battery, line.battery_unit),
    )
