"""The loop: collect → decode → resolve → one transaction → acknowledge. One thread, one batch.

A batch is written when it is full, when its oldest message has waited long enough, or when
nothing more comes for a moment: then the sender may be waiting for us, be it because the broker's
in-flight window is smaller than the batch. While the database is away the batch waits, nothing is
acknowledged, and the broker keeps what it cannot deliver.
"""

from __future__ import annotations

import logging
import math
import threading
import time

import psycopg

from gebaeude.config import Settings, require
from gebaeude.errors import ServiceMissing
from gebaeude.log import Trouble
from gebaeude.metrics import serve
from gebaeude.store import devices, heartbeat, inbox
from gebaeude.store.database import Connection, connect, wait_for
from gebaeude.store.deliveries import Page
from ingest import metrics
from ingest.batch import Batch
from ingest.resolve import Channels
from ingest.subscriber import Pause, Subscriber
from ingest.write import Stale, Stored, store

log = logging.getLogger(__name__)

PROCESS = "ingest"
QUIET_S = 0.01  # nothing for so long: write what there is
TICK_S = 0.2  # how soon an idle loop sees that it is to stop
LOOK_EVERY_S = 1.0  # how soon a new portfolio counts


def run(settings: Settings, stop: threading.Event) -> None:
    """Ingests until `stop` is set; then finishes the batch and acknowledges it.

    Raises ServiceMissing where database or broker turn us away from the start; otherwise it waits
    for them. SettingsError where an address is missing.
    """
    database = require(settings.database_url, "database_url")
    broker = require(settings.mqtt_url, "mqtt_url")
    stop_metrics = serve(settings)
    subscriber = Subscriber(broker, settings.mqtt_client_id, settings.mqtt_ca_file)
    service = Service(settings, Database(database), subscriber, stop)
    try:
        wait_for(database, name=f"gebaeude-{PROCESS}", stopped=stop.is_set)
        service.run()
    except ServiceMissing:
        if not stop.is_set():
            raise
    finally:
        service.close()
        stop_metrics()


class Database:
    """The one connection, opened again after it was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """An open connection in autocommit. Raises psycopg.OperationalError."""
        if self._connection is None:
            self._connection = connect(self._url, name=f"gebaeude-{PROCESS}", autocommit=True)
        return self._connection

    def drop(self) -> None:
        """Forgets a connection that may be broken."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Service:
    """One ingest: a subscriber on one side, a database on the other."""

    def __init__(
        self, settings: Settings, database: Database, subscriber: Subscriber, stop: threading.Event
    ) -> None:
        self._settings = settings
        self._database = database
        self._subscriber = subscriber
        self._stop = stop
        self._channels: Channels | None = None
        self._version = 0
        self._counts = metrics.Counts()
        self._trouble = Trouble(log)
        self._next_look = self._next_beat = -math.inf

    def run(self) -> None:
        """Until it is told to stop."""
        while not self._stop.is_set():
            self._look_around()
            if self._channels is None:
                self._stop.wait(TICK_S)
                continue
            batch = self._collect(self._channels)
            if batch and (stored := self._write(batch)):
                self._subscriber.acknowledge(len(batch))
                log.debug("%d messages, %d readings changed", len(batch), stored.changed)

    def close(self) -> None:
        """Leaves broker and database; the broker keeps the session."""
        self._subscriber.close()
        self._database.drop()

    def _collect(self, channels: Channels) -> Batch:
        """The next batch, after `TICK_S` without a message an empty one."""
        batch = Batch(self._settings.ingest_batch)
        limit = self._settings.message_limit
        now, due = time.monotonic(), math.inf
        while batch.room and now < due:
            wait_s = min(QUIET_S, due - now) if batch else TICK_S
            messages = self._subscriber.collect(batch.room, wait_s)
            if not messages:
                break
            now = time.monotonic()
            due = min(due, now + self._settings.ingest_max_age_ms / 1000)
            for message in messages:
                batch.add(message, channels, limit)
        return batch

    def _write(self, batch: Batch) -> Stored | None:
        """Writes the batch, however long that takes; None when told to stop meanwhile."""
        pause, started = Pause(), time.monotonic()
        page = self._subscriber.page(len(batch))
        metrics.WAITING.set(len(batch))
        while True:
            try:
                batch, stored = self._store(batch, page)
            except psycopg.Error as error:
                self._is_away(error, f"{len(batch)} messages wait for it")
                pause.prolong()
            else:
                self._counts.committed(batch, stored, time.monotonic() - started)
                return stored
            while (left := pause.left()) > 0:
                if self._stop.is_set():
                    return None
                self._subscriber.breathe(min(left, TICK_S))

    def _store(self, batch: Batch, page: Page) -> tuple[Batch, Stored]:
        """Stores it as the channels are at that moment: resolved once more if they changed."""
        while True:
            connection = self._database.connection()
            try:
                return batch, store(connection, batch, page, self._version)
            except Stale:
                channels = self._reload_channels(connection)
                batch = batch.again(channels, self._settings.message_limit)

    def _look_around(self) -> None:
        """Every now and then: have the channels changed? And a sign of life."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        metrics.BROKER.set(self._subscriber.connected)
        try:
            self._reload_channels(self._database.connection())
            if now >= self._next_beat:
                self._next_beat = now + heartbeat.EVERY_S
                detail = self._counts.detail(broker=self._subscriber.connected)
                heartbeat.beat(self._database.connection(), PROCESS, detail)
                self._tell_heard(self._database.connection())
        except psycopg.Error as error:
            self._is_away(error, "nothing waits for it yet")
        else:
            metrics.DATABASE.set(1)

    def _reload_channels(self, connection: Connection) -> Channels:
        version = devices.version(connection)
        if self._channels is not None and version == self._version:
            return self._channels
        if self._channels is None:
            self._subscriber.ledger.load(connection)
        self._tell_heard(connection)
        channels = devices.channels(connection)
        self._channels = Channels(channels, self._settings.clock_ahead_s)
        self._version = version
        log.info("%d channels, version %d", len(channels), version)
        return self._channels

    def _tell_heard(self, connection: Connection) -> None:
        if self._channels is not None:
            inbox.hear(connection, self._channels.heard())

    def _is_away(self, error: psycopg.Error, consequence: str) -> None:
        metrics.DATABASE.set(0)
        self._database.drop()
        self._trouble.say("the database is away", f"{consequence}: {' '.join(str(error).split())}")
