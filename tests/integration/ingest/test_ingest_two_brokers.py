"""Two brokers, each with an ingest of its own, write into one database (profile `durable`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bench.publish import Publisher
from gebaeude.config import Settings
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.store import members
from tests.places import scratch

OURS, THEIRS = "test-ingest", "test-ingest-durable"  # alike on purpose


@pytest.fixture
def second_broker() -> Iterator[EmbeddedMosquitto]:
    with scratch("gebaeude-test-broker-") as state, EmbeddedMosquitto(state) as one:
        yield one


@contextmanager
def running(ingest: Any) -> Iterator[None]:
    ingest.start()
    try:
        yield
    finally:
        ingest.stop()
    assert ingest.error is None


def test_each_takes_everything_of_its_own_broker(
    idle_ingest: Any, second_broker: EmbeddedMosquitto, settings: Settings, publish: Any,
    store: Any, good: Callable[..., tuple[bytes, bytes]], eventually: Any,
) -> None:  # fmt: skip
    other = type(idle_ingest)(
        settings.model_copy(update={"mqtt_url": second_broker.url, "mqtt_client_id": THEIRS})
    )
    with Publisher(second_broker.url, "test-second") as there:

        def has_come(send: Callable[[Any], Any], number: int) -> bool:
            send([good(number)])
            return bool(store.all_good(number + 1))

        # By turns: each that starts must leave the others' share alone.
        with running(idle_ingest):
            eventually(lambda: has_come(publish, 0), pause=0.1)
            with running(other):
                eventually(lambda: has_come(there.publish, 1), pause=0.1)
                publish([good(n) for n in range(2, 102)])
                there.publish([good(n) for n in range(102, 202)])
                eventually(lambda: store.all_good(202))
        with running(other), running(idle_ingest):
            publish([good(n) for n in range(202, 302)])
            there.publish([good(n) for n in range(302, 402)])
            eventually(lambda: store.all_good(402))
    assert members.latest(store.connection, OURS) == (1, (OURS,))
    assert members.latest(store.connection, THEIRS) == (2, (THEIRS,))


def test_whose_place_another_brokers_ingest_had_taken_has_it_back(
    idle_ingest: Any, publish: Any, store: Any, good: Callable[..., tuple[bytes, bytes]],
    eventually: Any,
) -> None:  # fmt: skip
    """As earlier versions wrote it, for which all ingests of a database were one share."""
    store.connection.execute(
        "INSERT INTO ingest_generation (number, members) VALUES (1, %s), (2, '{another}')",
        ([OURS],),
    )
    store.connection.execute("INSERT INTO ingest_session VALUES (%s, 2), ('another', 1)", (OURS,))
    assert members.of_session(store.connection, "another", "another") is None
    assert members.latest(store.connection, "another") == (2, ("another",))
    with running(idle_ingest):

        def has_come() -> bool:
            publish([good(0)])
            return bool(store.all_good(1))

        eventually(has_come, pause=0.1)
