"""Sparkplug on a real broker: a birth is asked for, data waits for it, no restart forgets it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gebaeude.store.database import connect
from ingest.formats import homie
from ingest.formats.sparkplug_wire import Payload, read
from ingest.replay import replay_device

START = 1_794_000_000_000  # ms
FLOAT = 9


class EdgeNode:
    """A node that is born when it is told to, and sends data whether it was born or not."""

    def __init__(self, url: str) -> None:
        self.asked: list[tuple[str, str, bool]] = []  # topic, metric, value
        self.answers = True
        self.alias = 7  # of the one metric
        self._seq = count(1)
        self._minute = count()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="edge")
        self._client.on_message = self._listen
        self._client.on_connect = lambda client, *_: client.subscribe("spBv1.0/rathaus/NCMD/keller")
        address = urlsplit(url)
        self._client.connect(address.hostname or "", address.port or 0)
        self._client.loop_start()

    def be_born(self, value: float) -> None:
        self._seq = count(1)
        metric = {"name": "temperature", "alias": self.alias, "datatype": FLOAT}
        self._send("NBIRTH", 0, metric | {"float_value": value})

    def tell(self, value: float) -> None:
        self._send("NDATA", next(self._seq) % 256, {"alias": self.alias, "float_value": value})

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _send(self, kind: str, seq: int, metric: dict[str, Any]) -> None:
        at = START + next(self._minute) * 60_000
        payload = Payload(timestamp=at, seq=seq, metrics=[metric]).SerializeToString()
        self._client.publish(f"spBv1.0/rathaus/{kind}/keller", payload, 1).wait_for_publish(10)

    def _listen(self, client: Any, userdata: Any, message: paho.MQTTMessage) -> None:
        (command,) = read(bytes(message.payload)).metrics
        self.asked.append((message.topic, command.name, command.boolean_value))
        if self.answers:
            self._send_birth()

    def _send_birth(self) -> None:
        # Not `be_born`: this thread is the one that would have to wait for it.
        self._seq = count(1)
        at = START + next(self._minute) * 60_000
        metric = {"name": "temperature", "alias": self.alias, "datatype": FLOAT, "float_value": 30}
        payload = Payload(timestamp=at, seq=0, metrics=[metric]).SerializeToString()
        self._client.publish("spBv1.0/rathaus/NBIRTH/keller", payload, 1)


@pytest.fixture
def node(broker: Any, store: Any) -> Iterator[EdgeNode]:
    store.attach({("sparkplugb", "rathaus/keller"): {"temperature": "temperatur"}})
    one = EdgeNode(broker.url)
    yield one
    one.close()


def test_data_without_a_birth_waits_for_the_one_that_is_asked_for(
    ingest: Any, node: EdgeNode, store: Any, eventually: Any
) -> None:
    node.tell(21)
    node.tell(22)
    # Asked, answered, and what came before is read by the answer: with the times it had.
    eventually(lambda: store.values("temperatur")[1:] == [21, 22, 30])
    assert node.asked == [("spBv1.0/rathaus/NCMD/keller", "Node Control/Rebirth", True)]
    eventually(lambda: store.quarantine() == [])
    node.tell(23)
    eventually(lambda: store.values("temperatur")[1:] == [21, 22, 30, 23])


def test_a_killed_ingest_reads_on_by_the_births_it_had(
    process: Any, node: EdgeNode, store: Any, eventually: Any
) -> None:
    process.start()
    eventually(lambda: "connected to the broker" in process.log(), timeout=20)

    def is_born() -> bool:
        node.be_born(20)
        return bool(store.values("temperatur"))

    eventually(is_born, pause=0.2)
    node.tell(21)
    eventually(lambda: store.values("temperatur")[-1:] == [21])
    process.kill()
    node.tell(22)
    process.start()
    eventually(lambda: store.values("temperatur")[-1:] == [22], timeout=20)
    assert node.asked == []
    assert store.quarantine() == []


def test_after_a_gap_only_what_is_certain_counts(
    idle_ingest: Any, node: EdgeNode, store: Any, eventually: Any
) -> None:
    node.answers = False
    idle_ingest.start()

    def is_born() -> bool:
        node.be_born(20)
        return bool(store.values("temperatur"))

    eventually(is_born, pause=0.2)
    born = len(store.values("temperatur"))
    next(node._seq)  # one is lost on its way
    node.tell(22)
    eventually(lambda: store.quarantine() == [("undecoded", "sparkplugb", "rathaus/keller", 1)])
    eventually(lambda: len(node.asked) == 1)
    # Another process cannot make more of it either, nor this one.
    with connect(store.url, name="test", autocommit=True) as connection:
        replayed = replay_device(connection, idle_ingest.settings, "sparkplugb", "rathaus/keller")
    assert (replayed.checked, replayed.readings) == (1, 0)
    idle_ingest.stop()
    with connect(store.url, name="test", autocommit=True) as connection:
        replayed = replay_device(connection, idle_ingest.settings, "sparkplugb", "rathaus/keller")
    assert (replayed.checked, replayed.readings) == (1, 0)
    idle_ingest.start()
    node.be_born(23)
    eventually(lambda: len(store.values("temperatur")) == born + 2)
    eventually(lambda: store.quarantine() == [])
    assert store.values("temperatur")[-2:] == [22, 23]


def test_a_homie_device_does_not_repeat_its_units(
    idle_ingest: Any, publish: Any, store: Any, eventually: Any
) -> None:
    store.attach({("homie", "pump"): {"motor.power": "leistung"}})
    described = (
        b'{"nodes": {"motor": {"properties": {"power": {"datatype": "float", "unit": "W"}}}}}'
    )

    def is_heard() -> bool:
        publish([(b"homie/5/pump/$description", described), (b"homie/5/pump/motor/power", b"1500")])
        return 1.5 in store.values("leistung")

    idle_ingest.start()
    eventually(is_heard, pause=0.2)
    idle_ingest.stop()
    publish([(b"homie/5/pump/motor/power", b"2500")])
    idle_ingest.start()
    eventually(lambda: store.values("leistung")[-1] == 2.5)
    # Described otherwise, and read by another process out of quarantine.
    publish([(b"homie/5/pump/$description", described.replace(b'"W"', b'"kW"')),
             (b"homie/5/pump/motor/speed", b"7")])  # fmt: skip
    eventually(lambda: len(store.quarantine()) == 1)
    idle_ingest.stop()
    with connect(store.url, name="test", autocommit=True) as connection:
        replay_device(connection, idle_ingest.settings, "homie", "pump")
    assert homie._devices["pump"]["motor.power"].unit == "kW"
    assert set(store.values("leistung")) == {1.5, 2.5}
