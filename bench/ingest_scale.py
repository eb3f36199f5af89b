"""Whether a message costs the same whatever the number of devices, and what more processes bring.

flat: one-reading messages of 10 to 100,000 devices, in turns. processes: 1, 2 and 4 ingests that
share the same queue, on the machine at hand with broker and database.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

from bench.ingest import CLIENT, MESSAGES, prepared, queue, uplinks, whole_way
from bench.servers import Result, Servers, started
from gebaeude.store import heartbeat, members
from gebaeude.store.database import Connection, connect

SIZES = (10, 100, 1_000, 10_000, 100_000)  # devices
PROCESSES = (1, 2, 4)
ROUNDS = 3
PATIENCE_S = 120.0


def flat(on: Servers) -> Iterator[Result]:
    """Cost of a message with 100,000 devices, as a multiple of that with 10."""
    databases = {size: prepared(on, size) for size in SIZES}
    costs: dict[int, list[float]] = {size: [] for size in SIZES}
    for turn in range(ROUNDS):
        for size, (database, broker) in databases.items():
            queue(broker, uplinks(turn, size))
            costs[size].append(round(1e6 / whole_way(database, broker, MESSAGES), 1))
    middle = {size: median(of) for size, of in costs.items()}
    context: dict[str, object] = {"messages": MESSAGES, "us_per_message": costs}
    yield "ingest.flat", round(middle[SIZES[-1]] / middle[SIZES[0]], 2), "", context


def processes(on: Servers) -> Iterator[Result]:
    """Messages a second of several ingests together."""
    database, broker = prepared(on)
    turn = 0
    for several in PROCESSES:
        rates = []
        with ExitStack() as running, connect(database, name="bench", autocommit=True) as connection:
            pids = [
                running.enter_context(started("ingest", _settings(database, broker, number))).pid
                for number in range(several)
            ]
            _wait_for(connection, several)
            for _round in range(ROUNDS):
                _signal(pids, signal.SIGSTOP)
                queue(broker, uplinks(turn))
                turn += 1
                began = time.monotonic()
                _signal(pids, signal.SIGCONT)
                _until_stored(connection, turn * MESSAGES)
                rates.append(round(MESSAGES / (time.monotonic() - began)))
        context: dict[str, object] = {"messages": MESSAGES, "rates": rates}
        yield f"ingest.processes.{several}", median(rates), "1/s", context


def _settings(database: str, broker: str, number: int) -> dict[str, str]:
    return {
        "GEBAEUDE_DATABASE_URL": database,
        "GEBAEUDE_MQTT_URL": broker,
        "GEBAEUDE_MQTT_CLIENT_ID": CLIENT,
        "GEBAEUDE_INGEST_NAME": str(number) if number else "",
    }


def _wait_for(connection: Connection, several: int) -> None:
    """Returns once so many take part and go by the newest generation."""

    def is_so() -> bool:
        newest = members.latest(connection)
        beats = heartbeat.heartbeats(connection).values()
        return (
            newest is not None
            and len(newest.members) == several
            and all(members.of_session(connection, one) == newest for one in newest.members)
            and sum(beat.alive and bool(beat.detail.get("broker")) for beat in beats) == several
        )

    _wait(is_so, f"{several} ingests")


def _until_stored(connection: Connection, readings: int) -> None:
    def are_there() -> bool:
        (found,) = connection.execute("SELECT count(*) FROM reading").fetchone() or (0,)
        return bool(found >= readings)

    _wait(are_there, f"{readings} readings")


def _wait(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)
