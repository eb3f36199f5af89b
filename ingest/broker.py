"""What the broker says of itself, for Prometheus: above all, whether it has dropped messages.

Mosquitto publishes it below `$SYS`. A connection of its own, without a session: these messages
are no readings, and none of them may wait in ingest's queue. While the broker is away the numbers
stay as they were; what it never told is not shown at all, since Prometheus adds up nothing that
begins with "not a number".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gebaeude.config import Settings
from gebaeude.mqtt import address
from gebaeude.mqttclient import Client

log = logging.getLogger(__name__)

VERSION = "$SYS/broker/version"
# Topic → metric and its help. Gauges all, since a broker that is started again begins at 0;
# Prometheus's increase() knows that.
NUMBERS: dict[str, tuple[str, str]] = {
    "$SYS/broker/publish/messages/dropped": (
        "gebaeude_broker_dropped_messages", "Messages the broker has dropped since its start."
    ),
    "$SYS/broker/store/messages/count": (
        "gebaeude_broker_kept_messages", "Messages the broker keeps: waiting or retained."
    ),
    "$SYS/broker/store/messages/bytes": (
        "gebaeude_broker_kept_bytes", "Payload of the messages the broker keeps."
    ),
    "$SYS/broker/clients/connected": (
        "gebaeude_broker_connected_clients", "Clients connected to the broker, ingest included."
    ),
    "$SYS/broker/clients/disconnected": (
        "gebaeude_broker_absent_clients", "Clients that are away, and for which the broker keeps."
    ),
}  # fmt: skip
ANSWER_S = 10.0  # Mosquitto tells its version at once; who says nothing for so long will not


class Voice(Collector):
    """What the broker has told since we began to listen."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets everything."""
        self._told: dict[str, float] = {}
        self._heard = False
        self._asked: float | None = None

    def asked(self) -> None:
        """A connection stands, and the broker has been asked."""
        self._asked = self._asked or time.monotonic()

    def hear(self, topic: str, payload: bytes) -> None:
        """Takes a message below `$SYS`."""
        self._heard = True
        if topic in NUMBERS:
            try:
                self._told[topic] = float(payload)
            except ValueError:
                log.debug("%s: %r", topic, payload)

    @property
    def is_missing(self) -> bool:
        """Whether the broker was asked and says nothing of itself, unlike Mosquitto."""
        if self._heard or self._asked is None:
            return False
        return time.monotonic() - self._asked > ANSWER_S

    def collect(self) -> Iterator[Metric]:
        """The numbers for Prometheus, as far as they are known."""
        for topic, (name, text) in NUMBERS.items():
            yield GaugeMetricFamily(name, text, value=self._told.get(topic))


VOICE = Voice()
REGISTRY.register(VOICE)


@contextmanager
def watching(settings: Settings) -> Iterator[None]:
    """Keeps the numbers up to date in a thread of its own, where somebody may ask for them.

    Somebody is also who shares the messages with others: it depends on the broker (`membership`).
    """
    if not (settings.metrics_port or settings.ingest_name):
        yield
        return
    VOICE.begin()
    client = _client(settings)
    client.loop_start()
    try:
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def _client(settings: Settings) -> Client:
    broker = address(settings.mqtt_url)
    # RabbitMQ breaks off who listens under an id that is not ingest's. No ingest's name has a "_".
    client = Client(CallbackAPIVersion.VERSION2, f"{settings.ingest_client_id}_watch")
    if broker.is_encrypted:
        client.tls_set(None if settings.mqtt_ca_file is None else str(settings.mqtt_ca_file))
    client.suppress_exceptions = True
    client.on_connect = _ask
    client.on_message = _note
    client.go_to(broker)
    return client


def _ask(client: paho.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
    if not reason.is_failure:
        client.subscribe([(topic, 0) for topic in (VERSION, *NUMBERS)])
        VOICE.asked()


def _note(client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
    VOICE.hear(message.topic, bytes(message.payload))
