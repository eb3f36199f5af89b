"""How much there is in the database: what `gebaeude status` prints and the demo starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

# Up to here counting takes well under a second.
COUNTED_READINGS = 2_000_000


@dataclass(frozen=True)
class Counts:
    """readings is estimated from the planner's statistics where there are millions of them."""

    readings: int
    readings_exact: bool
    buildings: int
    points: int
    quarantine: int
    findings_open: int
    tickets_open: int
    tickets: int
    mails_waiting: int


@dataclass(frozen=True)
class Reach:
    """newest: time of the newest reading. share_before: of the points, 0 to 1."""

    newest: datetime | None
    share_before: float


def counts(connection: Connection) -> Counts:
    """Return how much there is of everything."""
    estimated = int(_sql.estimated_readings(connection) or 0)
    exact = estimated <= COUNTED_READINGS
    readings = int(_sql.exact_readings(connection)) if exact else estimated
    return Counts(readings, exact, *_sql.counts(connection))


def reach(connection: Connection, since: datetime) -> Reach:
    """Return how far the readings reach, and how many points have any before `since`."""
    return Reach(*_sql.reach(connection, since=since))
