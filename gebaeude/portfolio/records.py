"""What a portfolio file says, as frozen records; keys are the file's own, lists keep its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from gebaeude.model import Kind, Medium, Severity, Skill, Use
from gebaeude.units import QUANTITIES


class Municipality(msgspec.Struct, frozen=True):
    """One owner of buildings."""

    key: str
    name: str
    ags: str  # Amtlicher Gemeindeschlüssel, 8 digits
    population: int


class Technician(msgspec.Struct, frozen=True):
    """Somebody of the joint team."""

    key: str
    name: str
    email: str
    skills: tuple[Skill, ...]
    municipalities: tuple[str, ...]  # keys
    phone: str | None = None


class Asset(msgspec.Struct, frozen=True):
    """Equipment that is maintained."""

    key: str
    name: str
    kind: str  # of vocabulary.ASSET_KINDS
    cost_group: str  # DIN 276
    vdma_part: int | None = None  # VDMA 24186
    installed: int | None = None  # year
    power_kw: float | None = None


class Limits(msgspec.Struct, frozen=True):
    """When a value of a point is out of bounds; low and high in the point's unit."""

    severity: Severity
    skill: Skill
    low: float | None = None
    high: float | None = None
    hysteresis: float = 0.0  # how far back inside a value must come to be good again
    delay_s: int = 0  # how long a value must be outside to count


class Point(msgspec.Struct, frozen=True):
    """One quantity at one place of a building."""

    key: str
    name: str
    medium: Medium
    quantity: str  # of units.QUANTITIES
    kind: Kind
    every_s: int  # a value is expected this often
    space: str | None = None
    within: str | None = None  # key of the counter that this sub-meter's consumption runs through
    limits: Limits | None = None

    @property
    def unit(self) -> str:
        """The unit all values of the point are stored in."""
        return QUANTITIES[self.quantity].unit


class Mount(msgspec.Struct, frozen=True):
    """A physical meter at a point for a span of time; the times are UTC."""

    point: str
    serial: str
    mounted_from: datetime
    mounted_to: datetime | None = None
    calibrated_until: date | None = None


class Channel(msgspec.Struct, frozen=True):
    """A field of a device that feeds a point."""

    field: str
    point: str
    unit: str | None = None  # what the device sends, where its message does not say
    factor: float = 1.0  # value of the point = value sent × factor, as behind a transformer


class Device(msgspec.Struct, frozen=True):
    """Something that sends; `id` is what it calls itself in its format."""

    format: str  # of vocabulary.FORMATS
    id: str
    name: str
    channels: tuple[Channel, ...]
    ignore: tuple[str, ...] = ()  # fields that it sends and nobody wants
    profile: str | None = None  # what kind of device it is


class Plan(msgspec.Struct, frozen=True):
    """Maintenance that comes again."""

    key: str
    name: str
    task: str
    rrule: str  # RFC 5545, without DTSTART
    starts_on: date  # local date of the first due day
    skill: Skill
    lead_days: int = 14  # the ticket opens this long before it is due
    asset: str | None = None


class Building(msgspec.Struct, frozen=True):
    """A building with all that belongs to it."""

    key: str
    name: str
    use: Use
    floor_area_m2: float
    built: int
    renovated: int | None = None
    assets: tuple[Asset, ...] = ()
    points: tuple[Point, ...] = ()
    meters: tuple[Mount, ...] = ()
    devices: tuple[Device, ...] = ()
    plans: tuple[Plan, ...] = ()


class Site(msgspec.Struct, frozen=True):
    """A plot of land with its buildings; latitude and longitude in degrees (WGS 84)."""

    key: str
    municipality: str
    name: str
    address: str
    latitude: float
    longitude: float
    buildings: tuple[Building, ...] = ()


class Portfolio(msgspec.Struct, frozen=True):
    """Everything that is managed, and who does it."""

    municipalities: tuple[Municipality, ...]
    team: tuple[Technician, ...]
    sites: tuple[Site, ...]

    def buildings(self) -> Iterator[Building]:
        """All buildings in the order of the file."""
        for site in self.sites:
            yield from site.buildings
