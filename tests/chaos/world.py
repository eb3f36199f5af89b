"""One system to be maltreated: PostgreSQL with fsync, Mosquitto as shipped, ingest as a process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.store.database import Connection, connect
from gebaeude.store.migrate import migrate
from ingest.patience import Pause
from tests.chaos import servers
from tests.chaos.messages import BLOCK, DEVICES, Kind, Numbered, message
from tests.chaos.oracle import judge
from tests.chaos.publisher import Publisher

# Instead of minutes, so that rounds are short:
STATEMENT_TIMEOUT_MS = 1000
SILENT_MS = 5000  # until ingest gives up a database that does not answer
CLIENT_ID = "chaos-ingest"
IDLE_S = 0.05
SLACK_S = 30.0  # for servers that start, and two cores that others use too
RECOVERED_WITHIN_S = 150.0  # back-off of up to 30 s, and what was waiting, on a busy machine


class World:
    """Servers that stand for many rounds, and the ingest between them.

    seed: of everything that is left to chance.
    """

    def __init__(self, state: Path, seed: int, broker: servers.Broker | None = None) -> None:
        self.state = state
        self.random = random.Random(seed)
        self.postgres = EmbeddedPostgres(state)
        self.broker: servers.Broker = broker or EmbeddedMosquitto(state)
        self.ingest = IngestProcess(state / "ingest.log")
        self._next = 1

    @property
    def url(self) -> str:
        """Of the broker, for everybody who sends."""
        return self.broker.url

    def start_broker(self) -> None:
        self.broker.start()

    def stop_broker(self) -> None:
        self.broker.stop()

    def __enter__(self) -> World:
        self.postgres.start()
        self.start_broker()
        migrate(self.postgres.url)
        with self.connect() as connection:
            _furnish(connection)
        self.start_ingest()
        self.await_session()
        return self

    def __exit__(self, *_: object) -> None:
        self.ingest.kill()
        self.stop_broker()
        self.postgres.stop()

    def connect(self) -> Connection:
        """A connection of the observer's own, which waits for the server if it must."""
        deadline = time.monotonic() + 180
        while True:
            try:
                return connect(self.postgres.url, name="chaos", autocommit=True)
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def messages(self, count: int, kind: Kind | None = None) -> list[Numbered]:
        """The next `count` messages, from a new block on; no number is ever used twice."""
        first = -(-self._next // BLOCK) * BLOCK
        self._next = first + count
        return [message(number, kind) for number in range(first, first + count)]

    def start_ingest(
        self, *, database_port: int | None = None, broker_port: int | None = None
    ) -> None:
        """Starts ingest, through proxies where their ports are given."""
        database = _at(self.postgres.url, database_port or self.postgres.port)
        options = quote(
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS}ms"
            f" -c idle_in_transaction_session_timeout={SILENT_MS}ms"
        )
        self.ingest.start(
            GEBAEUDE_DATABASE_URL=f"{database}?options={options}&tcp_user_timeout={SILENT_MS}",
            GEBAEUDE_MQTT_URL=_at(self.url, broker_port) if broker_port else self.url,
            GEBAEUDE_MQTT_CLIENT_ID=CLIENT_ID,
        )

    def restart_ingest(
        self, *, database_port: int | None = None, broker_port: int | None = None
    ) -> None:
        """Lets ingest end in an orderly way and starts it anew, as `start_ingest` does."""
        self.ingest.stop()
        self.start_ingest(database_port=database_port, broker_port=broker_port)
        self.await_ready()

    def await_ready(self) -> None:
        """Returns once ingest is connected; its session, if it was there, goes on."""
        self.ingest.await_line("connected to the broker")

    def await_session(self) -> None:
        """Returns once the broker keeps what is published: a new session is not there at once."""
        self.await_ready()
        with self.connect() as connection:
            wait_until(lambda: self._gets_through(connection), "ingest's session")

    def _gets_through(self, connection: Connection) -> bool:
        """Whether a message that is published now arrives, within a second."""
        probe = Publisher(self.url, self.messages(1, "single"), client_id="chaos-probe")
        probe.start()
        probe.finish()
        with suppress(TimeoutError):
            wait_until(lambda: not judge(connection, probe.acknowledged).lost, "the probe", 1.0)
            return True
        return False

    def await_all(self, messages: Mapping[int, Numbered]) -> None:
        """Returns once all these messages are stored or kept."""
        with self.connect() as connection:
            wait_until(
                lambda: not judge(connection, messages).lost,
                "all messages",
                RECOVERED_WITHIN_S,
            )

    def time_to_recover(self, publisher: Publisher) -> float:
        """Seconds until everything has come through, which may be the longest pause at most."""
        began = time.monotonic()
        publisher.finish()
        self.await_all(publisher.acknowledged)
        took = time.monotonic() - began
        assert took < Pause.LONGEST_S + SLACK_S, f"{took:.1f} s"
        return took

    def pause(self, shortest_s: float, longest_s: float) -> None:
        """Waits for a random time."""
        time.sleep(self.random.uniform(shortest_s, longest_s))


class IngestProcess:
    """`gebaeude ingest`, which can be killed and frozen."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0  # where in the log the present process begins

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, **environment: str) -> None:
        with self.log.open("ab") as log:
            self._began = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gebaeude.cli", "ingest"],
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """As an administrator does. Raises where that takes long or the exit code is not 0."""
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(90) == 0

    def words(self) -> str:
        """What the present process has logged."""
        with self.log.open("rb") as log:
            log.seek(self._began)
            return log.read().decode()

    def await_line(self, text: str, timeout: float = 120.0) -> None:
        wait_until(lambda: text in self.words(), f"ingest to say {text!r}", timeout)


def wait_until(check: Callable[[], bool], what: str, timeout: float = 180.0) -> None:
    """Returns once `check()` is true. Raises TimeoutError."""
    deadline = time.monotonic() + timeout
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:g} s for {what}")
        time.sleep(IDLE_S)


def rows_of(connection: Connection, messages: Sequence[Numbered]) -> int:
    """How many readings of these messages of one kind are visible to others."""
    first, last = messages[0].number, messages[-1].number
    query = "SELECT count(*) FROM reading WHERE value >= %s AND value < %s"
    row = connection.execute(query, (first, last + 1)).fetchone()
    assert row is not None
    return int(row[0])


def kill_and_restart(world: World) -> None:
    """kill -9 of PostgreSQL, and its recovery."""
    servers.kill(world.postgres)
    world.pause(0.0, 0.5)
    servers.restart(world.postgres)


def _at(url: str, port: int) -> str:
    parts = urlsplit(url)
    account, _, _ = parts.netloc.rpartition("@")
    place = f"127.0.0.1:{port}"
    return urlunsplit(parts._replace(netloc=f"{account}@{place}" if account else place))


def _furnish(connection: Connection) -> None:
    connection.execute(
        """
        INSERT INTO municipality (key, name, ags, population)
        VALUES ('barntrup', 'Barntrup', '05766012', 8520);
        INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
        SELECT id, 'rathaus', 'Rathaus', 'Mittelstraße 38', 52, 9 FROM municipality;
        INSERT INTO building (site_id, key, name, use, floor_area_m2, built)
        SELECT id, 'rathaus', 'Rathaus', 'town_hall', 1820, 1907 FROM site;
        """
    )
    for kind, external_id, field, point in DEVICES:
        connection.execute(
            "WITH new_point AS (INSERT INTO point (building_id, key, name, medium, quantity, unit,"
            " kind, interval_s) SELECT id, %(point)s, %(point)s, 'electricity', 'energy', 'kWh',"
            " 'gauge', 900 FROM building RETURNING id, building_id), new_device AS (INSERT INTO"
            " device (building_id, format, external_id, name) SELECT building_id, %(kind)s,"
            " %(external_id)s, 'Gerät' FROM new_point RETURNING id)"
            " INSERT INTO channel (device_id, field, point_id)"
            " SELECT new_device.id, %(field)s, new_point.id FROM new_device, new_point",
            {"kind": kind, "external_id": external_id, "field": field, "point": point},
        )
