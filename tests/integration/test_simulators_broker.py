"""Publishing to a real broker: on time, without a loss, and over as soon as it is told to stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from msgspec import structs
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.errors import SettingsError, UsageError
from gebaeude.portfolio.load import load
from gebaeude.portfolio.records import Portfolio
from simulators.publish import Publisher
from simulators.run import simulate

MOST_LATE_S = 10.0  # history of a year takes a minute or more
Heard = list[tuple[float, str, bytes]]  # when [s since 1970], topic, payload


@pytest.fixture
def broker(state: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedMosquitto]:
    """A broker of the test's own: it is stopped in between, or everything on it is counted."""
    with EmbeddedMosquitto(state / request.node.name[:40].replace("[", "-")) as own:
        yield own


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    """The first four buildings."""
    whole = load()
    return structs.replace(whole, sites=whole.sites[:3])


@contextmanager
def listening(url: str, topic: str = "#") -> Iterator[Heard]:
    """Everything that comes by, until the block ends; a session that outlives the broker."""
    heard: Heard = []
    ready = Event()
    client = mqtt.Client(
        # Its own name for each topic: what was not acknowledged at the end comes again otherwise.
        CallbackAPIVersion.VERSION2, f"listener to {topic}", clean_session=False,
        protocol=mqtt.MQTTv311,
    )  # fmt: skip
    client.on_connect = lambda c, *_: c.subscribe(topic, qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _c, _d, m: heard.append((time.time(), m.topic, bytes(m.payload)))
    client.reconnect_delay_set(1, 1)
    parts = urlsplit(url)
    client.connect(str(parts.hostname), parts.port or 1883)
    client.loop_start()
    assert ready.wait(10)
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def simulating(portfolio: Portfolio, url: str, **how: object) -> Iterator[Thread]:
    """The simulation in a thread; the block's end stops it, whatever it is at."""
    stop = Event()
    thread = Thread(target=simulate, args=(portfolio, url), kwargs={"stop": stop, **how})
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def _devices(portfolio: Portfolio) -> int:
    return sum(len(building.devices) for building in portfolio.buildings())


def test_live_comes_first_and_history_newest_first(
    portfolio: Portfolio, broker: EmbeddedMosquitto, eventually: Callable[..., object]
) -> None:
    with listening(broker.url) as heard:
        begun = time.time()
        with simulating(portfolio, broker.url, seed=1, days=12):
            eventually(lambda: _bottom(heard) < begun - 11 * 86_400, timeout=30)
    first = _history(heard)[0][0]
    assert len({topic for at, topic, _body in heard if at < first}) == _devices(portfolio)
    packs = [pack for _at, _topic, pack in _history(heard)]
    quarters = [pack for pack in packs if len(pack) > 1 and pack[1].get("t") == 900]
    days = [pack[0]["bt"] // 86_400 for pack in quarters]
    assert days == sorted(days, reverse=True)
    assert days[0] - days[-1] >= 10
    assert time.time() - (days[0] * 86_400) < 2 * 86_400


def _history(heard: Heard) -> list[tuple[float, str, list[dict[str, float]]]]:
    """Packs of one point: their base name does not end where the logger's ends."""
    found = []
    for at, topic, body in list(heard):
        if topic.startswith("senml/"):
            pack = json.loads(body)
            if not pack[0]["bn"].endswith(":"):
                found.append((at, topic, pack))
    return found


def _bottom(heard: Heard) -> float:
    """Begin of the last pack of quarter-hours among the newest messages [s]."""
    last = [pack for _at, _topic, pack in _history(heard[-20:]) if pack[-1].get("t") == 85_500]
    return last[-1][0]["bt"] if last else time.time()


def _packs(heard: Heard) -> int:
    return len(_history(heard))


def test_live_is_not_late_because_of_history(
    broker: EmbeddedMosquitto, eventually: Callable[..., object]
) -> None:
    """While a year of history goes out, live messages do not wait for it."""
    with listening(broker.url) as heard, simulating(load(), broker.url, seed=1, days=365):
        eventually(lambda: len(_lateness(heard)) >= 10 and len(heard) > 10_000, timeout=60)
    assert _packs(heard) > 2_000
    assert max(_lateness(heard)) < MOST_LATE_S


def _lateness(heard: Heard) -> list[float]:
    """Of the live messages that came while history did: after their own time [s]."""
    history = _history(heard[:2000])
    if not history:
        return []
    began = history[0][0]
    times = [
        (at, json.loads(body)["params"]["ts"] // 1)
        for at, topic, body in list(heard)
        if at > began and topic.endswith("/events/rpc")
    ]
    return [at - sent for at, sent in times if sent > began]


def test_nothing_is_lost_while_the_broker_is_away(
    broker: EmbeddedMosquitto, eventually: Callable[..., object]
) -> None:
    stop = Event()
    publisher = Publisher(broker.url, "test-loss", stop)
    total = 3_000

    def publish() -> None:
        for number in range(total):
            publisher.publish("test/loss", str(number).encode())
            if number % 10 == 0:
                time.sleep(0.01)

    with listening(broker.url, "test/loss") as heard:
        thread = Thread(target=publish)
        thread.start()
        eventually(lambda: len(heard) > 300)
        broker.stop()
        assert thread.is_alive()
        broker.start()
        thread.join(60)
        eventually(lambda: {int(body) for _at, _t, body in heard} == set(range(total)), 60)
    stop.set()
    publisher.close()


@pytest.mark.parametrize("days", [0, 30])
def test_it_stops_at_once_where_there_is_no_broker(
    portfolio: Portfolio, free_port: Callable[[], int], days: int
) -> None:
    with simulating(portfolio, f"mqtt://127.0.0.1:{free_port()}", days=days) as thread:
        time.sleep(2.0)
        assert thread.is_alive()


def test_it_finds_a_broker_that_comes_later(
    portfolio: Portfolio, broker: EmbeddedMosquitto, eventually: Callable[..., object]
) -> None:
    with listening(broker.url) as heard:
        broker.stop()
        with simulating(portfolio, broker.url):
            time.sleep(2.0)
            broker.start()
            eventually(lambda: len(heard) >= _devices(portfolio), timeout=15)


def test_a_fast_clock_catches_up_and_is_never_ahead(
    portfolio: Portfolio, broker: EmbeddedMosquitto, eventually: Callable[..., object]
) -> None:
    portfolio = structs.replace(portfolio, sites=portfolio.sites[:1])
    now = time.time()
    with (
        listening(broker.url, "wmbusmeters/#") as heard,
        simulating(portfolio, broker.url, days=1, speed=40_000),
    ):
        meters = sum(
            device.format == "wmbusmeters"
            for building in portfolio.buildings()
            for device in building.devices
        )
        eventually(lambda: len(heard) >= meters * 96, timeout=30)
    stamps = [_stamp(body) for _at, _topic, body in heard]
    assert stamps == sorted(stamps)
    assert stamps[0] == pytest.approx(now - 86_400, abs=5)
    assert all(stamp <= at for (at, _t, _b), stamp in zip(heard, stamps, strict=True))


def _stamp(body: bytes) -> float:
    text = json.loads(body)["timestamp"]
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone


def test_what_is_sent_while_connecting_keeps_its_order(
    broker: EmbeddedMosquitto, eventually: Callable[..., object]
) -> None:
    for attempt in range(15):
        with listening(broker.url, f"order/{attempt}") as heard:
            publisher = Publisher(broker.url, "test-order", Event())
            for number in range(120):
                publisher.publish(f"order/{attempt}", b"%d" % number)
                time.sleep(0.0002)  # so that some fall before the connection and some after
            eventually(lambda heard=heard: len(heard) >= 120)
            publisher.close()
        assert [int(body) for _at, _topic, body in heard] == list(range(120))


def test_wrong_arguments_are_told_at_once(portfolio: Portfolio) -> None:
    with pytest.raises(SettingsError, match="mqtt_url"):
        simulate(portfolio, "http://localhost", stop=Event())
    with pytest.raises(UsageError, match="water-leek"):
        simulate(portfolio, "mqtt://localhost", faults=["water-leek"], stop=Event())
