"""The words everything else is said in: enumerations and the two records of the ingest path."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec


class Medium(StrEnum):
    """What flows or is felt; each has one colour on every page."""

    HEAT = "heat"
    GAS = "gas"
    ELECTRICITY = "electricity"
    WATER = "water"
    PV = "pv"
    CLIMATE = "climate"


class Kind(StrEnum):
    """How the values of a point follow each other."""

    COUNTER = "counter"  # a register that only grows; consumption is the difference
    GAUGE = "gauge"  # a level at a moment
    STATE = "state"  # one of few numbered conditions


class Use(StrEnum):
    """What a building is used for."""

    TOWN_HALL = "town_hall"
    SCHOOL = "school"
    DAYCARE = "daycare"
    SPORTS_HALL = "sports_hall"
    FIRE_STATION = "fire_station"
    COMMUNITY_HOUSE = "community_house"
    INDOOR_POOL = "indoor_pool"
    DEPOT = "depot"
    LIBRARY = "library"


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


class Skill(StrEnum):
    """What a technician is trained for and a ticket asks for."""

    HEATING = "heating"
    VENTILATION = "ventilation"
    ELECTRICAL = "electrical"
    SANITARY = "sanitary"
    POOL = "pool"
    METERING = "metering"
    BUILDING = "building"


class Quality(IntEnum):
    """How a reading came about."""

    MEASURED = 0
    SUSPECT = 1
    SUBSTITUTED = 2
    MANUAL = 3


class Reason(StrEnum):
    """Why a message, or a value in it, could not become a reading."""

    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_DEVICE = "unknown_device"
    UNKNOWN_FIELD = "unknown_field"
    INVALID_JSON = "invalid_json"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_STRUCTURE = "invalid_structure"
    UNDECODED = "undecoded"
    NOT_A_NUMBER = "not_a_number"
    TIME_MISSING = "time_missing"
    TIME_NAIVE = "time_naive"
    TIME_IMPLAUSIBLE = "time_implausible"
    TIME_AHEAD = "time_ahead"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    RETAINED = "retained"
    UNIT_MISMATCH = "unit_mismatch"
    IMPLAUSIBLE_VALUE = "implausible_value"
    REFUSED_BY_DATABASE = "refused_by_database"


class Message(msgspec.Struct, frozen=True, gc=False):
    """One MQTT message as it came; topic and payload are bytes because devices send anything."""

    topic: bytes
    payload: bytes
    received: int  # µs since 1970-01-01 UTC, by our own clock
    retained: bool = False


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One number a device sent, before it is known which point it belongs to."""

    device: str  # the device's own id in its format
    field: str
    time: int  # µs since 1970-01-01 UTC
    value: float
    unit: str | None = None  # where the format tells it; else the channel knows
