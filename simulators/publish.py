"""To the broker: MQTT 3.1.1, QoS 1, a bounded number of messages under way. The only MQTT in here.

What the broker has not acknowledged is kept and sent again after a lost connection, which is tried
for again and again, with pauses of at most 30 seconds.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from threading import Event, Semaphore, Thread
from time import monotonic, sleep
from uuid import uuid4

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gebaeude.config import settings
from gebaeude.errors import SettingsError
from gebaeude.log import Trouble
from gebaeude.mqtt import address
from gebaeude.mqttclient import Client
from gebaeude.text import _

UNDER_WAY = 200  # messages sent and not acknowledged
LAST_WAIT = 0.4  # s for acknowledgements, and as much for the connection, when it ends

log = logging.getLogger(__name__)


class Publisher:
    """One connection. `publish` waits for room; safe to use from one thread."""

    def __init__(self, url: str, name: str, stop: Event) -> None:
        self._stop = stop
        self._open = Event()
        self._room = Semaphore(UNDER_WAY)
        self._sent = self._done = 0  # each counted by one thread alone
        self._watched: dict[str, Callable[[bytes], None]] = {}
        self._trouble = Trouble(log)
        self._client = _client(url, f"gebaeude-{name}-{uuid4().hex[:8]}")
        self._client.on_connect = self._connected
        self._client.on_connect_fail = self._refused
        self._client.on_disconnect = self._disconnected
        self._client.on_publish = self._acknowledged
        self._client.on_message = self._heard
        self._client.loop_start()

    def publish(self, topic: str, payload: bytes) -> bool:
        """Hands a message over once there are a connection and room; False when it is to stop.

        Nothing new is handed over while there is no connection: paho would send what waited and
        what is new from two threads at once, in any order.
        """
        while not self._open.wait(timeout=0.1) or not self._room.acquire(timeout=0.1):
            if self._stop.is_set():
                return False
        self._sent += 1
        self._client.publish(topic, payload, qos=1)
        return not self._stop.is_set()

    def watch(self, topic: str, tell: Callable[[bytes], None]) -> None:
        """Calls `tell` with every payload of a topic, from the connection's own thread."""
        self._watched[topic] = tell
        self._client.subscribe(topic)

    def settle(self, patience: float) -> None:
        """Waits until the broker has acknowledged everything, `patience` seconds at most."""
        deadline = monotonic() + patience
        while self._client.is_connected() and self._unacknowledged() and monotonic() < deadline:
            sleep(0.01)

    def close(self) -> None:
        """Waits a moment for acknowledgements, then ends the connection."""
        self.settle(LAST_WAIT)
        if waiting := self._unacknowledged():
            log.warning("stopped with %d messages not acknowledged", waiting)
        self._client.disconnect()
        # A client that is just trying to connect would hold us until that fails.
        end = Thread(target=self._client.loop_stop, daemon=True)
        end.start()
        end.join(LAST_WAIT)

    def _unacknowledged(self) -> int:
        return self._sent - self._done

    def _connected(self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode,
                   _properties: object) -> None:  # fmt: skip
        if code.is_failure:
            self._trouble.say("refused", f"the broker does not let us in: {code}")
            return
        for topic in self._watched:
            client.subscribe(topic)
        self._open.set()

    def _refused(self, _client: mqtt.Client, _data: object) -> None:
        self._trouble.say("absent", "the broker does not answer, trying again")

    def _disconnected(self, _client: mqtt.Client, _data: object, _flags: object,
                      code: ReasonCode, _properties: object) -> None:  # fmt: skip
        self._open.clear()
        if code.is_failure:
            self._trouble.say("lost", f"connection lost ({code}), trying again")

    def _acknowledged(self, _client: mqtt.Client, _data: object, _mid: int,
                      _code: object, _properties: object) -> None:  # fmt: skip
        self._done += 1
        self._room.release()

    def _heard(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if tell := self._watched.get(message.topic):
            tell(bytes(message.payload))


def _client(url: str, client_id: str) -> Client:
    """A client on its way to the broker. Raises SettingsError for an address that is none."""
    try:
        broker = address(url)
    except ValueError:
        raise SettingsError(
            _("mqtt_url muss mit mqtt:// oder mqtts:// beginnen und einen Rechner nennen.")
        ) from None
    client = Client(
        CallbackAPIVersion.VERSION2, client_id, clean_session=True, protocol=mqtt.MQTTv311
    )
    client.max_inflight_messages_set(0)  # bounded here instead: paho miscounts after a reconnect
    client.max_queued_messages_set(0)
    if broker.is_encrypted:
        ca_file = settings().mqtt_ca_file
        client.tls_set_context(ssl.create_default_context(cafile=ca_file))
    client.go_to(broker)
    return client
