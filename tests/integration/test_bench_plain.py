"""The script that Gebäude is compared with really stores what it is sent, or the ratio is a lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.ingest import START
from bench.peers.contestants import CONTESTANTS, Place
from bench.peers.race import count_stored, session
from bench.publish import Publisher
from gebaeude.demo.process import Child
from gebaeude.store.database import connect

MESSAGES = 50


@pytest.fixture
def place(tmp_path: Path, empty_database_url: str, mqtt_url: str) -> Place:
    return Place(tmp_path, empty_database_url, mqtt_url, "test-bench-plain", "")


def test_the_plain_script_stores_what_waited_for_it(
    place: Place, eventually: Callable[..., object]
) -> None:
    plain = CONTESTANTS["plain"]
    place = replace(place, topic=plain.topic)
    plain.prepare(place.database)
    session(place, clean=False)
    with Publisher(place.broker) as publisher:
        publisher.publish(plain.messages(MESSAGES))
    script = Child(plain.command(place), place.state)
    try:
        eventually(lambda: count_stored(place.database) == MESSAGES)
    finally:
        script.stop()
        session(place, clean=True)
    with connect(place.database, name="test") as connection:
        rows = connection.execute(
            "SELECT point, time, value FROM reading ORDER BY point"
        ).fetchall()
    at = START + timedelta(microseconds=775023)
    assert rows == [(f"{step:016x}", at, 18 + step / 10) for step in range(MESSAGES)]


@pytest.mark.parametrize(
    ("name", "file"), [("collectd", "collectd.conf"), ("mqttwarn", "mqttwarn.ini")]
)
def test_settings_are_filled_in_and_nobody_else_reads_the_password(
    place: Place, name: str, file: str
) -> None:
    CONTESTANTS[name].command(replace(place, topic="#"))
    settings = place.state / file
    assert f'"{place.client}"' in settings.read_text().replace("'", '"')
    assert settings.stat().st_mode & 0o777 == 0o600
