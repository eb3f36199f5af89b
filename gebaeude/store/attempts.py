"""Wrong attempts: kept for a quarter of an hour, because they make the next one wait."""

from __future__ import annotations

from datetime import datetime

from gebaeude.access.delays import WITHIN, Failures
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


def note(connection: Connection, kind: str, key: str, now: datetime) -> None:
    """One more wrong attempt."""
    _sql.note(connection, kind=kind, key=key, now=now)


def failures(connection: Connection, kind: str, key: str, now: datetime) -> Failures:
    """The wrong attempts that still count."""
    return Failures(*_sql.failures(connection, kind=kind, key=key, since=now - WITHIN))


def forgive(connection: Connection, kind: str, key: str) -> None:
    """Forgets them: the right one has come."""
    _sql.forgive(connection, kind=kind, key=key)


def forgive_last(connection: Connection, kind: str, key: str) -> None:
    """Forgets the newest alone."""
    _sql.forgive_last(connection, kind=kind, key=key)
