"""Wrong attempts: kept for a quarter of an hour, because they make the next one wait."""

from __future__ import annotations

from datetime import datetime

from gebaeude.access.delays import LONGEST, WITHIN, Failures
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


def note(connection: Connection, kind: str, key: str, now: datetime) -> None:
    """One more wrong attempt."""
    _sql.note(connection, kind=kind, key=key, now=now)


def failures(connection: Connection, kind: str, key: str, now: datetime) -> Failures:
    """The wrong attempts that still count; none from a future that a wrong clock has told of, or
    nobody could sign in until then."""
    span = {"since": now - WITHIN, "until": now + LONGEST}
    return Failures(*_sql.failures(connection, kind=kind, key=key, **span))


def forgive(connection: Connection, kind: str, key: str) -> None:
    """Forgets them: the right one has come."""
    _sql.forgive(connection, kind=kind, key=key)


def forgive_last(connection: Connection, kind: str, key: str) -> None:
    """Forgets the newest alone."""
    _sql.forgive_last(connection, kind=kind, key=key)
