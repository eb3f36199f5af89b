"""How long a value takes from the device's publish until the API shows it."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from statistics import median, quantiles

from bench import access
from bench.ingest import DEVICES, prepare
from bench.publish import Publisher
from bench.servers import Result, Servers, process
from gebaeude.access import sealed
from gebaeude.demo.ports import any_free

RATE = 1000  # messages a second
SECONDS = 40
PROBE = DEVICES  # the number of the device that is looked at; the others are the stream
LOOK_EVERY_S = 0.003
PATIENCE_S = 30.0


def publish_to_api(on: Servers) -> Iterator[Result]:
    """One device is probed at random moments while a thousand others send at their rate."""
    database, broker, port = on.database(), on.broker(), any_free()
    prepare(database, DEVICES + 1)
    environment = {
        "GEBAEUDE_DATABASE_URL": database,
        "GEBAEUDE_WEB_DATABASE_URL": access.as_web(database),
        "GEBAEUDE_SECOND_FACTOR_KEY": sealed.new_key(),
        "GEBAEUDE_MQTT_URL": broker,
        "GEBAEUDE_WEB_PORT": str(port),
    }
    with ExitStack() as running:
        for command in ("ingest", "serve"):
            running.enter_context(process(command, environment))
        probe = Probe(broker, port, access.headers(database))
        probe.until_everybody_is_there()
        stream = threading.Thread(target=_stream, args=(broker,))
        stream.start()
        took = []
        while stream.is_alive():
            time.sleep(random.uniform(0.0, 0.1))
            took.append(probe.until_shown(PATIENCE_S) * 1000)
        stream.join()
    context: dict[str, object] = {
        "messages_per_s": RATE,
        "probes": len(took),
        "median": round(median(took), 1),
        "max": round(max(took), 1),
    }
    yield "latency.publish_to_api.p99", round(quantiles(took, n=100)[-1], 1), "ms", context


class Probe:
    """Publishes a value that was never there, and asks the API until it shows it."""

    def __init__(self, broker: str, port: int, headers: dict[str, str]) -> None:
        self._publisher = Publisher(broker, "bench-probe")
        self._headers = headers
        self._api = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._value = 0

    def until_shown(self, patience_s: float) -> float:
        """Seconds that took. Raises TimeoutError."""
        self._value = self._value % 500 + 1
        wanted = 10 + self._value / 100
        began = time.perf_counter()
        self._publisher.publish([uplink(PROBE, wanted)])
        while self._shown() != wanted:
            if time.perf_counter() - began > patience_s:
                raise TimeoutError("the API does not show the value")
            time.sleep(LOOK_EVERY_S)
        return time.perf_counter() - began

    def until_everybody_is_there(self) -> None:
        """What is published before ingest has its session is nobody's."""
        for _ in range(int(PATIENCE_S)):
            with suppress(TimeoutError):
                self.until_shown(1.0)
                return
        raise TimeoutError("ingest or API did not start")

    def _shown(self) -> float | None:
        try:
            path = f"/api/v1/points/bench/room-{PROBE}/latest"
            self._api.request("GET", path, headers=self._headers)
            answer = self._api.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self._api.close()
            return None
        return float(json.loads(body)["value"]) if answer.status == 200 else None


def uplink(device: int, temperature: float) -> tuple[bytes, bytes]:
    """What a room sensor's network server publishes now."""
    tree = {
        "time": datetime.now(UTC).isoformat(),
        "deviceInfo": {"devEui": f"{device:016x}"},
        "object": {"temperature": temperature},
    }
    return f"application/bench/device/{device:016x}/event/up".encode(), json.dumps(tree).encode()


def _stream(broker: str) -> None:
    """`RATE` messages a second, in hundredths of a second."""
    began, device = time.perf_counter(), 0
    with Publisher(broker, "bench-stream") as publisher:
        for tick in range(SECONDS * 100):
            messages = [
                uplink((device + number) % DEVICES, 20 + number % 10)
                for number in range(RATE // 100)
            ]
            device += len(messages)
            publisher.publish(messages)
            time.sleep(max(0.0, began + (tick + 1) / 100 - time.perf_counter()))
