"""Which device's field is which point, as ingest needs it."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

CHANGED = "GB001"  # as migration 0062 has it


@dataclass(frozen=True)
class Channel:
    """A field of a device, tied to a point for a span of time."""

    format: str
    device: str  # the device's own id in its format
    field: str | None  # None: the device is known, and none of its fields
    since: int | None  # µs since 1970-01-01 UTC; None: from the beginning
    until: int | None  # the same, not included; None: until further notice
    point_id: int | None  # None: known and not wanted
    quantity: str | None
    unit: str | None  # the point's
    sent_unit: str | None  # the device's, where its messages do not say
    factor: float | None
    profile: str | None = None  # the device's


def version(connection: Connection) -> int:
    """A number that changes with the channels."""
    return int(_sql.version(connection))


def hold(connection: Connection) -> int:
    """The same number; the channels stay as they are until the transaction ends."""
    return int(_sql.hold(connection))


def insist(connection: Connection, version: int) -> None:
    """The channels stay as they are until the transaction ends, and are of this version.

    Otherwise the database raises, in a pipeline later on; `has_changed` knows the error.
    """
    _sql.insist(connection, version=version)


def has_changed(error: psycopg.Error) -> bool:
    """Whether this is the error of `insist`."""
    return error.sqlstate == CHANGED


def channels(connection: Connection) -> list[Channel]:
    """Every channel, those of one field in the order of their time."""
    return [Channel(*row) for row in _sql.channels(connection)]
