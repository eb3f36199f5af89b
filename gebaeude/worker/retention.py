"""Dropping personal data when its time is over: counted, and said."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from threading import Event

from gebaeude.config import Settings
from gebaeude.store import retention
from gebaeude.store.database import Connection
from gebaeude.worker import metrics

log = logging.getLogger(__name__)

ACTOR = "Aufbewahrungsfristen"


def forget(connection: Connection, settings: Settings, now: datetime, stop: Event) -> None:
    """Drops what is to be kept no longer, part by part. Needs a connection in autocommit."""
    connection.execute("SELECT set_config('gebaeude.actor', %s, false)", [ACTOR])
    forgotten: Counter[str] = Counter()
    try:
        for kind, rows in retention.forget(connection, settings, now):
            metrics.FORGOTTEN.labels(kind).inc(rows)
            forgotten[kind] += rows
            if stop.is_set():
                break
    finally:
        if forgotten:
            told = ", ".join(f"{kind} {rows}" for kind, rows in forgotten.items())
            log.info("time to keep is over, dropped: %s", told)
