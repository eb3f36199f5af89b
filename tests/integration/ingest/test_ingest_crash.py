"""What falls over takes nothing with it: every message once, whoever dies in between."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from gebaeude.store.database import connect

# Ingest that dies of its own hand after the commit, before the broker hears of it.
DIES_BEFORE_ACKNOWLEDGING = """
import os, signal, threading
from gebaeude.config import load
from ingest.service import run
from ingest.subscriber import Subscriber

Subscriber.acknowledge = lambda self, count: os.kill(os.getpid(), signal.SIGKILL)
run(load(), threading.Event())
"""


@pytest.fixture
def session(ingest: Any) -> None:
    """The broker knows our session, and nobody is there."""
    ingest.stop()


def test_death_between_commit_and_acknowledgement(
    session: None, process: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    publish(map(good, range(5000)))
    doomed = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_ACKNOWLEDGING], env=process.environment, check=False
    )
    assert doomed.returncode == -signal.SIGKILL
    committed = store.count()
    assert 1 < committed < 5001
    process.start()
    eventually(lambda: store.count() == 5001, timeout=20)
    assert store.all_good(5000)
    assert store.quarantine() == []


def test_death_at_any_moment(
    session: None, process: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    publish(map(good, range(20_000)))
    for _ in range(3):
        before = store.count()
        running = process.start()
        eventually(lambda before=before: store.count() > before, timeout=20, pause=0.001)
        running.kill()
        running.wait()
        assert store.count() < 20_001
    process.start()
    eventually(lambda: store.count() == 20_001, timeout=20)
    assert store.all_good(20_000)


def test_an_orderly_end_leaves_nothing_unacknowledged(
    session: None, process: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    publish(map(good, range(20_000)))
    running = process.start()
    eventually(lambda: store.count() > 1, timeout=20, pause=0.001)
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0
    stored = store.count()
    store.ask("DELETE FROM reading RETURNING 1")
    process.start()
    eventually(lambda: store.count() == 20_001 - stored, timeout=20)
    time.sleep(0.3)  # what was acknowledged would come again now, were it not
    assert store.count() == 20_001 - stored


def test_the_broker_restarts_in_mid_stream(
    ingest: Any, broker: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    for start in range(0, 3000, 1000):
        publish(map(good, range(start, start + 1000)))
        broker.stop()
        broker.start()
    eventually(lambda: store.count() == 3001, timeout=20)
    assert store.all_good(3000)
    assert store.quarantine() == []


def test_the_database_throws_everybody_out_in_mid_stream(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    done = threading.Event()

    def terminate() -> None:
        while not done.wait(0.05):
            store.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'gebaeude-ingest' AND datname = current_database()"
            )

    enemy = threading.Thread(target=terminate)
    enemy.start()
    for start in range(0, 10_000, 1000):
        publish(map(good, range(start, start + 1000)))
    done.set()
    enemy.join()
    eventually(lambda: store.count() == 10_001, timeout=30)
    assert store.all_good(10_000)
    assert store.quarantine() == []


@pytest.fixture
def database_away(store: Any) -> Iterator[Callable[[bool], None]]:
    """Takes the database away and brings it back, by its name."""
    parts = urlsplit(store.url)
    name, hidden = parts.path[1:], f"{parts.path[1:]}_hidden"
    elsewhere = urlunsplit(parts._replace(path="/postgres"))
    with connect(elsewhere, name="test-admin", autocommit=True) as admin:
        is_away = False

        def move(away: bool) -> None:
            nonlocal is_away
            if away == is_away:
                return
            source, target = (name, hidden) if away else (hidden, name)
            if away:
                store.connection.close()
            deadline = time.monotonic() + 10
            while True:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    (source,),
                )
                try:
                    admin.execute(f'ALTER DATABASE "{source}" RENAME TO "{target}"')
                    break
                except Exception:
                    assert time.monotonic() < deadline
            is_away = away
            if not away:
                store.connection = connect(store.url, name="test", autocommit=True)

        yield move
        move(False)


def test_the_database_is_away_for_a_while(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any, database_away: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO)
    database_away(True)
    publish(map(good, range(30_000)))  # more than the broker's window
    eventually(lambda: "messages wait for it" in caplog.text)
    time.sleep(1.0)
    assert caplog.text.count("the database is away") == 1
    assert ingest.alive
    database_away(False)
    eventually(lambda: store.count() == 30_001, timeout=40)
    assert store.all_good(30_000)
    assert store.quarantine() == []


def test_told_to_stop_while_the_database_is_away(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any, database_away: Any
) -> None:
    database_away(True)
    publish(map(good, range(1000)))
    time.sleep(0.3)
    ingest.stop()
    database_away(False)
    assert store.count() == 1
    ingest.start()
    eventually(lambda: store.count() == 1001)
    assert store.all_good(1000)


def test_one_poisonous_row_among_a_thousand(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    store.connection.execute("ALTER TABLE reading ADD CONSTRAINT poison CHECK (value <> 66.5)")
    records: list[dict[str, Any]] = [{"n": "waerme", "t": 900 * n, "v": n} for n in range(96)]
    records[0] |= {"bn": "urn:dev:mac:0024befffe804ff1:", "bt": 1_795_000_000, "bu": "kWh"}
    records[40]["v"] = 66.5
    poison = good(5000, 66.5)
    pack = b"senml/logger", json.dumps(records).encode()
    publish([*map(good, range(500)), poison, pack, *map(good, range(500, 1000))])
    eventually(lambda: store.count() == 1 + 1000 + 95)
    assert store.all_good(1000)
    assert store.values("waerme") == [n for n in range(96) if n != 40]
    kept = store.ask("SELECT reason, topic, payload, times FROM quarantine ORDER BY topic")
    assert kept == [
        ("refused_by_database", *poison, 1),
        ("refused_by_database", *pack, 1),
    ]
    assert "poison" in store.one("SELECT max(detail) FROM quarantine")


def test_waiting_for_a_database_that_does_not_exist_makes_no_sense(
    process: Any, settings: Any
) -> None:
    wrong = urlunsplit(urlsplit(settings.database_url)._replace(path="/no_such_database"))
    running = process.start(GEBAEUDE_DATABASE_URL=wrong)
    assert running.wait(20) == 3
    assert "no_such_database" in process.log()


def test_wrong_settings_are_named(process: Any) -> None:
    running = process.start(GEBAEUDE_MQTT_URL="http://example")
    assert running.wait(20) == 2
    assert "GEBAEUDE_MQTT_URL" in process.log()
    assert os.environ.get("GEBAEUDE_MQTT_URL") != "http://example"
