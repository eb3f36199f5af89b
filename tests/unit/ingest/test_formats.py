"""Every format, whatever it is sent; and which topic carries which."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from gebaeude.store.devices import Channel
from ingest.formats import FORMATS, format_of
from ingest.interpret import interpret
from ingest.resolve import Channels
from ingest.rows import Rows
from tests.messages import RECEIVED, damaged, load, real

TOPICS = sorted({one.topic for _, one in real()})


def check(message: Message) -> None:
    """The topic's format yields samples of the right types, or DecodeError, and nothing else."""
    try:
        samples = FORMATS[format_of(message.topic)].decode(message)
    except DecodeError:
        return
    for sample in samples:
        assert isinstance(sample, Sample)
        assert isinstance(sample.device, str)
        assert isinstance(sample.field, str)
        assert isinstance(sample.time, int)
        assert isinstance(sample.value, float | int)


@given(st.sampled_from(TOPICS), st.binary(max_size=300))
def test_any_bytes(topic: bytes, payload: bytes) -> None:
    check(Message(topic, payload, RECEIVED))


@settings(max_examples=500)
@given(damaged())
def test_damaged_real_messages(message: Message) -> None:
    check(message)


@settings(max_examples=300)
@given(damaged(), st.booleans(), st.sampled_from([10, 100_000]))
def test_what_is_stored_of_damaged_messages_is_finite(
    message: Message, retained: bool, limit: int
) -> None:
    message = Message(message.topic, message.payload, message.received, retained)
    rows = Rows()
    rejected = interpret(message, _channels(), limit, rows)
    assert all(map(math.isfinite, rows.values))
    assert len(rows.points) == len(rows.times) == len(rows.values)
    assert not (retained and len(rows))
    assert all(entry.message is message for entry in rejected)


@cache
def _channels() -> Channels:
    """Channels that want every second field that the undamaged payloads hold."""
    channels = []
    for _, one in real():
        with suppress(DecodeError):
            kind = format_of(one.topic)
            channels += [
                Channel(kind, s.device, s.field, None, None, number, None, s.unit, s.unit, 1.0)
                for number, s in enumerate(FORMATS[kind].decode(one))
                if number % 2 == 0
            ]
    return Channels(channels, 900)


@given(st.binary(max_size=40))
def test_any_topic(topic: bytes) -> None:
    with suppress(DecodeError):
        assert format_of(topic) in FORMATS


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("application/1/device/2/event/up", "chirpstack"),
        ("application/1/device/2/event/join", "chirpstack"),
        ("application/1/device/2/command/down", "chirpstack"),
        ("wmbusmeters/Heat", "wmbusmeters"),
        ("wmbusmeters/cellar/Heat", "wmbusmeters"),
        ("senml/barntrup-rathaus", "senml"),
        ("senml/x/status/y", "senml"),
        ("shellypro3em-34987a4567ab/events/rpc", "shelly"),
        ("aiida/12345678-1234-1234-1234-123456789abc/events/rpc", "shelly"),
        ("shellypro3em-34987a4567ab/status/em:0", "shelly"),
        ("shellyplugus-083af2018c80-GetStatus/rpc", "shelly"),
        ("shellypro3em-34987a4567ab/online", "shelly"),
        ("rathaus/shellypro3em-34987a4567ab/status/em:0", "shelly"),
        ("bauhof/evcc/loadpoints/1/chargePower", "evcc"),
        ("bauhof/evcc/updated", "evcc"),
        ("rathaus/pow1/tele/SENSOR", "tasmota"),
        ("tele/evcc/SENSOR", "tasmota"),
        ("zigbee2mqtt/evcc/status/lamp", "zigbee2mqtt"),
        # A format that takes any beginning must not take what has a word of its own: it would pass
        # over what it does not know, and nobody would ever see it.
        ("plain/rathaus/evcc/power", "plain"),
        ("plain/rathaus/status/temperature", "plain"),
        ("plain/rathaus/tele/temperature", "plain"),
        ("plain/rathaus/keller/online", "plain"),
        ("plain/rathaus/command", "plain"),
    ],
)
def test_which_topic_carries_which_format(topic: str, expected: str) -> None:
    assert format_of(topic.encode()) == expected


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (b"", Reason.UNKNOWN_TOPIC),
        (b"senml", Reason.UNKNOWN_TOPIC),
        (b"application/1/device/2/event", Reason.UNKNOWN_TOPIC),
        (b"application/1/device/2/event/up/more", Reason.UNKNOWN_TOPIC),
        (b"somewhere/else", Reason.UNKNOWN_TOPIC),
        (b"bauhof/evcc/temperature", Reason.UNKNOWN_TOPIC),
        (b"senml/\xff\xfe", Reason.INVALID_UTF8),
    ],
)
def test_topics_that_carry_nothing_known(topic: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        format_of(topic)
    assert caught.value.reason is reason


def test_a_mistake_in_a_decoder_is_kept_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(message: Message) -> list[Sample]:
        raise ZeroDivisionError("oops")

    broken = type(FORMATS["senml"])(("senml/#",), fail)
    monkeypatch.setitem(FORMATS, "senml", broken)
    (entry,) = interpret(load("senml/rfc8428_ex1.json"), Channels([], 0), 10_000, Rows())
    assert entry.reason is Reason.INVALID_STRUCTURE
    assert "oops" in entry.detail
