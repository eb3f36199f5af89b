"""The bounds of quarantine: by age and by size, oldest first, and every message counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gebaeude.model import Reason
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

Cause = Literal["age", "size"]

PART = 2000  # messages a transaction, so that ingest never waits long
OVERHEAD = 350  # bytes a row takes beside topic, payload and detail, with its index entries; about
_ALL = 2**62


@dataclass(frozen=True)
class Part:
    """Messages dropped in one transaction."""

    messages: int
    newest: datetime  # when the newest of them last came


@dataclass(frozen=True)
class Dropped:
    """What the bounds have cost on one day, of the messages kept for one reason."""

    day: date  # UTC
    cause: Cause
    reason: Reason
    messages: int  # different ones
    times: int  # how often they had come, all together
    newest: datetime  # when the newest of them last came


def drop_old(connection: Connection, before: datetime, now: datetime) -> Iterator[Part]:
    """Drops messages that last came before a moment. Needs a connection in autocommit."""
    while part := _drop(connection, "age", before, _ALL, now):
        yield part[0]


def drop_oldest(connection: Connection, free: int, now: datetime) -> Iterator[Part]:
    """Drops the oldest messages until `free` bytes are. Needs a connection in autocommit."""
    while free > 0 and (part := _drop(connection, "size", None, free, now)):
        free -= part[1]
        yield part[0]


def stored_bytes(connection: Connection) -> int:
    """Bytes that quarantine takes on disk, room of deleted messages included; cheap."""
    return int(_sql.stored_bytes(connection))


def kept_bytes(connection: Connection, at_most: int) -> int:
    """Bytes that quarantine takes; counted in detail only where it might be more than `at_most`."""
    stored = stored_bytes(connection)
    return stored if stored <= at_most else int(_sql.kept_bytes(connection, overhead=OVERHEAD))


def dropped(connection: Connection) -> list[Dropped]:
    """Everything the bounds have cost so far, latest day first."""
    return [Dropped(row[0], row[1], Reason(row[2]), *row[3:]) for row in _sql.dropped(connection)]


def _drop(
    connection: Connection, cause: Cause, before: datetime | None, free: int, now: datetime
) -> tuple[Part, int] | None:
    count, freed, newest = _sql.drop_oldest(
        connection,
        cause=cause,
        before=before or "infinity",
        bytes=free,
        overhead=OVERHEAD,
        now=now,
        count=PART,
    )
    return (Part(count, newest), freed) if count else None
