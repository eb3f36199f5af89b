"""Tickets for the due dates of maintenance plans."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from gebaeude.log import Trouble
from gebaeude.maintenance.plans import due_dates
from gebaeude.store import plans as store
from gebaeude.store.database import Connection
from gebaeude.store.plans import Standing
from gebaeude.worker import metrics
from gebaeude.worker.context import attempt


def open_due(connection: Connection, now: datetime, trouble: Trouble) -> None:
    """Takes up every due date that has come. Needs a connection in autocommit."""
    for standing in store.plans(connection):
        work = partial(_take_up, connection, standing, now)
        attempt(trouble, "maintenance plans", f"plan {standing.id}", work)


def _take_up(connection: Connection, standing: Standing, now: datetime) -> None:
    for due_on in due_dates(standing.plan, after=standing.taken_up, now=now):
        metrics.DUE.inc(store.take_up(connection, standing.id, due_on, now))
