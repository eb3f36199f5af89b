"""What ingest takes of memory: with a backlog waiting for it, and over ten million messages.

leak: one process takes messages for as long as it takes. Nine of ten have come before, so that the
database stays small; one of ten is new. What counts is how much the process has grown between the
first million and the last message.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from bench.ingest import CLIENT, DEVICES, MESSAGES, Messages, prepared, queue, uplinks
from bench.publish import Publisher
from bench.servers import Result, Servers, started
from gebaeude.demo import ports
from gebaeude.store.database import connect

BACKLOG = 300_000
PATIENCE_S = 120.0
TOTAL = 10_000_000
FIRST = 1_000_000  # messages, after which memory is looked at first
ROUND = 50_000
MOST_UNDER_WAY = 150_000
MOST_S = 1_500.0  # then it ends with fewer messages, and says so
NEW_EVERY = 10


def memory(on: Servers) -> Iterator[Result]:
    """The most memory the process ever takes, with a backlog waiting in the broker."""
    database, broker = prepared(on)
    for turn in range(BACKLOG // MESSAGES):
        queue(broker, uplinks(turn))
    with _ingest(database, broker) as (pid, _port):
        began, stored = time.monotonic(), 0
        with connect(database, name="bench", autocommit=True) as connection:
            while stored < BACKLOG and time.monotonic() - began < PATIENCE_S:
                time.sleep(0.5)
                (stored,) = connection.execute("SELECT count(*) FROM reading").fetchone() or (0,)
        most = _megabytes(pid, "VmHWM")
    yield "ingest.memory", most, "MB", {"backlog": BACKLOG, "stored": stored}


def leak(on: Servers) -> Iterator[Result]:
    """MB that the process has grown by, from the first million messages to the last."""
    database, broker = prepared(on)
    known, fresh = list(uplinks(0)), _new()
    at_first, sent, began = 0.0, 0, time.monotonic()
    with _ingest(database, broker) as (pid, port), Publisher(broker) as publisher:
        while sent < TOTAL and time.monotonic() - began < MOST_S:
            sent += publisher.publish(_mixed(known, fresh, sent))
            _until(port, sent - MOST_UNDER_WAY)
            if not at_first and sent >= FIRST:
                _until(port, sent)
                at_first = _megabytes(pid, "VmRSS")
        _until(port, sent)
        took = time.monotonic() - began
        at_last = _megabytes(pid, "VmRSS")
    context: dict[str, object] = {
        "messages": sent, "rate": round(sent / took), "mb_at_first_million": at_first,
        "mb_at_last": at_last,
    }  # fmt: skip
    yield "ingest.leak", round(at_last - at_first, 1), "MB", context


def _mixed(known: list[tuple[bytes, bytes]], fresh: Messages, sent: int) -> Messages:
    for number in range(sent, sent + ROUND):
        yield known[number % MESSAGES] if number % NEW_EVERY else next(fresh)


def _new() -> Messages:
    """Uplinks with times that were not there before, without end."""
    return (message for turn in count(1) for message in uplinks(turn, DEVICES))


@contextmanager
def _ingest(database: str, broker: str) -> Iterator[tuple[int, int]]:
    """Its process id, and the port of its metrics."""
    port = ports.any_free()
    environment = {
        "GEBAEUDE_DATABASE_URL": database,
        "GEBAEUDE_MQTT_URL": broker,
        "GEBAEUDE_MQTT_CLIENT_ID": CLIENT,
        "GEBAEUDE_METRICS_PORT": str(port),
    }
    with started("ingest", environment) as running:
        yield running.pid, port


def _until(port: int, messages: int) -> None:
    """Waits until so many messages are written."""
    deadline = time.monotonic() + PATIENCE_S
    while _written(port) < messages:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{messages} messages were not written")
        time.sleep(0.2)


def _written(port: int) -> float:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("gebaeude_ingest_messages_total "):
                    return float(line.split()[1])
    except OSError:
        pass
    return 0.0


def _megabytes(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return round(int(line.split()[1]) / 1024, 1)
    raise ProcessLookupError(pid)
