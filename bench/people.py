"""What people wait for while devices send: signed in, by the way a browser takes, beside ingest."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen

from bench import access, fill
from bench.browser import Browser
from bench.ingest import DEVICES, prepare
from bench.latency import uplink
from bench.publish import Publisher
from bench.servers import Result, Servers, started
from dashboard.shell import FRESH_EVERY_S
from gebaeude.access import sealed
from gebaeude.access.roles import Role
from gebaeude.demo.ports import any_free
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.signin.cookies import SESSION
from gebaeude.store import accounts, portfolio, sessions, summary, webrole
from gebaeude.store.database import Connection, connect
from gebaeude.store.sessions import Strength

PEOPLE = 50
EVERY_S = 5.0  # a page each
SECONDS = 60
WARM_UP_S = 10.0
RATE = 2000  # messages a second
READINGS = 2_000_000
LOOK_EVERY_S = 0.5  # at the lag of ingest
CATCH_UP_S = 60.0
BENCH = "bench"  # municipality of the devices that send; nobody's
API = "/api/v1/buildings"
CLOCK = "every half minute"  # what each open page asks by itself
ROLES = (Role.FACILITY_MANAGER, Role.TECHNICIAN, Role.TREASURER, Role.READER)


@dataclass
class Seen:
    """What one person waited for [ms], by page, and what went wrong."""

    took: list[tuple[str, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def load_of_people(on: Servers) -> Iterator[Result]:
    """50 people, each with a page every 5 s, beside 2,000 messages/s."""
    database, broker, web, told = on.database(), on.broker(), any_free(), any_free()
    pages, cookies = _prepared(database)
    seen = [Seen() for _person in cookies]
    lags: list[float] = []
    processes: dict[str, int] = {}
    with ExitStack() as running:
        for command, settings in _settings(database, broker, web, told).items():
            processes[command] = running.enter_context(started(command, settings)).pid
        _until_everybody_is_there(web, told)
        stream = multiprocessing.get_context("spawn").Process(target=_stream, args=(broker,))
        stream.start()
        before = {command: _cpu_s(number) for command, number in processes.items()}
        ends = time.monotonic() + WARM_UP_S + SECONDS
        people = [
            threading.Thread(target=_look, args=(web, cookie, pages, ends, one))
            for cookie, one in zip(cookies, seen, strict=True)
        ]
        for person in people:
            person.start()
        while time.monotonic() < ends:
            lags.append(_metric(told, "gebaeude_ingest_lag_seconds"))
            time.sleep(LOOK_EVERY_S)
        for person in people:
            person.join()
        busy = {
            command: round((_cpu_s(number) - before[command]) / (WARM_UP_S + SECONDS), 2)
            for command, number in processes.items()
        }
        stream.join()
        missing, caught_up = _caught_up(database)
    yield from _told(seen, lags, missing, caught_up, busy)


def _prepared(database: str) -> tuple[list[str], list[str]]:
    """Paths that people open, and a cookie each."""
    prepare(database)
    with connect(database, name="bench") as connection:
        portfolio.write(connection, load(NORDLIPPE))
    now = datetime.now(UTC)
    fill.readings(database, READINGS, now)
    fill.trouble(database, now, 1000)
    with connect(database, name="bench", autocommit=True) as connection:
        connection.execute("DELETE FROM reading WHERE time > now() - interval '1 minute'")
        webrole.grant(connection)
        cookies = [_person(connection, number, now) for number in range(PEOPLE)]
        houses = [one.key for one in summary.buildings(connection) if one.municipality != BENCH]
    pages = ["/", "/gebaeude", "/datenqualitaet", "/geraete", "/auftraege"]
    return [*pages, *(f"/gebaeude/{key}" for key in houses[:15])], cookies


def _person(connection: Connection, number: int, now: datetime) -> str:
    account = accounts.add(connection, f"person{number}@nordlippe.example", "Person", now)
    for _id, key, _name in accounts.municipalities(connection):
        if key != BENCH:
            accounts.give_role(connection, account, key, ROLES[number % len(ROLES)])
    begun = sessions.start(
        connection, account=account, strength=Strength.SECOND_FACTOR, origin="127.0.0.1",
        agent="bench", now=now,
    )  # fmt: skip
    return f"{SESSION}={begun}"


def _settings(database: str, broker: str, web: int, told: int) -> dict[str, dict[str, str]]:
    return {
        "ingest": {
            "GEBAEUDE_DATABASE_URL": database,
            "GEBAEUDE_MQTT_URL": broker,
            "GEBAEUDE_METRICS_PORT": str(told),
        },
        "serve": {
            "GEBAEUDE_WEB_DATABASE_URL": access.as_web(database),
            "GEBAEUDE_SECOND_FACTOR_KEY": sealed.new_key(),
            "GEBAEUDE_DATABASE_URL": "",
            "GEBAEUDE_WEB_PORT": str(web),
        },
    }


def _until_everybody_is_there(web: int, told: int) -> None:
    deadline = time.monotonic() + 60
    wanted = (f"http://127.0.0.1:{web}/api/v1/health/ready", f"http://127.0.0.1:{told}/metrics")
    for address in wanted:
        while True:
            try:
                with urlopen(address, timeout=5):
                    break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def _stream(broker: str) -> None:
    """`RATE` messages a second, in hundredths of a second."""
    began, device = time.perf_counter(), 0
    with Publisher(broker, "bench-stream") as publisher:
        for tick in range(round((WARM_UP_S + SECONDS) * 100)):
            sent = [uplink((device + n) % DEVICES, 20 + n % 10) for n in range(RATE // 100)]
            device += len(sent)
            publisher.publish(sent)
            time.sleep(max(0.0, began + (tick + 1) / 100 - time.perf_counter()))


def _look(web: int, cookie: str, pages: Sequence[str], ends: float, seen: Seen) -> None:
    """One person: a page every `EVERY_S`, in a browser that keeps its connection and its clock."""
    draw = random.Random(cookie)
    browser = Browser(web, cookie)
    began = time.monotonic()
    counts = began + WARM_UP_S
    next_at = began + draw.uniform(0, EVERY_S)
    ticks_at = next_at + draw.uniform(0, FRESH_EVERY_S)
    while next_at < ends:
        if ticks_at < next_at:
            time.sleep(max(0.0, ticks_at - time.monotonic()))
            waits = [(CLOCK, browser.tick)]
            ticks_at += FRESH_EVERY_S
        else:
            time.sleep(max(0.0, next_at - time.monotonic()))
            path = draw.choice(pages)
            waits = [(path, partial(browser.page, path))]
            if path == "/gebaeude":
                waits.append((API, partial(browser.get, API)))
            next_at += EVERY_S
        for name, wait in waits:
            sent = time.perf_counter()
            wrong = wait()
            took = (time.perf_counter() - sent) * 1000
            if time.monotonic() >= counts:
                seen.took.append((name, took))
            if wrong:
                seen.wrong.append(wrong)
    browser.close()


def _cpu_s(number: int) -> float:
    """Seconds of processor time that the process has used."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _metric(port: int, name: str) -> float:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
    return 0.0


def _caught_up(database: str) -> tuple[int, float]:
    """Readings that are missing, and how long after the last message all were there [s]."""
    expected, began = RATE * round(WARM_UP_S + SECONDS), time.monotonic()
    with connect(database, name="bench", autocommit=True) as connection:
        while True:
            row = connection.execute(
                "SELECT count(*) FROM reading WHERE point_id IN (SELECT id FROM point"
                " WHERE starts_with(key, 'room-')) AND time > now() - interval '10 minutes'"
            ).fetchone()
            missing = expected - (row[0] if row else 0)
            waited = time.monotonic() - began
            if missing <= 0 or waited > CATCH_UP_S:
                return missing, waited
            time.sleep(0.2)


def _told(
    seen: Sequence[Seen],
    lags: Sequence[float],
    missing: int,
    caught_up: float,
    busy: dict[str, float],
) -> Iterator[Result]:
    took = [ms for one in seen for path, ms in one.took if path != CLOCK]
    wrong = [text for one in seen for text in one.wrong]
    by_page: dict[str, list[float]] = {}
    for one in seen:
        for path, ms in one.took:
            one_house = path.startswith("/gebaeude/")
            by_page.setdefault("/gebaeude/…" if one_house else path, []).append(ms)
    context: dict[str, object] = {
        "people": PEOPLE,
        "pages": len(took),
        "warm_up_s": WARM_UP_S,
        "errors": len(wrong),
        "first_errors": wrong[:3],
        "median": round(median(took), 1),
        "max": round(max(took), 1),
        "medians": {path: round(median(all_of), 1) for path, all_of in by_page.items()},
        "messages_per_s": RATE,
        "cores_used": busy,
    }
    yield "people.load.p95", round(quantiles(took, n=20)[-1], 1), "ms", context
    beside: dict[str, object] = {
        "median": round(median(lags), 2),
        "missing": missing,
        "caught_up_s": round(caught_up, 1),
    }
    yield "people.load.ingest_lag", round(max(lags), 2), "s", beside
