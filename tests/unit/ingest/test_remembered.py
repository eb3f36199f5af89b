"""What is remembered of senders' words stays small, however long they make them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message
from ingest.formats import FORMATS, format_of
from ingest.formats.common import LONGEST_KEY, remembered

LONG = 60_000  # characters
MANY = 200


def topic(number: int) -> None:
    format_of(b"application/%d%s/device/x/event/up" % (number, b"x" * LONG))


def field_of(kind: str, topic: str, body: str) -> Callable[[int], None]:
    def send(number: int) -> None:
        payload = body.replace("FIELD", f"{number}" + "x" * LONG)
        FORMATS[kind].decode(Message(topic.encode(), payload.encode(), 0, False))

    return send


def tasmota_topic(number: int) -> None:
    name = b"%d%s" % (number, b"x" * LONG)
    FORMATS["tasmota"].decode(Message(b"tele/" + name + b"/SENSOR", b'{"A":{"B":1}}', 0, False))


@pytest.mark.parametrize(
    "send",
    [
        topic,
        tasmota_topic,
        field_of("tasmota", "tele/x/SENSOR", '{"A":{"FIELD":1}}'),
        field_of("shelly", "x/status/em:0", '{"FIELD":1}'),
        field_of(
            "wmbusmeters",
            "wmbusmeters/x",
            '{"id":"1","timestamp":"2026-01-01T00:00:00Z","FIELD":1}',
        ),
    ],
    ids=["topic", "tasmota's topic", "tasmota", "shelly", "wmbusmeters"],
)
def test_long_words_do_not_stay(send: Callable[[int], None]) -> None:
    tracemalloc.start()
    try:
        for number in range(MANY):
            send(number)
        stays, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stays < MANY * LONG / 10


def test_short_ones_are_looked_up_once_as_long_as_there_is_room() -> None:
    looked: list[str] = []

    @remembered(2)
    def look(word: str) -> int:
        looked.append(word)
        return len(word)

    long = "x" * (LONGEST_KEY + 1)
    assert [look(one) for one in ("a", "a", long, long)] == [1, 1, len(long), len(long)]
    assert looked == ["a", long, long]
    assert [look(one) for one in ("b", "c", "a")] == [1, 1, 1]
    assert looked[-3:] == ["b", "c", "a"]


def test_errors_come_each_time() -> None:
    for _ in range(2):
        with pytest.raises(DecodeError):
            format_of(b"nobody/knows")
