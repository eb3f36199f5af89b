"""What a stream may hold without doing harm: repeats, disorder, old copies, silence of others."""

from __future__ import annotations

import json
import random
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bench.publish import Publisher, packet, text
from gebaeude.store.heartbeat import heartbeats
from ingest.replay import replay
from tests.messages import real

SENSOR = "0101010101010101"
LOGGER = "urn:dev:mac:0024befffe804ff1:"


def pack(*values: float, start: int = 1_795_000_000) -> tuple[bytes, bytes]:
    """A logger's pack: one value every quarter of an hour."""
    records: list[dict[str, Any]] = [
        {"n": "waerme", "t": 900 * step, "v": value} for step, value in enumerate(values)
    ]
    records[0] |= {"bn": LOGGER, "bt": start, "bu": "kWh"}
    return b"senml/logger", json.dumps(records).encode()


def test_ten_repeats_count_once(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    for _ in range(10):
        publish(map(good, range(200)))
    publish([good(200)])
    eventually(lambda: store.count() == 202)
    assert store.all_good(201)


def test_order_does_not_matter(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    numbers = list(range(2000))
    random.Random(7).shuffle(numbers)
    publish(map(good, numbers))
    eventually(lambda: store.count() == 2001)
    assert store.all_good(2000)


def test_the_last_of_several_values_for_one_moment_counts(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    publish([good(5, 18.0), good(5, 19.0)])
    eventually(lambda: store.values("temperatur")[1:] == [19.0])
    publish([good(5, 17.5)])
    eventually(lambda: store.values("temperatur")[1:] == [17.5])


def test_a_counter_that_goes_back_is_stored_as_it_is(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    back = pack(9000.0, 9001.5, 0.0, 0.5)
    publish([*map(good, range(500)), back, *map(good, range(500, 1000))])
    eventually(lambda: store.count() == 1 + 1000 + 4)
    assert store.values("waerme") == [9000.0, 9001.5, 0.0, 0.5]
    assert store.all_good(1000)
    assert store.quarantine() == []


def test_messages_of_quality_0_count_too(
    ingest: Any, broker: Any, store: Any, good: Any, eventually: Any
) -> None:
    with Publisher(broker.url, "careless") as publisher:
        for number in range(300):
            topic, payload = good(number)
            publisher.send(packet(0x30, text(topic) + payload))
        eventually(lambda: store.count() == 301)
    assert store.all_good(300)


def test_a_retained_copy_is_no_reading(
    ingest: Any, publish: Any, store: Any, good: Any, eventually: Any
) -> None:
    publish([good(0)], retain=True)  # new to those who listen already
    eventually(lambda: store.count() == 2)
    ingest.stop()
    store.ask("DELETE FROM reading RETURNING 1")
    ingest.start()
    publish(map(good, range(1, 501)))
    eventually(lambda: store.quarantine() == [("retained", "chirpstack", None, 1)])
    publish(map(good, range(501, 1001)))
    eventually(lambda: store.count() == 1000)
    ingest.stop()
    ingest.start()
    eventually(lambda: store.quarantine() == [("retained", "chirpstack", None, 2)])
    publish([good(0)])
    eventually(lambda: store.all_good(1001))


def test_what_is_no_reading_is_counted_and_not_kept(
    ingest: Any, publish: Any, store: Any, eventually: Any
) -> None:
    events = [
        (one.topic, one.payload)
        for name, one in real("chirpstack")
        if not one.topic.endswith(b"/up")
    ]
    publish([*events, pack(1.0)])
    eventually(lambda: store.values("waerme") == [1.0])
    assert store.quarantine() == []
    assert len(events) == 5
    eventually(lambda: heartbeats(store.connection)["ingest"].detail.get("ignored") == 5)


def test_the_broker_itself_refuses_an_unreadable_topic(
    ingest: Any, publish: Any, broker: Any, store: Any, good: Any, eventually: Any
) -> None:
    publish(map(good, range(500)))
    with Publisher(broker.url, "broken") as broken:
        broken.send(packet(0x32, text(b"senml/\xff\xfe") + b"\x00\x01" + pack(1.0)[1]))
        assert broken.is_thrown_out()
    publish(map(good, range(500, 1000)))
    eventually(lambda: store.count() == 1001)
    assert store.all_good(1000)
    assert store.quarantine() == []


def test_a_new_device_counts_without_a_restart_and_its_past_is_replayed(
    ingest: Any, publish: Any, store: Any, settings: Any, eventually: Any
) -> None:
    def telegram(minute: int, total: float) -> tuple[bytes, bytes]:
        tree = {"id": "21031894", "total_m3": total, "timestamp": f"2026-11-20T12:{minute:02}:00Z"}
        return b"wmbusmeters/Wasser", json.dumps(tree).encode()

    publish([telegram(0, 34.1), telegram(1, 34.2), pack(1.0)])
    eventually(lambda: store.values("waerme"))
    assert store.quarantine() == [("unknown_device", "wmbusmeters", "21031894", 1)] * 2

    store.attach({("wmbusmeters", "21031894"): {"total_m3": "wasser"}})

    def counts() -> bool:
        publish([telegram(2, 34.3)])
        return store.values("wasser") == [34.3]

    eventually(counts, pause=0.1)
    assert str(replay(settings, "invalid_json")).startswith("0 ")
    done = replay(settings, "unknown_device")
    assert done.readings == 2
    assert store.values("wasser") == [34.1, 34.2, 34.3]
    assert store.quarantine() == []


def test_replay_keeps_what_still_cannot_be_read(
    ingest: Any, publish: Any, store: Any, settings: Any, eventually: Any
) -> None:
    device = "21031894"
    tree = {"id": device, "total_m3": 34.1, "flow_m3h": 1e9, "timestamp": "2026-11-20T12:00:00Z"}
    publish([(b"wmbusmeters/Wasser", json.dumps(tree).encode()), (b"senml/x", b"{")])
    eventually(lambda: len(store.quarantine()) == 2)
    store.attach({("wmbusmeters", device): {"total_m3": "wasser", "flow_m3h": "leistung"}})
    for _ in range(3):
        replay(settings)
        assert store.values("wasser") == [34.1]
        assert sorted(store.quarantine()) == [
            ("invalid_json", "senml", None, 1),
            ("unit_mismatch", "wmbusmeters", device, 1),
        ]


def test_replay_knows_its_reasons(settings: Any) -> None:
    from gebaeude.errors import UsageError

    with pytest.raises(UsageError, match="unknown_device"):
        replay(settings, "no_such_reason")


def test_a_small_window_of_the_broker_does_not_stall_the_stream(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: Any, settings: Any, good: Any,
    eventually: Any, request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    shared = tmp_path / "broker.conf"
    shared.write_text("persistence true\nmax_inflight_messages 20\nmax_queued_messages 10000\n")
    monkeypatch.setattr("gebaeude.demo.mosquitto.SHARED_SETTINGS", shared)
    publish = request.getfixturevalue("publish")
    request.getfixturevalue("ingest")
    publish(map(good, range(1000)))
    eventually(lambda: store.count() == 1001, timeout=5)
    assert store.all_good(1000)


def test_metrics_and_sign_of_life(
    idle_ingest: Any, settings: Any, publish: Any, store: Any, good: Any, free_port: Any,
    eventually: Any,
) -> None:  # fmt: skip
    idle_ingest.settings = settings.model_copy(update={"metrics_port": free_port()})
    idle_ingest.start()
    eventually(lambda: heartbeats(store.connection).get("ingest"))
    address = f"http://127.0.0.1:{idle_ingest.settings.metrics_port}/metrics"

    def shown(name: str) -> float:
        with urllib.request.urlopen(address) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name + " "))

    eventually(lambda: shown("gebaeude_ingest_broker_up") == 1)
    before = shown("gebaeude_ingest_readings_total")
    publish(map(good, range(100)))
    eventually(lambda: store.count() == 100)
    eventually(lambda: shown("gebaeude_ingest_readings_total") == before + 100)
    assert shown("gebaeude_ingest_database_up") == 1
    assert 0 <= shown("gebaeude_ingest_lag_seconds") < 10
    eventually(lambda: heartbeats(store.connection)["ingest"].detail.get("readings") == 100)
