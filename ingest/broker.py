"""What the broker says of itself, for Prometheus: above all, whether it has dropped messages.

Mosquitto publishes it below `$SYS`. A connection of its own, without a session: these messages
are no readings, and none of them may wait in ingest's queue. While the broker is away the numbers
stay as they were; one that it never told, or cannot tell, is NaN.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from prometheus_client import Gauge

from gebaeude.config import Settings
from gebaeude.mqtt import address
from gebaeude.mqttclient import Client

log = logging.getLogger(__name__)

# Gauges all, since a broker that is started again begins at 0; Prometheus's increase() knows that.
NUMBERS: dict[str, Gauge] = {
    "$SYS/broker/publish/messages/dropped": Gauge(
        "gebaeude_broker_dropped_messages", "Messages the broker has dropped since its start."
    ),
    "$SYS/broker/store/messages/count": Gauge(
        "gebaeude_broker_kept_messages", "Messages the broker keeps: waiting or retained."
    ),
    "$SYS/broker/store/messages/bytes": Gauge(
        "gebaeude_broker_kept_bytes", "Payload of the messages the broker keeps."
    ),
    "$SYS/broker/clients/connected": Gauge(
        "gebaeude_broker_connected_clients", "Clients connected to the broker, ingest included."
    ),
    "$SYS/broker/clients/disconnected": Gauge(
        "gebaeude_broker_absent_clients", "Clients that are away, and for which the broker keeps."
    ),
}
for _number in NUMBERS.values():
    _number.set(math.nan)


@contextmanager
def watching(settings: Settings) -> Iterator[None]:
    """Keeps the numbers up to date in a thread of its own, where somebody may ask for them."""
    if not settings.metrics_port:
        yield
        return
    client = _client(settings)
    client.loop_start()
    try:
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def _client(settings: Settings) -> Client:
    broker = address(settings.mqtt_url)
    client = Client(CallbackAPIVersion.VERSION2)
    if broker.is_encrypted:
        client.tls_set(None if settings.mqtt_ca_file is None else str(settings.mqtt_ca_file))
    client.suppress_exceptions = True
    client.on_connect = _ask
    client.on_message = _note
    client.go_to(broker)
    return client


def _ask(client: paho.Client, *_: Any) -> None:
    client.subscribe([(topic, 0) for topic in NUMBERS])


def _note(client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
    try:
        NUMBERS[message.topic].set(float(message.payload))
    except (KeyError, ValueError):
        log.debug("%s: %r", message.topic, message.payload)
