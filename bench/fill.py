"""Fills a database quickly with as much as a measurement needs, in SQL, without the broker."""

from __future__ import annotations

from datetime import datetime

from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.store import portfolio
from gebaeude.store.database import connect, queries
from gebaeude.store.migrate import migrate

_sql = queries(__file__)

SILENT_EVERY = 25  # one point in so many ended three days ago
NEVER_EVERY = 90  # one in so many never sent anything


def nordlippe(url: str) -> None:
    """The schema and the example portfolio in an empty database."""
    migrate(url)
    with connect(url, name="bench") as connection:
        portfolio.write(connection, load(NORDLIPPE))


def readings(url: str, count: int, until: datetime) -> int:
    """About `count` readings of the portfolio that end at `until`; returns how many."""
    with connect(url, name="bench", autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        days = count / _sql.per_day(connection)
        added: int = _sql.fill_points(
            connection,
            days=days,
            until=until,
            silent_every=SILENT_EVERY,
            never_every=NEVER_EVERY,
        )
        connection.execute("VACUUM (ANALYZE) reading")
        connection.execute("ANALYZE")
    return added


def trouble(url: str, until: datetime, messages: int) -> None:
    """Open and old findings with their tickets, and messages in quarantine."""
    with connect(url, name="bench", autocommit=True) as connection:
        _sql.fill_findings(connection, until=until)
        _sql.link_findings(connection)
        _sql.fill_quarantine(connection, messages=messages, until=until)
        connection.execute("VACUUM (ANALYZE) quarantine")
        connection.execute("ANALYZE")
