"""From a stored value beyond its limit to the ticket on the board, and what a round costs."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles

from bench import fill
from gebaeude.log import Trouble
from gebaeude.reports.board import board
from gebaeude.store import heartbeat
from gebaeude.store.database import Connection, connect, queries
from gebaeude.worker import limits, silence

_sql = queries(__file__)

Result = tuple[str, float, str, dict[str, object]]  # name, value, unit, context

TICKETS = 40
ROUNDS = 50
READINGS = 10_000_000
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.02


def latency(url: str) -> Iterator[Result]:
    """Seconds until a ticket is on the board; `url` is of an empty database."""
    fill.nordlippe(url)
    with connect(url, name="bench", autocommit=True) as connection:
        _sql.without_delay(connection)
        _sql.all_calm(connection)
        worker = _worker(url)
        try:
            _wait(lambda: "worker" in heartbeat.heartbeats(connection))
            points = list(_sql.limited_points(connection, count=TICKETS))
            took = [_until_ticket(connection, point) for point, *_keys in points]
        finally:
            worker.terminate()
            worker.wait(30)
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


def _until_ticket(connection: Connection, point_id: int) -> float:
    """Seconds from the commit of one value to one more ticket on the board."""
    time.sleep(random.random())  # any moment between two rounds
    before = board(connection, datetime.now(UTC)).open
    _sql.beyond(connection, point_id=point_id)
    return _timed(partial(_wait, lambda: board(connection, datetime.now(UTC)).open > before))


def _worker(url: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"GEBAEUDE_DATABASE_URL": url, "GEBAEUDE_LOG_LEVEL": "WARNING"}
    return subprocess.Popen([sys.executable, "-m", "gebaeude.cli", "work"], env=environment)


def _wait(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing after {PATIENCE_S} s")
        time.sleep(LOOK_EVERY_S)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
