"""A broker of the test's own, a database with a few devices, and ingest between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.publish import Publisher
from gebaeude.config import Settings
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.store.database import connect
from ingest.service import run
from tests.places import scratch

START = datetime(2026, 11, 1, tzinfo=UTC)
SENSOR = "0101010101010101"
LOGGER = "urn:dev:mac:0024befffe804ff1:"

# point: quantity, unit
POINTS = {
    "temperatur": ("temperature", "°C"),
    "feuchte": ("humidity", "%"),
    "waerme": ("energy", "kWh"),
    "wasser": ("volume", "m3"),
    "strom": ("energy", "kWh"),
    "leistung": ("power", "kW"),
}
# (format, device): field → point, None for one that is not wanted
DEVICES: dict[tuple[str, str], dict[str, str | None]] = {
    ("chirpstack", SENSOR): {"temperature": "temperatur", "humidity": "feuchte", "battery": None},
    ("wmbusmeters", "33225544"): {"total_m3": "wasser", "max_flow_m3h": None},
    ("shelly", "shellyplugus-083af2018c80"): {
        "switch:0.aenergy.total": "strom",
        "switch:0.apower": "leistung",
        "switch:0.voltage": None,
        "switch:0.current": None,
        "switch:0.temperature.tC": None,
    },
    ("senml", LOGGER): {"waerme": "waerme"},
}


def uplink(number: int, value: float | None = None) -> tuple[bytes, bytes]:
    """One uplink of the sensor; each number has its own minute."""
    at = (START + timedelta(minutes=number)).isoformat()
    decoded = {"temperature": 20 + number % 50 / 10 if value is None else value}
    tree = {"time": at, "deviceInfo": {"devEui": SENSOR}, "object": decoded}
    return f"application/1/device/{SENSOR}/event/up".encode(), json.dumps(tree).encode()


class Store:
    """What has become of the messages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = connect(url, name="test", autocommit=True)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values or None).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.ask(query, *values)[0][0]

    def count(self) -> int:
        return int(self.one("SELECT count(*) FROM reading"))

    def values(self, point: str) -> list[float]:
        """The point's values in the order of their time."""
        return [
            row[0]
            for row in self.ask(
                "SELECT value FROM reading JOIN point ON point.id = point_id"
                " WHERE key = %s ORDER BY time",
                point,
            )
        ]

    def quarantine(self) -> list[tuple[str, str, str | None, int]]:
        """(reason, format, device, times) of each kept message, in the order of arrival."""
        return self.ask("SELECT reason, format, device, times FROM quarantine ORDER BY id")

    def all_good(self, count: int) -> bool:
        """Whether the sensor's messages 0 to `count` are all there, with the values they had."""
        rows = self.ask(
            "SELECT value FROM reading JOIN point ON point.id = point_id"
            " WHERE key = 'temperatur' AND time >= %s AND time < %s ORDER BY time",
            START,
            START + timedelta(minutes=count),
        )
        return [value for (value,) in rows] == [20 + n % 50 / 10 for n in range(count)]

    def attach(self, devices: dict[tuple[str, str], dict[str, str | None]]) -> None:
        """Makes these devices known, and ties their fields to points."""
        for (kind, external_id), fields in devices.items():
            self.connection.execute(
                "INSERT INTO device (building_id, format, external_id, name)"
                " SELECT id, %s, %s, 'Gerät' FROM building ON CONFLICT DO NOTHING",
                (kind, external_id),
            )
            for field, point in fields.items():
                self.connection.execute(
                    "INSERT INTO channel (device_id, field, point_id)"
                    " SELECT device.id, %s, (SELECT id FROM point WHERE key = %s)"
                    " FROM device WHERE format = %s AND external_id = %s"
                    " ON CONFLICT (device_id, field, valid_from)"
                    " DO UPDATE SET point_id = excluded.point_id",
                    (field, point, kind, external_id),
                )


def fill(store: Store) -> None:
    """One building with the points and devices above."""
    store.connection.execute(
        """
        INSERT INTO municipality (key, name, ags, population)
        VALUES ('barntrup', 'Barntrup', '05766012', 8520);
        INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
        SELECT id, 'rathaus', 'Rathaus', 'Mittelstraße 38', 52, 9 FROM municipality;
        INSERT INTO building (site_id, key, name, use, floor_area_m2, built)
        SELECT id, 'rathaus', 'Rathaus', 'town_hall', 1820, 1907 FROM site;
        """
    )
    for key, (quantity, unit) in POINTS.items():
        store.connection.execute(
            "INSERT INTO point (building_id, key, name, medium, quantity, unit, kind, interval_s)"
            " SELECT id, %s, %s, 'climate', %s, %s, 'gauge', 900 FROM building",
            (key, key, quantity, unit),
        )
    store.attach(DEVICES)


@pytest.fixture
def good() -> Callable[..., tuple[bytes, bytes]]:
    return uplink


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    one = Store(database_url)
    fill(one)
    yield one
    one.connection.close()


@pytest.fixture
def broker() -> Iterator[EmbeddedMosquitto]:
    """A broker of the test's own, in a directory that the mosquitto user can reach."""
    with scratch("gebaeude-test-broker-") as state, EmbeddedMosquitto(state) as one:
        yield one


Publish = Callable[[Iterable[tuple[bytes, bytes]]], int]


@pytest.fixture
def publish(broker: EmbeddedMosquitto) -> Publish:
    """Publishes (topic, payload) with QoS 1; returns when the broker has them all."""

    def send(messages: Iterable[tuple[bytes, bytes]], **how: Any) -> int:
        with Publisher(broker.url, "test-publisher") as one:
            return one.publish(messages, **how)

    return send


class Ingest:
    """Ingest in a thread of the test; several runs after each other share the session."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join(20)
            assert not self._thread.is_alive()
            self._thread = None

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        try:
            run(self.settings, self._stop)
        except BaseException as error:
            self.error = error


@pytest.fixture
def settings(store: Store, broker: EmbeddedMosquitto) -> Settings:
    return Settings(database_url=store.url, mqtt_url=broker.url, mqtt_client_id="test-ingest")


@pytest.fixture
def idle_ingest(settings: Settings) -> Iterator[Ingest]:
    """Ingest that is not started yet."""
    one = Ingest(settings)
    yield one
    one.stop()
    assert one.error is None


@pytest.fixture
def ingest(idle_ingest: Ingest, publish: Publish, store: Store, eventually: Any) -> Ingest:
    """Ingest that is running and has subscribed: a first reading, a minute before number 0."""
    idle_ingest.start()
    first = uplink(-1)

    def has_come() -> bool:
        publish([first])
        return store.count() == 1

    eventually(has_come, pause=0.05)
    return idle_ingest


class Process:
    """`gebaeude ingest` as a process that can be killed."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.environment = os.environ | {
            "GEBAEUDE_DATABASE_URL": settings.database_url,
            "GEBAEUDE_MQTT_URL": settings.mqtt_url,
            "GEBAEUDE_MQTT_CLIENT_ID": settings.mqtt_client_id,
        }
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gebaeude.cli", "ingest"],
                env=self.environment | environment,
                stderr=log,
            )
        return self._process

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def process(settings: Settings, tmp_path: Path) -> Iterator[Process]:
    one = Process(settings, tmp_path / "ingest.log")
    yield one
    one.kill()
