"""From a published value beyond its limit to the ticket on the board; what a round costs."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles

from bench import fill
from bench.publish import Publisher
from bench.servers import Result, Servers, process
from gebaeude.log import Trouble
from gebaeude.reports.board import board
from gebaeude.store import heartbeat
from gebaeude.store.database import Connection, connect, queries
from gebaeude.worker import limits, silence

_sql = queries(__file__)

TICKETS = 40
ROUNDS = 50
READINGS = 10_000_000
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.02


def latency(on: Servers) -> Iterator[Result]:
    """Seconds from a logger's publish, through broker, ingest and worker, to the board."""
    url, broker = on.database(), on.broker()
    fill.nordlippe(url)
    environment = {"GEBAEUDE_DATABASE_URL": url, "GEBAEUDE_MQTT_URL": broker}
    with ExitStack() as running:
        connection = running.enter_context(connect(url, name="bench", autocommit=True))
        _sql.without_delay(connection)
        _sql.all_calm(connection)
        for command in ("ingest", "work"):
            running.enter_context(process(command, environment))
        publisher = running.enter_context(Publisher(broker, "bench-logger"))
        _wait(lambda: set(heartbeat.heartbeats(connection)) >= {"ingest", "worker"})
        _wait(lambda: heartbeat.heartbeats(connection)["ingest"].detail.get("broker"))
        points = list(_sql.limited_points(connection, count=TICKETS))
        took = [_until_ticket(connection, publisher, *point) for point in points]
    context: dict[str, object] = {"tickets": len(took), "max": round(max(took), 3)}
    yield "latency.limit_to_ticket.p95", round(quantiles(took, n=20)[-1], 3), "s", context


def rounds(url: str) -> Iterator[Result]:
    """The worker's two rules over a database full of readings; `url` is of an empty one."""
    fill.nordlippe(url)
    readings = fill.readings(url, READINGS, datetime.now(UTC))
    trouble = Trouble(logging.getLogger(__name__))
    with connect(url, name="bench", autocommit=True) as connection:
        for name, check in {"limits": limits.check, "silence": silence.check}.items():
            work = partial(check, connection, datetime.now(UTC), trouble)
            took = [_timed(work) * 1000 for _round in range(ROUNDS)]
            context: dict[str, object] = {"readings": readings, "max": round(max(took), 1)}
            yield f"worker.{name}.p95", round(quantiles(took, n=20)[-1], 1), "ms", context


def _until_ticket(
    connection: Connection,
    publisher: Publisher,
    building: str,
    logger: str,
    field: str,
    value: float,
) -> float:
    """Seconds from the publish of one value to one more ticket on the board."""
    time.sleep(random.random())  # any moment between two rounds
    before = board(connection, datetime.now(UTC)).open
    pack = [{"bn": logger, "bt": time.time(), "n": field, "v": value}]
    message = f"senml/{building}".encode(), json.dumps(pack).encode()

    def until_shown() -> None:
        publisher.publish([message])
        _wait(lambda: board(connection, datetime.now(UTC)).open > before)

    return _timed(until_shown)


def _wait(check: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing after {PATIENCE_S} s")
        time.sleep(LOOK_EVERY_S)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
