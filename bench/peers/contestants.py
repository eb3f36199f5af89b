"""Who takes part, and how each is started: settings filled in, in the foreground, nothing shared.

All of them keep a session at the broker while they are away, so all get the same queue.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from string import Template
from urllib.parse import SplitResult, urlsplit

from bench.ingest import DEVICES, MESSAGES, START, Messages, prepare, uplinks
from gebaeude.demo.ports import any_free
from gebaeude.demo.process import Command
from gebaeude.store.database import connect, queries

HERE = Path(__file__).parent
CONFIG = HERE / "config"
CHECKOUT = HERE.parents[1]
INSTALLED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gebaeude-bench"
UPLINKS = "application/bench/device/+/event/up"

_sql = queries(str(HERE / "race.py"))


@dataclass(frozen=True)
class Place:
    """Where a contestant runs: its own directory and database, and the broker of all."""

    state: Path
    database: str
    broker: str
    client: str  # its name at the broker
    topic: str


@dataclass(frozen=True)
class Contestant:
    """Somebody who takes messages from a broker and stores their readings in a table `reading`.

    topic: what it subscribes to. messages: so many, each with a reading of its own.
    prepare: makes the table in an empty database. command: how it is started.
    most: so many messages it stores in a bearable time.
    """

    topic: str
    messages: Callable[[int], Messages]
    prepare: Callable[[str], None]
    command: Callable[[Place], Command]
    most: int


def set_up() -> None:
    """Installs the peers where they are missing. Raises CalledProcessError; the script says why."""
    subprocess.run(["sh", str(HERE / "setup.sh"), str(INSTALLED)], check=True, stdout=sys.stderr)


def _uplinks(count: int) -> Messages:
    return islice(chain(uplinks(0), uplinks(1)), count)


def _collectd_values(count: int) -> Iterator[tuple[bytes, bytes]]:
    """The same readings as `uplinks`, in the only form collectd takes: epoch:value."""
    for step in range(count):
        at = START + timedelta(minutes=10) * (step // DEVICES)
        topic = f"collectd/{step % DEVICES:016x}/room/temperature"
        yield topic.encode(), f"{at.timestamp():.3f}:{18 + step % 70 / 10:.1f}".encode()


def _table(database: str) -> None:
    with connect(database, name="bench", autocommit=True) as connection:
        _sql.create_reading(connection)


def _table_and_function(database: str) -> None:
    _table(database)
    with connect(database, name="bench", autocommit=True) as connection:
        _sql.create_collectd_insert(connection)


def _gebaeude(place: Place) -> Command:
    environment = {
        "GEBAEUDE_DATABASE_URL": place.database,
        "GEBAEUDE_MQTT_URL": place.broker,
        "GEBAEUDE_MQTT_CLIENT_ID": place.client,
        "GEBAEUDE_LOG_LEVEL": "WARNING",
    }
    argv = [sys.executable, "-m", "gebaeude.cli", "ingest"]
    return Command("gebaeude", argv, environment=os.environ | _PATH | environment)


def _plain(place: Place) -> Command:
    broker = urlsplit(place.broker)
    where = [place.database, str(broker.hostname), str(broker.port), place.client, place.topic]
    argv = [sys.executable, "-m", "bench.peers.plain", *where]
    return Command("plain", argv, environment=os.environ | _PATH)


def _collectd(place: Place) -> Command:
    installed = INSTALLED / "collectd"
    settings = _filled(place, "collectd.conf", installed=str(installed))
    return Command("collectd", [str(installed / "usr/sbin/collectd"), "-f", "-C", str(settings)])


def _mqttwarn(place: Place) -> Command:
    settings = _filled(place, "mqttwarn.ini", functions=str(CONFIG / "mqttwarn_functions.py"))
    environment = os.environ | {"MQTTWARNINI": str(settings)}
    return Command("mqttwarn", [str(INSTALLED / "mqttwarn/bin/mqttwarn")], environment=environment)


def _nodered(place: Place) -> Command:
    installed, broker = INSTALLED / "nodered", urlsplit(place.broker)
    for name in ("package.json", "settings.js", "flows.json"):
        shutil.copy(CONFIG / name, place.state)
    modules = place.state / "node_modules"
    if not modules.exists():
        modules.symlink_to(installed / "node_modules")
    environment = {
        "BENCH_DATABASE": place.database,
        "BENCH_MQTT_HOST": str(broker.hostname),
        "BENCH_MQTT_PORT": str(broker.port),
        "BENCH_CLIENT": place.client,
        "BENCH_TOPIC": place.topic,
        "BENCH_PORT": str(any_free()),
    }
    program = installed / "node_modules/node-red/red.js"
    argv = ["node", str(program), "--userDir", str(place.state)]
    return Command("nodered", argv, environment=os.environ | environment)


def _filled(place: Place, name: str, **more: str) -> Path:
    """The settings file of this name, filled in, in the contestant's own directory."""
    database, broker = urlsplit(place.database), urlsplit(place.broker)
    values = {
        "state": str(place.state),
        "client": place.client,
        "topic": place.topic,
        "mqtt_host": broker.hostname,
        "mqtt_port": broker.port,
        **_credentials(database),
    }
    file = place.state / name
    file.touch(mode=0o600)
    file.write_text(Template((CONFIG / name).read_text()).substitute(values | more))
    return file


def _credentials(database: SplitResult) -> dict[str, object]:
    return {
        "database": database.path.removeprefix("/"),
        "database_host": database.hostname,
        "database_port": database.port,
        "user": database.username,
        "password": database.password,
    }


_PATH = {"PYTHONPATH": str(CHECKOUT)}

OURS = "gebaeude"
MANY = 2 * MESSAGES
CONTESTANTS: dict[str, Contestant] = {
    OURS: Contestant("#", _uplinks, prepare, _gebaeude, MANY),
    "plain": Contestant(UPLINKS, _uplinks, _table, _plain, 10_000),
    "collectd": Contestant("collectd/#", _collectd_values, _table_and_function, _collectd, MANY),
    "nodered": Contestant(UPLINKS, _uplinks, _table, _nodered, MANY),
    "mqttwarn": Contestant(UPLINKS, _uplinks, _table, _mqttwarn, 1_000),
}
