"""Devices of which not all that is kept has been read since they were attached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import psycopg

from gebaeude.store.attachments import Identity
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


def mark(connection: Connection, device_id: int) -> None:
    """What is kept of the device is to be read. Does not commit."""
    _sql.mark(connection, device_id=device_id)


def since(connection: Connection, of: Identity) -> datetime | None:
    """When it was marked last; None where all is read."""
    found: datetime | None = _sql.since(connection, **_named(of))
    return found


def forget(connection: Connection, of: Identity, marked: datetime) -> None:
    """All is read that was there at `marked`. Does not commit."""
    _sql.forget(connection, **_named(of), since=marked)


def devices(connection: Connection) -> list[Identity]:
    """Those with something unread, the one that waits longest first."""
    return [(kind, device) for kind, device in _sql.devices(connection)]


@contextmanager
def alone(connection: Connection, of: Identity) -> Iterator[None]:
    """Nobody else reads what is kept of the device until this is over. Commits.

    Two at once would each find messages gone that the other is at, and take them for all.
    """
    _sql.lock(connection, **_named(of))
    connection.commit()
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # a connection that is gone holds no lock
            _sql.unlock(connection, **_named(of))
            connection.commit()


def is_being_read(connection: Connection, of: Identity) -> bool:
    """Whether somebody is reading what is kept of the device just now."""
    if not _sql.try_lock(connection, **_named(of)):
        return True
    _sql.unlock(connection, **_named(of))
    return False


def _named(of: Identity) -> dict[str, str]:
    return {"format": of[0], "device": of[1]}
