"""One running system for all browser tests: the portfolio, days of simulated history through broker
and ingest, tickets by the worker, and the real web server. One Chromium.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from bench import access
from gebaeude import web
from gebaeude.config import Settings
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.store.database import connect
from gebaeude.store.status import reach
from gebaeude.worker import service as worker
from ingest import service as ingest
from simulators.run import simulate

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DAYS = 8
COLD_ROOM = ("barntrup-rathaus", "buero-1-12-temperatur")
SILENCED = "24e124707c044108"  # the device of the cold room: only the logger speaks for it
STRANGER = "71540900"  # a gas meter that nobody has attached
PATIENCE_S = 90.0

Send = Callable[..., None]


@contextmanager
def running(work: Callable[[Event], object]) -> Iterator[None]:
    """`work(stop)` in a thread of its own until the block ends."""
    stop = Event()
    thread = Thread(target=work, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=20)


def wait(check: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline:
            pytest.fail(f"after {PATIENCE_S:.0f} s still no {what}")
        time.sleep(0.1)


@pytest.fixture(scope="session")
def broker_url(state: Path) -> Iterator[str]:
    """A broker of our own, so that a whole portfolio's history disturbs nobody."""
    if url := os.environ.get("GEBAEUDE_MQTT_URL"):
        yield url
        return
    from gebaeude.demo.mosquitto import EmbeddedMosquitto

    place = state / "browser"
    place.mkdir(mode=0o755)
    with EmbeddedMosquitto(place) as broker:
        yield broker.url


@pytest.fixture(scope="session")
def living_database(server_url: str, portfolio_template: str, broker_url: str) -> Iterator[str]:
    """The portfolio with a week of readings, quarantine, findings and tickets."""
    name = "browser_tests"
    template = urlsplit(portfolio_template).path.lstrip("/")
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    with connect(server_url, name="test", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        settings = _settings(database_url=url, mqtt_url=broker_url, mqtt_client_id="browser-tests")
        with running(lambda stop: ingest.run(settings, stop)):
            _send(broker_url, url)
            with running(lambda stop: worker.run(settings, stop)):
                _until(url, "SELECT count(*) FROM ticket WHERE finding_id IS NOT NULL", "ticket")
                _until(url, "SELECT count(*) FROM ticket WHERE plan_id IS NOT NULL", "plan")
        yield url
    finally:
        with connect(server_url, name="test", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def send(living_database: str, broker_url: str) -> Iterator[Send]:
    """send((topic, payload), …): published to the broker while ingest is running."""
    settings = _settings(
        database_url=living_database, mqtt_url=broker_url, mqtt_client_id="browser-tests"
    )
    with running(lambda stop: ingest.run(settings, stop)):
        yield lambda *messages: publish(broker_url, list(messages))


def _settings(**values: Any) -> Settings:
    return Settings(**values)


def _send(broker_url: str, url: str) -> None:
    """History of all points, then a cold room and messages nobody can use."""
    portfolio = load(NORDLIPPE)
    fault = f"dropout@-{DAYS + 1}d:{SILENCED}"
    begin = datetime.now(UTC) - timedelta(days=DAYS - 0.2)

    def told(stop: Event) -> None:
        simulate(portfolio, broker_url, seed=7, days=DAYS, faults=[fault], stop=stop)

    with running(told), connect(url, name="test", autocommit=True) as connection:
        wait(lambda: reach(connection, begin).share_before > 0.99, "history of all points")
    logger = next(
        device
        for site in portfolio.sites
        for building in site.buildings
        if building.key == COLD_ROOM[0]
        for device in building.devices
        if device.format == "senml"
    )
    now = time.time()
    cold = [
        {"bn": logger.id, "n": COLD_ROOM[1], "u": "Cel", "v": 9.5 + i / 10, "t": now - 600 * i}
        for i in range(14)
    ]
    topic = f"senml/{COLD_ROOM[0]}"
    stranger = {"media": "gas", "meter": "unismart", "name": STRANGER, "id": STRANGER}
    unknown = json.dumps({**stranger, "total_m3": 7.5, "timestamp": f"{begin:%FT%TZ}"}).encode()
    publish(broker_url, [(f"wmbusmeters/{STRANGER}", unknown)])
    publish(broker_url, [(topic, one) for one in (json.dumps(cold).encode(), b"{", b"\xff\xfe")])
    _until(url, "SELECT count(*) >= 2 FROM quarantine", "quarantine")


def publish(broker_url: str, messages: list[tuple[str, bytes]]) -> None:
    """Sends to the real broker, and returns when it has everything."""
    address = urlsplit(broker_url)
    client = Client(CallbackAPIVersion.VERSION2, client_id="browser-tests-publisher")
    if address.username:
        client.username_pw_set(address.username, address.password)
    client.connect(address.hostname or "127.0.0.1", address.port or 1883)
    client.loop_start()
    for topic, payload in messages:
        client.publish(topic, payload, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def _until(url: str, query: str, what: str) -> None:
    with connect(url, name="test", autocommit=True) as connection:
        wait(lambda: (connection.execute(query.encode()).fetchone() or (0,))[0], what)


@contextmanager
def serving(url: str, *, demo: bool = False) -> Iterator[str]:
    """The web process over a database; its address."""
    settings = _settings(web_database_url=access.as_web(url), web_port=0)
    found: list[str] = []
    with running(lambda stop: web.run(settings, stop, ready=found.append, demo=demo)):
        wait(lambda: found, "web server")
        yield found[0]


@pytest.fixture(scope="session")
def address(living_database: str) -> Iterator[str]:
    """Where the dashboard is served."""
    with serving(living_database) as found:
        yield found


@pytest.fixture(scope="module")
def demo_address(living_database: str) -> Iterator[str]:
    """The same as a demo, in which one signs in by a click."""
    with serving(living_database, demo=True) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, once for all tests."""
    expect.set_options(timeout=45_000)  # the machine may have much else to do
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Tab:
    """A page that remembers what it asked for and what went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.asked: list[str] = []
        self.wrong: list[str] = []
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.asked.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "trace"):
            self.wrong.append(message.text)

    def open(self, path: str) -> Page:
        """The page with its answer and its charts."""
        self.page.goto(self.address + path)
        return self.settled()

    def settled(self) -> Page:
        """Once nothing is on its way any more."""
        self.page.wait_for_selector("#page:not(.page-busy) h1")
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.dash-graph')]"
            ".every(graph => graph.querySelector('.main-svg'))"
        )
        return self.page

    def foreign(self) -> list[str]:
        """Requests to any other host."""
        return [url for url in self.asked if not url.startswith(self.address)]


Open = Callable[..., Tab]


@pytest.fixture(scope="session")
def contexts(
    chromium: Browser, address: str, living_database: str
) -> Iterator[Callable[..., BrowserContext]]:
    """A browser profile for each kind of screen; what it has loaded, it keeps, as people's does.

    Somebody has signed in with it who may everything.
    """
    known: dict[tuple[int, int, str], BrowserContext] = {}
    name, value = access.cookie(living_database, technician="m-brandt")

    def context(width: int, height: int, scheme: str) -> BrowserContext:
        key = (width, height, scheme)
        if key not in known:
            known[key] = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                locale="de-DE",
                accept_downloads=True,
            )
            known[key].set_default_timeout(45_000)
            known[key].add_cookies([{"name": name, "value": value, "url": address}])
        return known[key]

    yield context
    for one in known.values():
        one.close()


@contextmanager
def opening(contexts: Callable[..., BrowserContext], address: str) -> Iterator[Open]:
    """Opens tabs: tab(width=…, height=…, scheme=…); afterwards nothing may have gone wrong."""
    tabs: list[Tab] = []

    def new(width: int = 1280, height: int = 800, scheme: str = "light") -> Tab:
        tabs.append(Tab(contexts(width, height, scheme).new_page(), address))
        return tabs[-1]

    yield new
    for one in tabs:
        one.page.evaluate("localStorage.clear()")
        one.page.close()
    assert [one.wrong for one in tabs if one.wrong] == []
    assert [one.foreign() for one in tabs if one.foreign()] == []


@pytest.fixture
def tab(contexts: Callable[..., BrowserContext], address: str) -> Iterator[Open]:
    """Tabs of one test."""
    with opening(contexts, address) as new:
        yield new


@pytest.fixture(scope="session")
def tabs(
    contexts: Callable[..., BrowserContext], address: str
) -> Callable[[], AbstractContextManager[Open]]:
    """The same for fixtures of a longer life: with tabs() as tab."""
    return lambda: opening(contexts, address)
