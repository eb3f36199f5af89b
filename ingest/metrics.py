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
LAG = Gauge(
    "gebaeude_ingest_lag_seconds", "Age of the oldest message not acknowledged; 0: there is none."
)
WAITING = Gauge("gebaeude_ingest_waiting_messages", "Messages of the transaction under way.")
DATABASE = Gauge("gebaeude_ingest_database_up", "1 while the database takes what we write.")
BROKER = Gauge("gebaeude_ingest_broker_up", "1 while connected to the broker.")
ORDER_DOUBTFUL = Gauge(
    "gebaeude_ingest_order_doubtful",
    "1 while several ingests share messages of a broker that may not order them.",
)


class Counts:
    """What one run of ingest has done so far."""

    def __init__(self) -> None:
        self._total = Counter[str]()
        self._oldest: int | None = None  # when the oldest one not acknowledged came, µs
        LAG.set_function(self._lag)

    def begun(self, batch: Batch) -> None:
        """A batch is being written: there is no older message that is not acknowledged."""
        self._oldest = batch.messages[0].received
        WAITING.set(len(batch))

    def _lag(self) -> float:
        oldest = self._oldest
        return 0.0 if oldest is None else max(0.0, time.time() - oldest / 1_000_000)

    def committed(self, batch: Batch, stored: Stored, seconds: float) -> None:
        """A batch has been written, in `seconds`."""
        self._oldest = None
        WAITING.set(0)
        messages, readings = len(batch), len(batch.rows)
        MESSAGES.inc(messages)
        READINGS.inc(readings)
        CHANGED.inc(stored.changed)
        IGNORED.inc(batch.ignored)
        BATCH.observe(messages)
        COMMIT.observe(seconds)
        # A message is kept once for each device in it; here it is one message.
        kept = {(id(entry.message), entry.reason) for entry in stored.rejected}
        for reason, count in Counter(reason for _, reason in kept).items():
            QUARANTINED.labels(reason.value).inc(count)
        self._total.update(
            messages=messages,
            readings=readings,
            quarantined=len(kept),
            ignored=batch.ignored,
        )

    def detail(self, *, broker: bool) -> dict[str, Any]:
        """For the heartbeat: counts since the start, and whether the broker is there."""
        return {"broker": broker, **self._total}
