"""Whether a message costs the same whatever the number of devices, and what more processes bring.

flat: one-reading messages of 10 to 100,000 devices. processes: 1, 2 and 4 ingests that share the
same messages, on the machine at hand with broker and database. Both go round by round through all
sizes, and only what was measured in the same round is compared, because a shared machine is never
the same twice. Beside the time by the clock stands the processors' time, which sways less.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from bench import cpu
from bench.ingest import (
    CLIENT,
    DEVICES,
    FRACTION,
    MESSAGES,
    START,
    Way,
    cost_of_way,
    prepared,
    queue,
    uplinks,
)
from bench.servers import Result, Servers, started
from gebaeude.store import heartbeat, members
from gebaeude.store.database import Connection, connect, queries

_sql = queries(__file__)

SIZES = (10, 100, 1_000, 10_000, 100_000)  # devices
PROCESSES = (1, 2, 4)
PARTS = 3  # a run of flat is so long that devices' signs of life fall into it, every 5 s
ROUNDS = 7
LEAST_ROUNDS = 2
MOST_S = 120.0  # after that no round begins
PATIENCE_S = 120.0


def flat(on: Servers) -> Iterator[Result]:
    """Cost of a message with 100,000 devices, as a multiple of that with 10."""
    databases = {size: prepared(on, size) for size in SIZES}
    costs: dict[int, list[Way]] = {size: [] for size in SIZES}
    for turn, order in _rounds(SIZES):
        for size in order:
            database, broker = databases[size]
            for part in range(PARTS):
                queue(broker, uplinks(PARTS * turn + part, size))
            costs[size].append(cost_of_way(database, broker, PARTS * MESSAGES))
    context: dict[str, object] = {"messages": PARTS * MESSAGES}
    for name, cost in _COSTS.items():
        of = {size: [round(cost(way), 2) for way in ways] for size, ways in costs.items()}
        ratios = _ratios(of[SIZES[-1]], of[SIZES[0]])
        middle = {size: round(median(values), 1) for size, values in of.items()}
        more = {"us_per_message": middle, "ratios": ratios}
        yield f"ingest.flat{name}", median(ratios), "", context | more


# What is compared, in µs a message: by the clock, and of the processors.
_COSTS: dict[str, Callable[[Way], float]] = {
    "": lambda way: 1e6 / way.rate,
    ".cpu": lambda way: way.ingest_us + way.database_us,
    ".cpu_ingest": lambda way: way.ingest_us,
    ".cpu_database": lambda way: way.database_us,
}


@dataclass
class Team:
    """Ingests that share messages, with a broker and a database of their own."""

    broker: str
    broker_pid: int
    connection: Connection
    pids: list[int]
    rates: list[int] = field(default_factory=list)
    cpu_us: list[dict[str, float]] = field(default_factory=list)  # a message, by who takes it


def processes(on: Servers) -> Iterator[Result]:
    """Messages a second of several ingests together."""
    with ExitStack() as running:
        teams = {several: _team(on, several, running) for several in PROCESSES}
        for turn, order in _rounds(PROCESSES):
            for several in order:
                _measure(teams[several], turn)
        stored = {several: _sql.count_readings(teams[several].connection) for several in teams}
    for several, team in teams.items():
        used = {who: median(one[who] for one in team.cpu_us) for who in team.cpu_us[0]}
        more: dict[str, object] = {
            "messages": MESSAGES * len(team.rates),
            "stored": stored[several],
            "rates": team.rates,
            "cpu_us_per_message": used,
        }
        yield f"ingest.processes.{several}", median(team.rates), "1/s", more
        if several > 1:
            ratios = _ratios(team.rates, teams[1].rates)
            yield f"ingest.processes.{several}.of_1", median(ratios), "", {"ratios": ratios}


def _rounds(sizes: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each round's number and the order in it, which turns about."""
    began = time.monotonic()
    for turn in range(ROUNDS):
        if turn >= LEAST_ROUNDS and time.monotonic() - began > MOST_S:
            return
        yield turn, sizes[:: -1 if turn % 2 else 1]


def _ratios(these: list[float] | list[int], those: list[float] | list[int]) -> list[float]:
    return [round(this / that, 3) for this, that in zip(these, those, strict=True)]


def _team(on: Servers, several: int, running: ExitStack) -> Team:
    """So many ingests that all take part."""
    name = f"broker-{several}"
    database, broker = prepared(on, name=name)
    connection = running.enter_context(connect(database, name="bench", autocommit=True))
    team = Team(broker, on.broker_pid(name), connection, [])
    for number in range(several):
        settings = _settings(database, broker, number)
        team.pids.append(running.enter_context(started("ingest", settings)).pid)
        if number in (0, several - 1):  # the first has no name, and would take over from others
            _wait_for(connection, number + 1)
    return team


def _measure(team: Team, turn: int) -> None:
    """One round of messages that wait until all of the team begin at once."""
    _signal(team.pids, signal.SIGSTOP)
    queue(team.broker, uplinks(turn))
    before, began = _used(team), time.monotonic()
    _signal(team.pids, signal.SIGCONT)
    _wait(lambda: _is_done(team.connection, turn), f"the messages of {len(team.pids)} ingests")
    team.rates.append(round(MESSAGES / (time.monotonic() - began)))
    per = 1e6 / MESSAGES
    team.cpu_us.append({who: round((s - before[who]) * per, 2) for who, s in _used(team).items()})


def _is_done(connection: Connection, turn: int) -> bool:
    """Whether every device's last message is stored; all of a device's are written in order."""
    steps = (turn + 1) * MESSAGES // DEVICES - 1
    last = START + timedelta(minutes=10) * steps + FRACTION
    return bool(_sql.count_at(connection, time=last) == DEVICES)


def _used(team: Team) -> dict[str, float]:
    """Seconds of the processors so far."""
    backends = [row[0] for row in _sql.backends_of_ingest(team.connection)]
    return {
        "ingest": cpu.seconds(team.pids),
        "database": cpu.seconds(backends),
        "broker": cpu.seconds([team.broker_pid]),
    }


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


def _wait(check: Callable[[], bool], what: str) -> None:
    """Looks as often as takes a twentieth of the time."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        asked = time.monotonic()
        if check():
            return
        if asked > deadline:
            raise TimeoutError(what)
        time.sleep(max(0.02, 20 * (time.monotonic() - asked)))


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)
