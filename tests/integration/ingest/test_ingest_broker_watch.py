"""What the broker says of itself reaches Prometheus: messages it had to drop, and who is there."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY

from gebaeude.config import Settings
from gebaeude.demo import ports
from gebaeude.demo.mosquitto import installation
from gebaeude.metrics import render
from ingest.broker import watching

NAMES = (
    "dropped_messages", "kept_messages", "kept_bytes", "connected_clients", "absent_clients",
)  # fmt: skip


def number(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"gebaeude_broker_{name}")


def shown() -> str:
    return render().decode()


@contextmanager
def small_broker(directory: Path, port: int) -> Iterator[None]:
    """Keeps ten messages for a client that is away, and drops the others."""
    file = directory / "small.conf"
    file.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 10\nsys_interval 1\n"
    )
    process = subprocess.Popen([installation(), "-c", file], stderr=subprocess.DEVNULL)
    while not ports.accepts(port):
        assert process.poll() is None
        time.sleep(0.02)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def mosquitto(program: str, port: int, *arguments: str) -> None:
    subprocess.run(
        [program, "-p", str(port), "-q", "1", *arguments], check=True, capture_output=True
    )


def test_dropped_messages_are_seen_and_a_new_broker_begins_anew(
    state: Path, free_port: Callable[[], int], eventually: Any
) -> None:
    port = free_port()
    settings = Settings(mqtt_url=f"mqtt://127.0.0.1:{port}", metrics_port=1)
    with watching(settings):
        # Nothing there, nothing shown: increase() of what begins with NaN is NaN.
        assert [name for name in map(number, NAMES) if name is not None] == []
        assert all(f"# TYPE gebaeude_broker_{name} gauge" in shown() for name in NAMES)
    with small_broker(state, port), watching(settings):
        # A session that is away: -E ends as soon as the subscription stands.
        mosquitto("mosquitto_sub", port, "-i", "away", "-c", "-t", "x", "-E")
        for _ in range(15):
            mosquitto("mosquitto_pub", port, "-t", "x", "-m", "1")
        for name, value in (("dropped_messages", 5), ("absent_clients", 1)):
            eventually(lambda name=name, value=value: number(name) == value, timeout=20)
        eventually(lambda: number("connected_clients") == 1, timeout=20)
        eventually(lambda: number("kept_messages") >= 10, timeout=20)
    assert number("dropped_messages") == 5
    with small_broker(state, port), watching(settings):
        eventually(lambda: number("dropped_messages") == 0, timeout=20)


def test_nobody_is_asked_where_nobody_listens(
    mqtt_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.broker._client", lambda _: pytest.fail("connects"))
    with watching(Settings(mqtt_url=mqtt_url, metrics_port=0)):
        assert urlsplit(mqtt_url).port
