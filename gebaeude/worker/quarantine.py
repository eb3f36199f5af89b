"""Keeping quarantine within its bounds: what it drops is counted, and said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

from gebaeude.config import Settings
from gebaeude.store import bounds
from gebaeude.store.bounds import Part
from gebaeude.store.database import Connection
from gebaeude.worker import metrics

log = logging.getLogger(__name__)


def prune(connection: Connection, settings: Settings, now: datetime, stop: Event) -> None:
    """Drops what is too old, then the oldest of what is too much. Needs autocommit."""
    oldest = now - timedelta(days=settings.quarantine_max_days)
    _drop(bounds.drop_old(connection, oldest, now), "age", stop)
    most = settings.quarantine_max_mb * 1_000_000
    kept = bounds.kept_bytes(connection, most)
    _drop(bounds.drop_oldest(connection, kept - most, now), "size", stop)
    metrics.QUARANTINE_FILLED.set(min(kept, most) / most)


class Growth:
    """Whether quarantine has grown so much that the next look at its bounds cannot wait."""

    PART = 20  # of its bound

    def __init__(self, settings: Settings) -> None:
        self._step = settings.quarantine_max_mb * 1_000_000 // self.PART
        self._seen = 0

    def is_news(self, connection: Connection) -> bool:
        """True once for each twentieth of the bound that has been added since; cheap."""
        stored = bounds.stored_bytes(connection)
        has_grown = stored - self._seen > self._step
        if has_grown or stored < self._seen:
            self._seen = stored
        return has_grown


def _drop(parts: Iterator[Part], cause: bounds.Cause, stop: Event) -> None:
    messages, newest = 0, None
    for part in parts:
        metrics.QUARANTINE_DROPPED.labels(cause).inc(part.messages)
        messages, newest = messages + part.messages, part.newest
        if stop.is_set():
            break
    if newest is not None:
        log.warning(
            "quarantine is beyond its bound of %s: dropped the oldest %d messages, "
            "the newest of them last came %s",
            cause, messages, newest.isoformat(timespec="seconds"),
        )  # fmt: skip
