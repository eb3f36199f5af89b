"""The loop: collect → decode → resolve → one transaction → acknowledge.

One batch is written by a second thread while the next is collected and decoded; there is never more
than one transaction under way, and all that is said to the broker is said by the first thread.

A batch is written when it is full, when its oldest message has waited long enough, or when
nothing more comes for a moment: then the sender may be waiting for us, be it because the broker's
in-flight window is smaller than the batch. While the database is away the batch waits, nothing is
acknowledged, and the broker keeps what it cannot deliver.
"""

from __future__ import annotations

import logging
import math
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple

import psycopg

from gebaeude.config import Settings, require
from gebaeude.errors import ServiceMissing
from gebaeude.log import Trouble
from gebaeude.metrics import serve
from gebaeude.store import deliveries, devices, heartbeat
from gebaeude.store.database import Connection, connect, wait_for
from gebaeude.store.deliveries import Page
from ingest import metrics
from ingest.batch import Batch
from ingest.heard import SignsOfLife
from ingest.membership import Membership
from ingest.midwife import Midwife
from ingest.patience import Pause
from ingest.resolve import Channels
from ingest.subscriber import Subscriber
from ingest.write import Stale, Stored, Writer

log = logging.getLogger(__name__)

PROCESS = "ingest"
QUIET_S = 0.01  # nothing for so long: write what there is
TICK_S = 0.2  # how soon an idle loop sees that it is to stop
LOOK_EVERY_S = 1.0  # how soon a new portfolio counts
SWITCH_S = 0.0005  # what the writer waits for the interpreter, each time that the database answers


def run(settings: Settings, stop: threading.Event, *, leaving: bool = False) -> None:
    """Ingests until `stop` is set; then finishes the batch and acknowledges it.

    leaving: leaves the share to the others, and ends as soon as nothing waits in its session.
    Raises ServiceMissing where database or broker turn us away from the start; otherwise it waits
    for them. SettingsError where an address is missing.
    """
    database = require(settings.database_url, "database_url")
    broker = require(settings.mqtt_url, "mqtt_url")
    stop_metrics = serve(settings)
    subscriber = Subscriber(broker, settings.ingest_client_id, settings.mqtt_ca_file)
    service = Service(settings, Database(database), subscriber, stop, leaving=leaving)
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


class Writing(NamedTuple):
    """A batch that is being written."""

    batch: Batch
    page: Page
    began: float  # by the monotonic clock
    future: Future[Stored]


class Service:
    """One ingest: a subscriber on one side, a database on the other."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        subscriber: Subscriber,
        stop: threading.Event,
        *,
        leaving: bool = False,
    ) -> None:
        self._settings = settings
        self._database = database
        self._subscriber = subscriber
        self._stop = stop
        self._midwife = Midwife(settings)
        self._channels: Channels | None = None
        self._version = 0
        self._counts = metrics.Counts()
        metrics.BROKER.set_function(lambda: subscriber.connected)
        self._trouble = Trouble(log)
        self._next_look = self._next_beat = -math.inf
        self._signs_of_life = SignsOfLife()
        self._process = "-".join(filter(None, (PROCESS, settings.ingest_name)))
        self._membership = Membership(
            subscriber.share.client,
            settings.mqtt_client_id,
            self._process,
            alone=not settings.ingest_name,
            leaving=leaving,
        )
        self._writer = Writer()
        self._write_thread = ThreadPoolExecutor(1, "write")
        self._under_way: Writing | None = None
        self._written_at = -math.inf

    def run(self) -> None:
        """Until it is told to stop."""
        sys.setswitchinterval(SWITCH_S)
        while not self._stop.is_set():
            if self._channels is None:
                self._look_around()
                if self._channels is None:
                    self._stop.wait(TICK_S)
                    continue
            batch = self._collect(self._channels)
            self._finish()
            self._look_around()
            if batch and self._under_way is None:
                self._begin(batch)
            elif self._subscriber.marker:
                self._cross()
            elif self._cross():
                break
        self._finish()

    def _cross(self) -> bool:
        """Where nothing before a marker is left: on to what is behind it. Whether that is all."""
        try:
            if self._subscriber.marker:
                self._membership.cross(self._database.connection(), self._subscriber)
            if not self._membership.is_over(self._subscriber.share):
                return False
            return self._membership.end(self._database.connection(), self._subscriber)
        except psycopg.Error as error:
            self._is_away(error, "another share of the messages waits for it")
            self._stop.wait(TICK_S)
            return False

    def close(self) -> None:
        """Leaves broker and database; the broker keeps the session."""
        self._write_thread.shutdown()
        self._midwife.close()
        self._subscriber.close()
        self._database.drop()

    def _collect(self, channels: Channels) -> Batch:
        """The next batch, after `TICK_S` without a message an empty one."""
        batch = Batch(self._settings.ingest_batch, self._version)
        limit = self._settings.message_limit
        now, due = time.monotonic(), math.inf
        idle_s = TICK_S if self._under_way is None else QUIET_S
        while batch.room and now < due:
            wait_s = min(QUIET_S, due - now) if batch else idle_s
            messages = self._subscriber.collect(batch.room, wait_s)
            if not messages:
                break
            now = time.monotonic()
            due = min(due, now + self._settings.ingest_max_age_ms / 1000)
            for message in messages:
                batch.add(message, channels, limit)
        return batch

    def _begin(self, batch: Batch) -> None:
        """Has the batch written while the next one is collected."""
        batch.news = self._midwife.news()
        page = self._subscriber.page(len(batch))
        self._counts.begun(batch)
        self._under_way = Writing(batch, page, time.monotonic(), self._submit(batch, page))

    def _submit(self, batch: Batch, page: Page) -> Future[Stored]:
        return self._write_thread.submit(self._write, batch, page)

    def _write(self, batch: Batch, page: Page) -> Stored:
        stored = self._writer.store(self._database.connection(), batch, page)
        self._written_at = time.monotonic()  # nobody may look for a while: the next is collected
        return stored

    def _finish(self) -> None:
        """Sees what is under way through, however long it takes, and acknowledges it.

        Told to stop while the database is away, it lets it be: the broker delivers it again.
        """
        if self._under_way is None:
            return
        batch, page, began, future = self._under_way
        pause, again = Pause(), False
        while True:
            try:
                if again:
                    batch, again = self._renewed(batch), False
                    future = self._submit(batch, page)
                stored = self._result(future)
            except (Stale, psycopg.errors.DeadlockDetected) as error:
                log.debug("written once more: %r", error)
                again = True
            except psycopg.Error as error:
                self._is_away(error, f"{len(batch)} messages wait for it")
                again = True
                pause.prolong()
                if not self._sit_out(pause):
                    return
            else:
                break
        self._under_way = None
        self._counts.committed(batch, stored, self._written_at - began)
        self._subscriber.acknowledge(len(batch))
        log.debug("%d messages, %d readings changed", len(batch), stored.changed)

    def _result(self, future: Future[Stored]) -> Stored:
        """Waits for the writer, and meanwhile keeps the connection to the broker alive."""
        while not wait([future], TICK_S).done:
            self._subscriber.breathe(0)
        return future.result()

    def _sit_out(self, pause: Pause) -> bool:
        """Waits until the next attempt; false when told to stop meanwhile."""
        while (left := pause.left()) > 0:
            if self._stop.is_set():
                return False
            self._subscriber.breathe(min(left, TICK_S))
        return True

    def _renewed(self, batch: Batch) -> Batch:
        """The batch by the channels as they are now."""
        channels = self._reload_channels(self._database.connection())
        if batch.version == self._version:
            return batch
        return batch.again(channels, self._settings.message_limit, self._version)

    def _look_around(self) -> None:
        """Every now and then: have the channels changed? And a sign of life."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        try:
            channels = self._reload_channels(self._database.connection())
            self._membership.attend(self._database.connection(), self._subscriber)
            self._midwife.attend(self._database.connection(), self._subscriber)
            if now >= self._next_beat:
                self._next_beat = now + heartbeat.EVERY_S
                detail = self._counts.detail(broker=self._subscriber.subscribed)
                heartbeat.beat(self._database.connection(), self._process, detail)
            if self._signs_of_life.are_due(now):
                self._signs_of_life.tell(self._database.connection(), channels)
        except psycopg.Error as error:
            self._is_away(error, "nothing waits for it yet")
        else:
            metrics.DATABASE.set(1)

    def _reload_channels(self, connection: Connection) -> Channels:
        version = devices.version(connection)
        if self._channels is not None and version == self._version:
            return self._channels
        if self._channels is None:
            ledger = self._subscriber.ledger
            ledger.load(deliveries.pages(connection, ledger.client))
            self._subscriber.follow(self._membership.load(connection))
        else:
            self._signs_of_life.note(self._channels)
        channels = devices.channels(connection)
        self._channels = Channels(channels, self._settings.clock_ahead_s)
        self._version = version
        log.info("%d channels, version %d", len(channels), version)
        return self._channels

    def _is_away(self, error: psycopg.Error, consequence: str) -> None:
        metrics.DATABASE.set(0)
        self._database.drop()
        self._trouble.say("the database is away", f"{consequence}: {' '.join(str(error).split())}")
