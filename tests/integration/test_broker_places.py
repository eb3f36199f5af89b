"""A broker at several places: whoever finds nobody at one, or loses it, goes on at the next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gebaeude.config import Settings
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.status import broker_answers, without_password
from ingest.broker import watching
from ingest.patience import Silence
from ingest.subscriber import Subscriber
from simulators.publish import Publisher


@pytest.fixture
def brokers(state: Path) -> Iterator[list[EmbeddedMosquitto]]:
    """Two, which know nothing of each other."""
    both = [EmbeddedMosquitto(state / f"places-{name}") for name in ("one", "two")]
    for broker in both:
        broker.state.mkdir(exist_ok=True)
        broker.state.chmod(0o755)
        broker.start()
    yield both
    for broker in both:
        broker.stop()


def url_of(*ports: int) -> str:
    return "mqtt://" + ",".join(f"127.0.0.1:{port}" for port in ports)


def test_ingest_goes_on_at_the_next_place(
    brokers: list[EmbeddedMosquitto], free_port: Callable[[], int], eventually: Any
) -> None:
    one, two = brokers
    places = url_of(free_port(), one.port, two.port)
    with closing(Subscriber(places, "test-places")) as ingest:
        eventually(lambda: ingest.collect(1, 0.1) or ingest.subscribed, timeout=20)
        one.stop()
        eventually(lambda: ingest.collect(1, 0.1) or not ingest.connected, timeout=20)
        eventually(lambda: ingest.collect(1, 0.1) or ingest.subscribed, timeout=20)
        two.stop()
        eventually(lambda: ingest.collect(1, 0.1) or not ingest.connected, timeout=20)
        one.start()
        eventually(lambda: ingest.collect(1, 0.1) or ingest.subscribed, timeout=20)


def test_a_silent_place_is_left_for_the_next(
    brokers: list[EmbeddedMosquitto], eventually: Any, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """It may have messages and send them to nobody."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(Silence, "SHORTEST_S", 0.3)
    one, two = brokers

    def has_been_at(*ports: int) -> bool:
        said = [record.getMessage() for record in caplog.records]
        return all(any(f"connected to the broker 127.0.0.1:{n}" in o for o in said) for n in ports)

    with closing(Subscriber(url_of(one.port, two.port), "test-silent")) as ingest:
        eventually(lambda: ingest.collect(1, 0.1) or has_been_at(one.port, two.port), timeout=20)
        eventually(lambda: ingest.collect(1, 0.1) or ingest.subscribed, timeout=20)


def test_simulators_go_on_at_the_next_place(
    brokers: list[EmbeddedMosquitto], free_port: Callable[[], int]
) -> None:
    one, two = brokers
    publisher = Publisher(url_of(free_port(), one.port, two.port), "test-places", Event())
    assert publisher.publish("x", b"1")
    publisher.settle(20)
    one.stop()
    assert publisher.publish("x", b"2")
    publisher.settle(20)
    publisher.close()


def test_who_asks_the_broker_about_itself_tries_every_place(
    brokers: list[EmbeddedMosquitto], free_port: Callable[[], int], eventually: Any
) -> None:
    settings = Settings(mqtt_url=url_of(free_port(), brokers[1].port), metrics_port=1)
    name = "gebaeude_broker_connected_clients"
    with watching(settings):
        eventually(lambda: (REGISTRY.get_sample_value(name) or 0) >= 1, timeout=30)


def test_status_is_content_with_one_place(
    brokers: list[EmbeddedMosquitto], free_port: Callable[[], int]
) -> None:
    assert broker_answers(url_of(free_port(), brokers[0].port))
    assert not broker_answers(url_of(free_port(), free_port()))
    assert not broker_answers("")
    shown = without_password("mqtts://ingest:geheim@one:8884,two:8884")
    assert shown == "mqtts://ingest@one:8884,two:8884"
