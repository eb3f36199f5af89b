"""Sparkplug's births of one ingest: asked for where they are missing, and what waited for them."""

from __future__ import annotations

import logging
import time
from typing import Protocol

from gebaeude.config import Settings
from gebaeude.log import Trouble
from gebaeude.model import Reason
from gebaeude.store.births import News
from gebaeude.store.database import Connection
from ingest.births import Learnt
from ingest.formats import homie, sparkplugb
from ingest.formats.sparkplug_nodes import Births
from ingest.replay import replay_device

log = logging.getLogger(__name__)


class Broker(Protocol):
    """What a request is sent by."""

    @property
    def connected(self) -> bool: ...

    def send(self, topic: str, payload: bytes) -> None: ...


class Midwife:
    """Looks after the births of one process that listens to the stream."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._births = sparkplugb.births = Births()
        homie.forget()
        self._learnt = Learnt(self._births)
        self._healed: list[str] = []
        self._trouble = Trouble(log)

    def attend(self, connection: Connection, broker: Broker) -> None:
        """Every now and then, between two batches. Raises psycopg.Error."""
        self._learnt.more(connection)
        if broker.connected:
            for request in self._births.requests(time.time_ns() // 1000):
                self._trouble.say("a birth is asked for", request.topic, logging.INFO)
                broker.send(*request)
        # Not those of just now: what waits for them may be in a batch that is not written yet.
        while self._healed:
            replayed = replay_device(
                connection, self._settings, "sparkplugb", self._healed[-1], Reason.UNDECODED
            )
            log.info("%s was born, %d messages read again", self._healed.pop(), replayed.checked)
        self._healed = self._births.healed()

    def news(self) -> News:
        """What the messages of a batch have told, all of which have been looked at."""
        return self._births.news()._replace(described=homie.news())

    def close(self) -> None:
        """Nobody listens any more."""
        sparkplugb.births = Births(listening=False)
