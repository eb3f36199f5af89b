"""What the worker tells Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

ROUNDS = Histogram(
    "gebaeude_worker_round_seconds",
    "Time a round over all limits took.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
LAST_ROUND = Gauge("gebaeude_worker_last_round_timestamp_seconds", "When a round last ended.")
OPENED = Counter("gebaeude_worker_findings_opened", "Findings opened.", ["rule"])
CLOSED = Counter("gebaeude_worker_findings_closed", "Findings closed.", ["rule"])
DUE = Counter("gebaeude_worker_due_dates", "Due dates of plans taken up.")
JOBS = Counter("gebaeude_worker_jobs", "Jobs run.", ["job", "outcome"])
MAILS = Counter("gebaeude_worker_mails", "Attempts to send a mail.", ["outcome"])
for _outcome in ("sent", "refused", "unreachable"):
    MAILS.labels(_outcome)  # there from the start, so that the first one is a step
MAILS_WAITING = Gauge("gebaeude_worker_mails_waiting", "Mails in the outbox.")
QUARANTINE_DROPPED = Counter(
    "gebaeude_worker_quarantine_dropped", "Messages dropped by the bounds.", ["cause"]
)  # fmt: skip
QUARANTINE_FILLED = Gauge(
    "gebaeude_worker_quarantine_filled_ratio", "Size of quarantine, as a part of its bound."
)
for _cause in ("age", "size"):
    QUARANTINE_DROPPED.labels(_cause)
FORGOTTEN = Counter(
    "gebaeude_worker_forgotten", "Rows dropped or emptied when their time was over.", ["kind"]
)  # fmt: skip
DATABASE = Gauge("gebaeude_worker_database", "1 while the database answers.")
