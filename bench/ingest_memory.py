"""What ingest takes of memory with a backlog waiting for it, and how a process is looked at."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ingest import CLIENT, MESSAGES, PACK, PACKS, Messages, packs, prepared, queue, uplinks
from bench.servers import Result, Servers, started
from gebaeude.demo import ports
from gebaeude.store.database import connect

BACKLOG = 300_000  # messages of one reading
BACKLOG_OF_PACKS = 12_000
PATIENCE_S = 120.0


def memory(on: Servers) -> Iterator[Result]:
    """The most memory the process ever takes, with a backlog waiting in the broker.

    Of packs the two batches, of which one is being written and one collected, are full.
    """
    rounds, more = BACKLOG // MESSAGES, BACKLOG_OF_PACKS // PACKS
    yield "ingest.memory", *_most(on, (uplinks(turn) for turn in range(rounds)), BACKLOG)
    readings = BACKLOG_OF_PACKS * PACK
    yield "ingest.memory.packs", *_most(on, (packs(turn) for turn in range(more)), readings)


def _most(
    on: Servers, backlog: Iterable[Messages], readings: int
) -> tuple[float, str, dict[str, object]]:
    database, broker = prepared(on)
    for messages in backlog:
        queue(broker, messages)
    with ingest_process(database, broker) as (pid, _port):
        began, stored = time.monotonic(), 0
        with connect(database, name="bench", autocommit=True) as connection:
            while stored < readings and time.monotonic() - began < PATIENCE_S:
                time.sleep(0.5)
                (stored,) = connection.execute("SELECT count(*) FROM reading").fetchone() or (0,)
        return megabytes(pid, "VmHWM"), "MB", {"backlog": readings, "stored": stored}


@contextmanager
def ingest_process(database: str, broker: str) -> Iterator[tuple[int, int]]:
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


def until_written(port: int, messages: int) -> None:
    """Waits until so many messages are written."""
    deadline = time.monotonic() + PATIENCE_S
    while written(port) < messages:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{messages} messages were not written")
        time.sleep(0.2)


def written(port: int) -> float:
    """Messages that ingest has written and acknowledged; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("gebaeude_ingest_messages_total "):
                    return float(line.split()[1])
    except OSError:
        pass
    return 0.0


def megabytes(pid: int, name: str) -> float:
    """What the kernel says under this name, such as VmRSS."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return round(int(line.split()[1]) / 1024, 1)
    raise ProcessLookupError(pid)
