"""Each number that ingest shows is held to the truth, above all while something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.model import Reason
from gebaeude.store.database import connect
from gebaeude.store.heartbeat import heartbeats

ROOT = Path(__file__).parents[3]
SENSOR = "0101010101010101"


def shown(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(f"gebaeude_ingest_{name}", labels)
    assert value is not None, name
    return value


@pytest.fixture
def listening(
    idle_ingest: Any, store: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Ingest that has a session and has had no message yet."""
    monkeypatch.setattr("gebaeude.store.heartbeat.EVERY_S", 0.2)

    def has_session() -> bool:
        beat = heartbeats(store.connection).get("ingest")
        return beat is not None and bool(beat.detail["broker"])

    idle_ingest.start()
    eventually(has_session)
    return idle_ingest


def test_while_the_database_takes_nothing_the_lag_grows_and_the_broker_is_watched(
    listening: Any, broker: EmbeddedMosquitto, publish: Any, store: Any, database_url: str,
    good: Callable[..., tuple[bytes, bytes]], eventually: Any,
) -> None:  # fmt: skip
    """A lock is the worst of it: no error tells that nothing is written."""
    assert (shown("lag_seconds"), shown("waiting_messages")) == (0, 0)
    slow = shown("commit_seconds_sum")
    with connect(database_url, name="test-lock") as holder:
        holder.execute("LOCK TABLE reading IN EXCLUSIVE MODE")
        before = time.time()
        publish([good(0)])
        eventually(lambda: shown("lag_seconds") > 1)
        assert shown("lag_seconds") <= time.time() - before
        first = shown("lag_seconds")
        publish([good(n) for n in range(1, 10)])
        eventually(lambda: shown("lag_seconds") > first)
        assert shown("waiting_messages") == 1
        assert shown("broker_up") == 1
        broker.stop()
        eventually(lambda: shown("broker_up") == 0)
        held = time.time() - before
    broker.start()
    eventually(lambda: store.all_good(10))
    eventually(lambda: (shown("lag_seconds"), shown("waiting_messages")) == (0, 0))
    assert slow + 1 < shown("commit_seconds_sum") <= slow + time.time() - before
    assert held > 1


def test_what_is_kept_and_what_is_stored_is_counted_as_it_is_in_the_tables(
    listening: Any, publish: Any, store: Any, good: Callable[..., tuple[bytes, bytes]],
    eventually: Any,
) -> None:  # fmt: skip
    before = {one: shown("quarantined_total", reason=one.value) for one in Reason}
    counted = {
        name: shown(f"{name}_total")
        for name in ("messages", "readings", "readings_changed", "ignored")
    }
    batches = shown("batch_messages_sum")
    stranger = json.dumps({"deviceInfo": {"devEui": "0909090909090909"}, "object": {"x": 1}})
    publish([
        *(good(n) for n in range(5)), *(good(n) for n in range(5)),
        *[(b"application/1/device/0909090909090909/event/up", stranger.encode())] * 3,
        *[(b"no/such/topic/at/all", bytes([n])) for n in range(4)],
        *[(f"application/1/device/{SENSOR}/event/up".encode(), b"{")] * 2,
        (f"application/1/device/{SENSOR}/event/join".encode(), b"{}"),
    ])  # fmt: skip
    eventually(lambda: shown("messages_total") >= counted["messages"] + 20)
    assert shown("messages_total") == counted["messages"] + 20
    assert shown("readings_total") == counted["readings"] + 10
    assert shown("readings_changed_total") == counted["readings_changed"] + 5
    assert shown("ignored_total") == counted["ignored"] + 1
    assert shown("batch_messages_sum") == batches + 20
    kept = Counter(dict(store.ask("SELECT reason, sum(times) FROM quarantine GROUP BY reason")))
    assert kept.total() == 9
    assert len(kept) >= 3
    for one in Reason:
        assert shown("quarantined_total", reason=one.value) - before[one] == kept[one], one


def test_a_message_with_two_strangers_is_one_message(
    listening: Any, publish: Any, store: Any, eventually: Any
) -> None:
    reason = "unknown_device"
    before, sent = shown("quarantined_total", reason=reason), shown("messages_total")
    two = {"Fremd A": [{"ts": 1795000000000, "values": {"t": 1}}],
           "Fremd B": [{"ts": 1795000000000, "values": {"t": 2}}]}  # fmt: skip
    publish([(b"v1/gateway/telemetry", json.dumps(two).encode())])
    eventually(lambda: shown("messages_total") == sent + 1)
    assert len(store.quarantine()) == 2
    assert shown("quarantined_total", reason=reason) == before + 1


@pytest.mark.parametrize("service", ["ingest-durable", "ingest-cluster"])
def test_a_containers_health_is_its_own(
    idle_ingest: Any, broker: EmbeddedMosquitto, free_port: Callable[[], int], eventually: Any,
    service: str,
) -> None:  # fmt: skip
    """The check of docker-compose.yml, run here: another ingest that lives does not count."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    _, program, *words = compose["services"][service]["healthcheck"]["test"]
    assert program == "python"
    assert "9464" in words[-1]
    port = free_port()
    words[-1] = words[-1].replace("9464", str(port))

    def is_well() -> bool:
        return subprocess.run([sys.executable, *words], capture_output=True).returncode == 0

    idle_ingest.settings = idle_ingest.settings.model_copy(update={"metrics_port": port})
    assert not is_well()
    idle_ingest.start()
    eventually(is_well)
    broker.stop()
    eventually(lambda: not is_well())
