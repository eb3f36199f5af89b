"""The worker as a process: from a reading to a mail by itself, and through all kinds of trouble."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from gebaeude.model import Message, Reason
from gebaeude.store import quarantine
from gebaeude.store.database import connect
from gebaeude.store.quarantine import Rejected

STATE = "SELECT (SELECT count(*) FROM finding), (SELECT count(*) FROM ticket)"


def is_working(houses: Any) -> Callable[[], bool]:
    """Whether a worker gave a sign of life since this was called."""
    asked = datetime.now(UTC)
    return lambda: bool(
        houses.ask("SELECT 1 FROM heartbeat WHERE process = 'worker' AND at > %s", asked)
    )


def overheat(houses: Any) -> None:
    houses.overheat(datetime.now(UTC))


@contextmanager
def database_away(houses: Any, server_url: str) -> Any:
    """The database lets nobody in, and throws out who is in."""
    name = urlsplit(houses.url).path[1:]
    with connect(server_url, name="test-admin", autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_reading_becomes_a_ticket_and_a_mail_without_a_hand(
    houses: Any, workers: Any, mail_server: Any, eventually: Any
) -> None:
    mail_server.start()
    workers.start(smtp_url=mail_server.url)
    eventually(is_working(houses), 20)
    overheat(houses)
    eventually(lambda: houses.ask(STATE) == [(1, 1)], 5)
    [mail] = eventually(mail_server.mails)
    assert mail["To"] == "adler@nordlippe.example"
    assert "/auftraege/A-" in mail.get_content()


def test_silence_and_plans_are_looked_at_when_it_starts(
    houses: Any, workers: Any, eventually: Any
) -> None:
    now = datetime.now(UTC)
    houses.read("strom", (0, 1))
    houses.read("waerme", (60, 1))
    with houses.connect() as connection:
        connection.execute("INSERT INTO listening VALUES (%s, %s)", [now - timedelta(hours=9), now])
        connection.execute(
            "INSERT INTO plan (building_id, key, name, task, rrule, starts_on, skill)"
            " SELECT id, 'p', 'Kesselwartung', 't', 'FREQ=YEARLY', current_date, 'heating'"
            " FROM building WHERE key = 'halle'"
        )
    workers.start()
    eventually(lambda: houses.one("SELECT count(*) FROM ticket") == 2, 20)
    assert houses.ask("SELECT title FROM ticket ORDER BY title") == [
        ("Kesselwartung",), ("Wärmezähler meldet sich nicht",),
    ]  # fmt: skip


def test_a_flood_does_not_fill_quarantine_until_the_next_look_at_its_bounds(
    houses: Any, workers: Any, eventually: Any
) -> None:
    workers.start(quarantine_max_mb="1")
    eventually(is_working(houses), 20)
    eventually(lambda: houses.one("SELECT count(*) FROM procrastinate_jobs") == 0)
    with houses.connect() as connection:
        for number in range(20):
            received = time.time_ns() // 1000
            message = Message(b"%d" % number, os.urandom(100_000), received, False)
            quarantine.keep(connection, [Rejected(message, Reason.UNKNOWN_TOPIC, "")])
    kept = "SELECT coalesce(sum(length(payload)), 0) FROM quarantine"
    eventually(lambda: houses.one(kept) <= 1_000_000, 15)
    assert houses.one(kept) > 500_000
    assert houses.one("SELECT sum(messages) FROM quarantine_dropped") >= 10


def test_stops_cleanly_and_leaves_no_job_behind(houses: Any, workers: Any, eventually: Any) -> None:
    worker = workers.start()
    eventually(is_working(houses), 20)
    eventually(lambda: houses.one("SELECT count(*) FROM procrastinate_jobs") == 0)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert houses.ask("SELECT (SELECT count(*) FROM procrastinate_jobs),"
                      " (SELECT count(*) FROM procrastinate_workers)") == [(0, 0)]  # fmt: skip
    assert "Traceback" not in workers.log()


def test_killed_while_mails_wait_the_next_one_sends_them(
    houses: Any, workers: Any, mail_server: Any, eventually: Any
) -> None:
    worker = workers.start(smtp_url=mail_server.url)
    overheat(houses)
    eventually(lambda: houses.ask("SELECT error FROM mail WHERE error LIKE '%refused%'"), 20)
    worker.kill()
    worker.wait()
    mail_server.start()
    workers.start(smtp_url=mail_server.url)
    eventually(lambda: len(mail_server.mails()) == 1, 25)
    assert houses.ask(STATE) == [(1, 1)]


def test_two_workers_of_which_one_is_killed(houses: Any, workers: Any, eventually: Any) -> None:
    first = workers.start()
    second = workers.start()
    eventually(is_working(houses), 20)
    overheat(houses)
    eventually(lambda: houses.ask(STATE) == [(1, 1)], 10)
    first.kill()
    houses.read("vorlauf", (0, 95), now=datetime.now(UTC))
    eventually(lambda: houses.ask(STATE) == [(2, 2)], 10)
    assert second.poll() is None


def test_waits_for_a_database_that_is_away_and_says_so_once(
    houses: Any, workers: Any, mail_server: Any, server_url: str, eventually: Any
) -> None:
    mail_server.start()
    worker = workers.start(smtp_url=mail_server.url)
    eventually(is_working(houses), 20)
    with database_away(houses, server_url):
        eventually(lambda: "the database is away" in workers.log(), 10)
        time.sleep(3)
        assert worker.poll() is None
    overheat(houses)
    eventually(lambda: houses.ask(STATE) == [(1, 1)], 15)
    eventually(lambda: len(mail_server.mails()) == 1, 30)
    said = workers.log()
    assert said.count("the database is away") <= 2
    assert said.count("the job queue is away") <= 1
    assert len(said.splitlines()) < 15


@pytest.mark.parametrize("before", ["heartbeat", "metrics"])
def test_tells_how_it_is(
    houses: Any, workers: Any, eventually: Any, free_port: Any, before: str
) -> None:
    port = free_port()
    workers.start(metrics_port=str(port))
    eventually(is_working(houses), 20)
    if before == "heartbeat":
        detail = houses.one("SELECT detail FROM heartbeat WHERE process = 'worker'")
        assert detail["rounds"] >= 1
        assert detail["mails_waiting"] == 0
        return
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "gebaeude_worker_round_seconds_count" in text
    assert "gebaeude_worker_database 1.0" in text
