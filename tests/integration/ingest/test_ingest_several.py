"""Several ingests share the messages; each message is one's, whoever comes or goes."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gebaeude.config import Settings
from gebaeude.demo.status import as_text, gather
from gebaeude.errors import UsageError
from gebaeude.store import members
from gebaeude.store.heartbeat import heartbeats
from ingest.broker import VOICE, watching
from ingest.replay import replay
from ingest.service import run
from ingest.share import TOPIC

SENSOR = "0101010101010101"
START = datetime(2026, 11, 1, tzinfo=UTC)
Name = str
Runs = Callable[[Name], Any]


def uplink(number: int, value: float) -> tuple[bytes, bytes]:
    """A reading of a minute of its own, on one of 50 topics."""
    at = (START + timedelta(minutes=number)).isoformat()
    tree = {"time": at, "deviceInfo": {"devEui": SENSOR}, "object": {"temperature": value}}
    topic = f"application/{number % 50}/device/{SENSOR}/event/up"
    return topic.encode(), json.dumps(tree).encode()


def bare(number: int) -> tuple[bytes, bytes]:
    """A value without a time, of one of 50 gateways."""
    return f"plain/haus{number % 50}/fuehler/wert".encode(), str(number).encode()


@pytest.fixture
def named(settings: Settings) -> Callable[[Name], Settings]:
    return lambda name: settings.model_copy(update={"ingest_name": name})


@pytest.fixture
def runs(
    named: Any, store: Any, eventually: Any, request: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runs]:
    """Starts the ingest of a name; returns once it takes its share."""
    monkeypatch.setattr("gebaeude.store.heartbeat.EVERY_S", 0.5)
    ingest_class = type(request.getfixturevalue("idle_ingest"))
    store.connection.execute(
        "INSERT INTO point (building_id, key, name, medium, quantity, unit, kind, interval_s)"
        " SELECT building.id, 'haus' || n, '', 'heat', 'energy', 'kWh', 'counter', 900"
        " FROM building, generate_series(0, 49) AS n"
    )
    store.attach({("plain", f"haus{n}/fuehler"): {"wert": f"haus{n}"} for n in range(50)})
    started = []

    def start(name: Name) -> Any:
        one = ingest_class(named(name))
        started.append(one)
        one.start()
        eventually(lambda: takes_part(store, one.settings.ingest_client_id), timeout=20)
        process = "-".join(filter(None, ("ingest", name)))
        eventually(lambda: listens(store, process), timeout=20)
        return one

    yield start
    for one in started:
        one.stop()
        assert one.error is None


def takes_part(store: Any, client: str) -> bool:
    """Whether everybody goes by the newest generation, and the client is one of them."""
    newest = members.latest(store.connection)
    if newest is None or client not in newest.members:
        return False
    return all(members.of_session(store.connection, one) == newest for one in newest.members)


def listens(store: Any, process: str) -> bool:
    """Whether the broker keeps messages for it."""
    beats = heartbeats(store.connection)
    return process in beats and bool(beats[process].detail.get("broker"))


def leave(settings: Settings) -> None:
    """As `gebaeude ingest --leave`."""
    run(settings, threading.Event(), leaving=True)


def shares(store: Any) -> dict[str, int]:
    """Process → messages it has written."""
    beats = heartbeats(store.connection)
    return {name: beat.detail.get("messages", 0) for name, beat in beats.items()}


def test_each_takes_its_share_and_status_has_a_line_for_each(
    runs: Runs, settings: Settings, publish: Any, store: Any, eventually: Any
) -> None:
    runs("nord"), runs("sued")
    publish([uplink(n, n % 40) for n in range(2000)])
    eventually(lambda: sum(shares(store).values()) == 2000, timeout=20)
    assert set(shares(store)) == {"ingest-nord", "ingest-sued"}
    assert all(share > 400 for share in shares(store).values())
    assert store.values("temperatur") == [n % 40 for n in range(2000)]
    found = gather(settings)
    assert found.parts["ingest"] == found.parts["ingest-nord"] == found.parts["ingest-sued"] == "ok"
    assert "Datenannahme sued" in as_text(found)


def test_who_is_away_keeps_its_share_and_who_leaves_hands_it_over(
    runs: Runs, named: Any, publish: Any, store: Any, eventually: Any
) -> None:
    runs("nord")
    gone = runs("sued")
    gone.stop()
    publish([uplink(n, 21.5) for n in range(1000)])
    eventually(lambda: 0 < store.count() < 1000)
    leave(named("sued"))
    eventually(lambda: store.count() == 1000)
    publish([uplink(n, 21.5) for n in range(1000, 2000)])
    eventually(lambda: store.count() == 2000)
    assert members.of_session(store.connection, "test-ingest-sued") is None
    assert members.latest(store.connection) == (3, ("test-ingest-nord",))
    assert "ingest-sued" not in heartbeats(store.connection)
    assert store.quarantine() == []


def test_nothing_is_lost_or_doubled_while_they_come_and_go(
    runs: Runs, named: Any, publish: Any, store: Any, eventually: Any
) -> None:
    """Values without a time: what two had taken would be there twice."""
    runs("nord")
    sent, done = list[int](), threading.Event()

    def stream() -> None:
        while not done.is_set():
            some = list(range(len(sent), len(sent) + 100))
            publish([bare(n) for n in some])
            sent.extend(some)

    stream_thread = threading.Thread(target=stream)
    stream_thread.start()
    try:
        second, third = runs("sued"), runs("west")
        second.stop()
        leave(named("sued"))
        third.stop()
        runs("west")
    finally:
        done.set()
        stream_thread.join()
    eventually(lambda: store.count() >= len(sent), timeout=30)
    publish([uplink(0, 1.0)])
    eventually(lambda: store.values("temperatur"))
    stored = store.ask(
        "SELECT value FROM reading JOIN point ON point.id = point_id WHERE key LIKE 'haus%'"
    )
    assert sorted(value for (value,) in stored) == sent


@pytest.mark.parametrize("seed", range(3))
def test_of_repeats_and_corrections_the_last_one_counts(
    runs: Runs, publish: Any, store: Any, eventually: Any, seed: int
) -> None:
    runs("nord"), runs("sued")
    draw = random.Random(seed)
    sent = [(draw.randrange(200), float(draw.randrange(40))) for _ in range(4000)]
    publish([uplink(number, value) for number, value in sent])
    last = dict(sent)
    wanted = [last[number] for number in sorted(last)]
    eventually(lambda: store.values("temperatur") == wanted, timeout=20)


def test_the_same_broken_messages_meet_at_both(
    runs: Runs, publish: Any, store: Any, eventually: Any
) -> None:
    runs("nord"), runs("sued")
    broken = [(f"senml/{n % 50}".encode(), b"{" * (n % 7)) for n in range(700)]
    for _ in range(3):
        publish(broken)
    eventually(lambda: store.one("SELECT sum(times) FROM quarantine") == 2100, timeout=20)
    assert store.one("SELECT count(*) FROM quarantine") == 350


def test_one_without_a_name_takes_everything_again(
    runs: Runs, settings: Settings, publish: Any, store: Any, eventually: Any
) -> None:
    runs("nord"), runs("sued")
    runs("")
    publish([uplink(n, 21.5) for n in range(500)])
    eventually(lambda: shares(store).get("ingest") == 500, timeout=20)
    assert shares(store)["ingest-nord"] == shares(store)["ingest-sued"] == 0


@pytest.mark.parametrize("speaks", [True, False])
def test_a_broker_that_may_not_be_mosquitto_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest, eventually: Any, *, speaks: bool,
) -> None:  # fmt: skip
    """RabbitMQ says nothing on $SYS; nor does a Mosquitto that is told not to."""
    shared = tmp_path / "broker.conf"
    shared.write_text(
        f"sys_interval {int(speaks)}\npersistence true\nmax_inflight_messages 20000\n"
    )
    monkeypatch.setattr("gebaeude.demo.mosquitto.SHARED_SETTINGS", shared)
    monkeypatch.setattr("ingest.broker.ANSWER_S", 0.5)
    runs, named = map(request.getfixturevalue, ("runs", "named"))
    with watching(named("nord")):
        runs("nord")
        eventually(lambda: VOICE.is_missing or told("broker_connected_clients"))
        assert told("ingest_order_doubtful") == 0
        runs("sued")
        if not speaks:
            eventually(lambda: told("ingest_order_doubtful") == 1)
        assert VOICE.is_missing is not speaks
    said = [one for one in caplog.messages if "may not be Mosquitto" in one]
    # Each has said it once, for itself.
    assert len(said) in ((0,) if speaks else (1, 2))


def told(metric: str) -> float | None:
    return REGISTRY.get_sample_value(f"gebaeude_{metric}")


def test_the_only_one_cannot_leave(
    runs: Runs, named: Any, publish: Any, store: Any, eventually: Any
) -> None:
    only = runs("nord")
    only.stop()
    with pytest.raises(UsageError, match="einzige"):
        leave(named("nord"))
    with pytest.raises(UsageError, match="gibt es nicht"):
        leave(named("sued"))
    runs("nord")
    publish([uplink(0, 21.5)])
    eventually(lambda: store.count() == 1)


def test_a_marker_that_somebody_made_up_changes_nothing(
    runs: Runs, publish: Any, store: Any, eventually: Any
) -> None:
    runs("nord"), runs("sued")
    for forged in (b"99", b"1", b"", b"-3", b"\xff", b"9" * 30):
        publish([(TOPIC.encode(), forged)])
    publish([uplink(n, 21.5) for n in range(500)])
    eventually(lambda: store.count() == 500, timeout=20)
    assert takes_part(store, "test-ingest-nord")


def test_replays_beside_several_count_nothing_twice(
    runs: Runs, settings: Settings, publish: Any, store: Any, eventually: Any
) -> None:
    """Values without a time: a second reading of one would be at another moment."""
    runs("nord"), runs("sued")
    publish([kept(number) for number in range(300)])
    eventually(lambda: store.one("SELECT coalesce(sum(times), 0) FROM quarantine") == 300)
    store.attach({("plain", f"neu{n}/fuehler"): {"wert": f"haus{n}"} for n in range(10)})
    with ThreadPoolExecutor(2) as beside:
        replays = [beside.submit(replay, settings) for _ in range(2)]
        publish([kept(number) for number in range(300, 600)])
        released = [one.result() for one in replays]
    eventually(lambda: store.count() >= 600, timeout=20)
    assert store.quarantine() == []
    values = store.ask("SELECT value FROM reading ORDER BY value")
    assert values == [(float(number),) for number in range(600)]
    assert sum(one.readings for one in released) == 300


def kept(number: int) -> tuple[bytes, bytes]:
    """A value without a time, of one of 10 gateways that nobody has attached."""
    return f"plain/neu{number % 10}/fuehler/wert".encode(), str(number).encode()
