"""Who changed what from which value to which, when, from where: read, added to, and checked.

Changes of rows are written by triggers (migration 0072). Each transaction's entries are chained
when it commits, so that one that is altered or removed later shows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

CHANGES = ("insert", "update", "delete")
# What was not let through.
REFUSALS = (
    "sign_in.failed", "sign_in.refused", "second_factor.failed", "second_factor.refused",
    "session.refused", "token.refused", "link.refused", "access.refused", "access.missing",
    "input.refused", "request.refused",
)  # fmt: skip


class Entry(msgspec.Struct, frozen=True):
    """One line of the audit."""

    position: int  # in the chain
    at: datetime
    account: int | None  # id
    actor: str | None  # name of a person, process or command
    origin: str | None  # IP address
    action: str  # insert, update, delete; what was noted
    subject: str  # table/key
    municipality: str | None  # its name, or the names of those whose people it is about
    building: str | None  # key
    building_name: str | None
    before: dict[str, Any] | None  # of a change only what differs
    after: dict[str, Any] | None
    emptied_at: datetime | None  # when what it said of people was removed


class Filters(msgspec.Struct, frozen=True):
    """What to show; None: whatever it is."""

    account: int | None = None
    actor: str | None = None  # their name
    subject: str | None = None  # how it begins
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    municipality: str | None = None  # key
    building: str | None = None  # key


class Verified(msgspec.Struct, frozen=True):
    """What came of walking the chain."""

    entries: int
    emptied: int  # of these, entries that say nothing of people any more
    head: bytes  # hash of the last entry; to be kept elsewhere
    fault: str | None = None  # missing, unlinked, altered, unchained, cut
    position: int | None = None  # of the first entry that is wrong
    at: datetime | None = None


def note(
    connection: Connection,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
    *,
    municipality: int | None = None,
    building: int | None = None,
) -> None:
    """Keeps what somebody did that changed no row, in the name of whom the connection is.

    subject: table/key. Never a password, a code or a token.
    """
    _sql.note(
        connection, action=action, subject=subject, municipality=municipality, building=building,
        detail=Jsonb(detail or {}),
    )  # fmt: skip


def entries(
    connection: Connection, filters: Filters, *, before: int | None = None, limit: int = 100
) -> list[Entry]:
    """The newest first; page with `before` = the last one's position."""
    found = _sql.entries(connection, before=before, limit=limit, **msgspec.structs.asdict(filters))
    return [Entry(*row) for row in found]


def actors(connection: Connection) -> list[str]:
    """Everybody who has acted, by name."""
    return [name for (name,) in _sql.actors(connection)]


def refused(connection: Connection, since: datetime) -> int:
    """How often somebody was not let in; of a flood one entry a minute was kept."""
    return int(_sql.refused(connection, since=since, actions=list(REFUSALS)))


def verify(connection: Connection) -> Verified:
    """Walks the chain; needs the owner's connection, and reads every entry."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL statement_timeout = 0")
        position, head, last, last_hash, emptied = _sql.head(connection)
        wrong = _sql.broken(connection)
    if wrong is not None:
        return Verified(last, emptied, head, wrong[2], wrong[0], wrong[1])
    if (position, head) != (last, last_hash):
        return Verified(last, emptied, head, "cut", last + 1)
    return Verified(last, emptied, head)


def empty(connection: Connection, before: datetime) -> int:
    """Removes what entries older than this say of people; returns how many. Does not commit."""
    return int(_sql.empty(connection, before=before))
