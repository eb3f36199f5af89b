"""How fast others store the same readings from the same broker in the same database server.

Each finds all messages waiting in its session, as after an outage, and is watched from outside:
the clock runs from the moment it has connected to the broker until nine tenths of the rows are
there. So the start does not count, nor that the last rows of those who commit by the clock wait.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench import cpu
from bench.peers.contestants import CONTESTANTS, OURS, Contestant, Place, set_up
from bench.publish import Publisher
from bench.servers import Result, Servers
from gebaeude.demo.process import Child
from gebaeude.store.database import connect, queries

_sql = queries(__file__)

ROUNDS = 6
LEAST_ROUNDS = 2
MOST_S = 240.0  # after that no round begins
LOOK_EVERY_S = 0.03
NEARLY_ALL = 0.9
LOOKING = 0.05  # share of the time that may go into looking
START_S = 30.0
STILL_S = 15.0  # without a new row: nothing more will come
LONGEST_S = 120.0
STOP_S = 15.0


@dataclass(frozen=True)
class Run:
    """One contestant's run: readings a second, how many were stored, MB at most, how it ended.

    cpu_us: a reading, of the contestant and of the whole database server.
    """

    rate: float
    cpu_us: tuple[float, float]
    stored: int
    peak_mb: int
    exit_code: int | None
    last_words: str


def rates(on: Servers) -> Iterator[Result]:
    """Everybody's rate, the share that was stored, and ours as a multiple of theirs."""
    set_up()
    found: dict[str, list[Run]] = {name: [] for name in CONTESTANTS}
    began = time.monotonic()
    for turn in range(ROUNDS):
        if turn >= LEAST_ROUNDS and time.monotonic() - began > MOST_S:
            break
        for name in list(CONTESTANTS)[:: -1 if turn % 2 else 1]:
            if turn == 0 or _is_quick(found[name][0], CONTESTANTS[name]):
                found[name].append(_run(on, name, CONTESTANTS[name]))
    for name, runs in found.items():
        yield from _told(name, runs)
        if name != OURS:
            yield from _compared(name, found[OURS], runs)


def _compared(name: str, ours: list[Run], theirs: list[Run]) -> Iterator[Result]:
    """How many times as fast we are, and how many times as much of the processors they take.

    Round by round, in an order that turns about; who is slow has had fewer. What else the machine
    does changes from round to round, so only runs of the same round are compared.
    """
    pairs = list(zip(ours, theirs, strict=False))
    rates = [round(us.rate / them.rate, 2) for us, them in pairs]
    yield f"ingest.of_{name}", median(rates), "", {"ratios": rates}
    cpus = [round(sum(them.cpu_us) / sum(us.cpu_us), 2) for us, them in pairs]
    yield f"ingest.cpu_of_{name}", median(cpus), "", {"ratios": cpus}


def _told(name: str, runs: list[Run]) -> Iterator[Result]:
    """What a contestant's runs come to."""
    sent, stored = CONTESTANTS[name].most, [run.stored for run in runs]
    context: dict[str, object] = {"messages": sent, "exit_codes": [run.exit_code for run in runs]}
    rates = [round(run.rate) for run in runs]
    peaks = [run.peak_mb for run in runs]
    used = {
        who: round(median(run.cpu_us[at] for run in runs), 1)
        for at, who in enumerate((name, "database"))
    }
    more = {"rates": rates, "cpu_us_per_reading": used, "peaks_mb": peaks}
    yield f"peers.{name}.rate", median(rates), "1/s", context | more
    if min(stored) < sent:
        context |= {"log": runs[stored.index(min(stored))].last_words}
    share = round(sum(stored) / sent / len(runs), 4)
    yield f"peers.{name}.stored", share, "", context | {"stored": stored}


def _is_quick(run: Run, contestant: Contestant) -> bool:
    """What takes long is one run's average already."""
    return contestant.most / run.rate < 15


def _run(on: Servers, name: str, contestant: Contestant) -> Run:
    with place_for(on, name, contestant) as place:
        with Publisher(place.broker) as publisher:
            publisher.publish(contestant.messages(contestant.most))
        seen = on.broker_log().stat().st_size
        child = Child(contestant.command(place), place.state)
        try:
            _await_connection(on.broker_log(), seen, place.client)
            pid = child.process.pid
            rate, cpu_us = _watch(
                place.database, contestant.most, lambda: (cpu.of_family(pid), on.database_cpu())
            )
            peak = _peak_mb(child.process.pid)
        except TimeoutError as error:
            raise TimeoutError(f"{name}: {error}: {child.last_words()}") from error
        finally:
            child.stop(patience=STOP_S)
        # Some commit only when they are asked to end.
        return Run(
            rate,
            cpu_us,
            count_stored(place.database),
            peak,
            child.process.returncode,
            child.last_words(),
        )


def _await_connection(log: Path, seen: int, client: str) -> None:
    """Returns as soon as the broker has noted the client's connection, beyond `seen` bytes."""
    deadline = time.monotonic() + START_S
    noted = f" as {client} "
    with log.open(errors="replace") as lines:
        lines.seek(seen)
        text = ""
        while noted not in text:
            text += lines.read()
            if time.monotonic() > deadline:
                raise TimeoutError("it does not connect to the broker")
            time.sleep(0.01)


Used = tuple[float, float]  # s of the processors: the contestant, the database server


def _watch(database: str, expected: int, used: Callable[[], Used]) -> tuple[float, Used]:
    """Readings a second, and µs of the processors each, from now until nine tenths are stored."""
    with connect(database, name="bench", autocommit=True) as connection:
        began = time.perf_counter()
        before = then = used()
        most, last, pause = (began, 0), (began, 0), LOOK_EVERY_S
        while last[1] < expected:
            time.sleep(pause)
            asked = time.perf_counter()
            count = _sql.count_readings(connection)
            now = time.perf_counter()
            pause = max(LOOK_EVERY_S, (now - asked) / LOOKING)
            if count > last[1]:
                last = now, count
                if most[1] < NEARLY_ALL * expected:
                    most, then = last, used()
            elif now - last[0] > STILL_S or now - began > LONGEST_S:
                break
    if not most[1]:
        raise TimeoutError("nothing was stored")
    own, server = (1e6 * (end - start) / most[1] for start, end in zip(before, then, strict=True))
    return most[1] / (most[0] - began), (round(own, 2), round(server, 2))


def _peak_mb(pid: int) -> int:
    """0 if it has ended."""
    most = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()
    return int(most[0]) // 1024 if most else 0


def count_stored(database: str) -> int:
    """How many readings are in the table."""
    with connect(database, name="bench", autocommit=True) as connection:
        return int(_sql.count_readings(connection))


@contextmanager
def place_for(on: Servers, name: str, contestant: Contestant) -> Iterator[Place]:
    """A new database, and a session at the broker that waits for the contestant."""
    state = Path(tempfile.mkdtemp(prefix=f"gebaeude-bench-{name}-"))
    place = Place(state, on.database(), on.broker(), f"bench-{name}", contestant.topic)
    contestant.prepare(place.database)
    with ExitStack() as running:
        running.callback(shutil.rmtree, state, ignore_errors=True)
        session(place, clean=False)
        # Or the broker would go on keeping the others' messages for it.
        running.callback(session, place, clean=True)
        yield place


def session(place: Place, *, clean: bool) -> None:
    """Makes the session, or removes it and what waits in it."""
    address, subscribed = urlsplit(place.broker), False

    def on_connect(*_: object) -> None:
        client.subscribe(place.topic, qos=1)

    def on_subscribe(*_: object) -> None:
        nonlocal subscribed
        subscribed = True

    client = paho.Client(CallbackAPIVersion.VERSION2, place.client, clean_session=clean)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.connect(str(address.hostname), address.port or 1883)
    deadline = time.monotonic() + 10
    while not subscribed:
        if time.monotonic() > deadline:
            raise TimeoutError("the broker does not answer")
        client.loop(0.1)
    client.disconnect()
    client.loop(0.1)
