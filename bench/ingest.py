"""How fast ingest is, against what the libraries below it can do at most, in one run.

single: one reading a message. The measure is paho's own client that only counts and
acknowledges. packed: 96 readings a message. The measure is the bare write of the same readings.
Runs alternate, and ratios are of medians, because a shared machine is never the same twice.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench import cpu
from bench.publish import Publisher
from bench.servers import Result, Servers
from gebaeude.config import Settings
from gebaeude.model import Message
from gebaeude.store import readings
from gebaeude.store.database import connect, queries
from gebaeude.store.migrate import migrate
from ingest.batch import MOST_ROWS
from ingest.service import Database, Service
from ingest.subscriber import Subscriber

_sql = queries(__file__)

DEVICES = 1000
MESSAGES = 60_000
PACKS = 3_000
PACK = 96  # readings: a day of quarters of an hour
ROUNDS = 3
ACKNOWLEDGED_AT_ONCE = 500  # by the counting client; ingest.md measured it so
START = datetime(2025, 1, 1, tzinfo=UTC)
FRACTION = timedelta(microseconds=775_023)  # of a second, that uplinks come after the full one
CLIENT = "bench"

Messages = Iterator[tuple[bytes, bytes]]
Clocks = tuple[float, float, float]  # s: of the wall, of our processor, of the backend's


def single(on: Servers) -> Iterator[Result]:
    """Messages a second, from the broker's queue to the commit."""
    database, broker = prepared(on)
    drains, rates = [], []
    for turn in range(ROUNDS):
        queue(broker, uplinks(turn))
        drains.append(_drain(broker, MESSAGES))
        queue(broker, uplinks(turn))
        rates.append(whole_way(database, broker, MESSAGES))
    context = {"messages": MESSAGES, "rates": rates, "drains": drains}
    yield "ingest.single.rate", median(rates), "1/s", context
    yield "ingest.single.of_drain", round(median(rates) / median(drains), 2), "", context


def packed(on: Servers) -> Iterator[Result]:
    """Readings a second, with 96 in a message."""
    database, broker = prepared(on)
    bare, rates = [], []
    for turn in range(ROUNDS):
        bare.append(_unnest(database, 2 * turn))
        queue(broker, packs(2 * turn + 1))
        rates.append(whole_way(database, broker, PACKS) * PACK)
    context = {"packs": PACKS, "rates": rates, "unnest": bare}
    yield "ingest.packed.rate", median(rates), "1/s", context
    yield "ingest.packed.of_unnest", round(median(rates) / median(bare), 2), "", context


def uplinks(turn: int, devices: int = DEVICES) -> Messages:
    """`MESSAGES` room sensors' uplinks as ChirpStack sends them; each turn has its own time."""
    for number in range(MESSAGES):
        step = turn * MESSAGES + number
        device, at = step % devices, START + timedelta(minutes=10) * (step // devices)
        payload = (
            '{"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d",'
            f'"time":"{at:%Y-%m-%dT%H:%M:%S}.775023242+00:00",'
            '"deviceInfo":{"tenantId":"52f14cd4-c6f1-4fbd-8f87-4025e1d49242",'
            '"tenantName":"ChirpStack","applicationId":"17c82e96-be03-4f38-aef3-f83d48582d97",'
            f'"deviceName":"Room","devEui":"{device:016x}","tags":{{"key":"value"}}}},'
            f'"devAddr":"00189440","dr":1,"fCnt":{step},"fPort":1,"data":"qg==",'
            f'"object":{{"temperature":{18 + step % 70 / 10:.1f}}},'
            '"rxInfo":[{"gatewayId":"0016c001f153a14c","uplinkId":4217106255,"rssi":-36,'
            '"snr":10.5,"context":"E3OWOQ=="}]}'
        )
        yield f"application/bench/device/{device:016x}/event/up".encode(), payload.encode()


def packs(turn: int) -> Messages:
    """`PACKS` loggers' packs of a day each, as the simulated loggers send them."""
    for number in range(PACKS):
        step = turn * PACKS + number
        device, day = step % DEVICES, START + timedelta(days=step // DEVICES)
        records: list[dict[str, object]] = [
            {"n": "waerme", "t": 900 * quarter, "v": round(step + quarter * 0.1, 3)}
            for quarter in range(PACK)
        ]
        records[0] |= {"bn": f"urn:dev:mac:{device:016x}:", "bt": day.timestamp(), "bu": "kWh"}
        yield f"senml/{device}".encode(), json.dumps(records, separators=(",", ":")).encode()


def prepare(database: str, devices: int = DEVICES) -> None:
    """The schema and the devices, in an empty database."""
    migrate(database)
    with connect(database, name="bench", autocommit=True) as connection:
        _sql.fill_building(connection)
        _sql.leave_no_trace(connection)
        _sql.fill_points(connection, devices=devices)
        _sql.fill_devices(connection, devices=devices)
        _sql.fill_channels(connection)


def prepared(on: Servers, devices: int = DEVICES, name: str = "broker") -> tuple[str, str]:
    """Addresses of a database with devices, and of a broker that keeps messages for `CLIENT`."""
    database, broker = on.database(), on.broker(name)
    prepare(database, devices)
    subscriber = Subscriber(broker, CLIENT)
    while not subscriber.connected:
        subscriber.breathe(0.1)
    subscriber.breathe(0.2)
    subscriber.close()
    return database, broker


def queue(broker: str, messages: Messages) -> None:
    """Leaves messages with the broker for the client that is away."""
    with Publisher(broker) as publisher:
        publisher.publish(messages)


class Way(NamedTuple):
    """What a message costs on the whole way: by the clock, and of the processors."""

    rate: int  # messages a second
    ingest_us: float  # CPU
    database_us: float  # CPU of the backend that writes


class _Counting(Subscriber):
    """Stops the service when so many messages are acknowledged, and looks at the clocks."""

    def __init__(
        self, broker: str, expected: int, stop: threading.Event, clocks: Callable[[], Clocks]
    ) -> None:
        super().__init__(broker, CLIENT)
        self._left, self._stop, self._clocks = expected, stop, clocks
        self.began: Clocks | None = None
        self.ended: Clocks | None = None

    def collect(self, room: int, wait_s: float) -> list[Message]:
        messages = super().collect(room, wait_s)
        if messages and self.began is None:
            self.began = self._clocks()
        return messages

    def acknowledge(self, count: int) -> None:
        super().acknowledge(count)
        self._left -= count
        if self._left <= 0:
            self.ended = self._clocks()
            self._stop.set()


def whole_way(database: str, broker: str, expected: int) -> int:
    """Messages a second of the whole way."""
    return cost_of_way(database, broker, expected).rate


def cost_of_way(database: str, broker: str, expected: int) -> Way:
    """What one of so many messages that wait costs, until it is committed and acknowledged."""
    held, stop = Database(database), threading.Event()

    def clocks() -> Clocks:
        backend = held.connection().info.backend_pid
        return time.perf_counter(), time.process_time(), cpu.seconds([backend])

    subscriber = _Counting(broker, expected, stop, clocks)
    settings = Settings.model_validate({"database_url": database, "mqtt_url": broker})
    service = Service(settings, held, subscriber, stop)
    service.run()
    service.close()
    return _way(subscriber, expected)


def _way(subscriber: _Counting, expected: int) -> Way:
    if subscriber.began is None or subscriber.ended is None:
        raise RuntimeError("it was stopped before everything was acknowledged")
    took, own, backend = np.subtract(subscriber.ended, subscriber.began)
    per = 1e6 / expected
    return Way(round(expected / took), round(own * per, 2), round(backend * per, 2))


def _drain(broker: str, expected: int) -> int:
    """Messages a second of a client that only counts and acknowledges."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=CLIENT, clean_session=False, manual_ack=True
    )
    began, pending, count = 0.0, list[int](), 0

    def on_message(client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        nonlocal began, count
        began = began or time.perf_counter()
        count += 1
        pending.append(message.mid)
        if len(pending) >= ACKNOWLEDGED_AT_ONCE or count == expected:
            for number in pending:
                client.ack(number, 1)
            pending.clear()

    client.on_message = on_message
    address = urlsplit(broker)
    client.connect(address.hostname or "", address.port or 1883)
    while count < expected or client.want_write():
        client.loop(1)
    took = time.perf_counter() - began
    client.disconnect()
    client.loop(0.1)
    return round(expected / took)


def _unnest(database: str, turn: int) -> int:
    """Readings a second of the write alone: the same readings as `packs`, in the same batches."""
    with connect(database, name="bench") as connection:
        ids = np.array([row[0] for row in _sql.point_ids(connection, prefix="meter-")], np.int32)
        steps = np.repeat(np.arange(turn * PACKS, (turn + 1) * PACKS), PACK)
        quarters = np.tile(np.arange(PACK), PACKS)
        start = int(START.timestamp()) * 1_000_000
        times = start + (steps // DEVICES * 96 + quarters) * 900_000_000
        points, values = ids[steps % DEVICES], steps + quarters * 0.1
        began = time.perf_counter()
        for first in range(0, len(points), MOST_ROWS):
            part = slice(first, first + MOST_ROWS)
            good = np.zeros(len(points[part]), np.int16)
            readings.write(connection, points[part], times[part], values[part], good)
            connection.commit()
        return round(len(points) / (time.perf_counter() - began))
