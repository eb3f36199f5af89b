"""What ingest tells Prometheus, and `gebaeude status` through its heartbeat."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from prometheus_client import Counter as Total
from prometheus_client import Gauge, Histogram

from gebaeude.model import Reason
from ingest.batch import Batch
from ingest.write import Stored

MESSAGES = Total("gebaeude_ingest_messages", "Messages written and acknowledged.")
READINGS = Total("gebaeude_ingest_readings", "Readings in these messages.")
CHANGED = Total("gebaeude_ingest_readings_changed", "Readings that were new or corrections.")
IGNORED = Total("gebaeude_ingest_ignored", "Messages that are no readings: joins, status, …")
QUARANTINED = Total("gebaeude_ingest_quarantined", "Messages kept in quarantine.", ["reason"])
for _reason in Reason:
    QUARANTINED.labels(_reason.value)  # there from the start, so that the first one is a step
BATCH = Histogram(
    "gebaeude_ingest_batch_messages", "Messages in a transaction.",
    buckets=(1, 10, 100, 500, 1000, 2000, 5000, 20000),
)  # fmt: skip
COMMIT = Histogram("gebaeude_ingest_commit_seconds", "Time from a full batch to its commit.")
LAG = Gauge("gebaeude_ingest_lag_seconds", "Age of the oldest message at its last commit.")
WAITING = Gauge("gebaeude_ingest_waiting_messages", "Messages received and not yet committed.")
DATABASE = Gauge("gebaeude_ingest_database_up", "1 while the database takes what we write.")
BROKER = Gauge("gebaeude_ingest_broker_up", "1 while connected to the broker.")


class Counts:
    """What one run of ingest has done so far."""

    def __init__(self) -> None:
        self._total = Counter[str]()

    def committed(self, batch: Batch, stored: Stored, seconds: float) -> None:
        """A batch has been written, in `seconds`."""
        messages, readings = len(batch), len(batch.rows)
        MESSAGES.inc(messages)
        READINGS.inc(readings)
        CHANGED.inc(stored.changed)
        IGNORED.inc(batch.ignored)
        BATCH.observe(messages)
        COMMIT.observe(seconds)
        LAG.set(time.time() - batch.messages[0].received / 1_000_000)
        for reason, count in Counter(entry.reason for entry in stored.rejected).items():
            QUARANTINED.labels(reason.value).inc(count)
        self._total.update(
            messages=messages,
            readings=readings,
            quarantined=len(stored.rejected),
            ignored=batch.ignored,
        )

    def detail(self, *, broker: bool) -> dict[str, Any]:
        """For the heartbeat: counts since the start, and whether the broker is there."""
        return {"broker": broker, **self._total}
