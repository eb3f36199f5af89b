"""paho's client in a thread of its own, which tries one place of the broker after the other."""

from __future__ import annotations

from itertools import cycle

from paho.mqtt.client import Client as PahoClient
from paho.mqtt.enums import MQTTErrorCode

from gebaeude.mqtt import Address

KEEPALIVE_S = 30
LONGEST_PAUSE_S = 30  # between attempts to connect


class Client(PahoClient):
    """Signs in as the address says. `go_to` once, then `loop_start`."""

    def go_to(self, address: Address) -> None:
        """Where to connect, at first and after each lost connection."""
        if address.username is not None:
            self.username_pw_set(address.username, address.password)
        self.reconnect_delay_set(1, LONGEST_PAUSE_S)
        self._places = cycle(address.places)
        self.connect_async(*address.places[0], KEEPALIVE_S)

    def reconnect(self) -> MQTTErrorCode:
        """As paho's, which calls it itself whenever there is no connection, at the next place."""
        self.connect_async(*next(self._places), KEEPALIVE_S)
        return super().reconnect()
