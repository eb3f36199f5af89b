"""The plain format: patterns of one's own, bare values and objects."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import format_of
from ingest.formats.plain import compiled, decode, read, topics
from tests.messages import RECEIVED

AT = 1_795_347_000_000_000


def message(topic: str, payload: object) -> Message:
    is_raw = isinstance(payload, str | bytes)
    text = payload if is_raw else json.dumps(payload)
    return Message(topic.encode(), text.encode() if isinstance(text, str) else text, RECEIVED)  # type: ignore[arg-type]


def test_a_bare_value() -> None:
    assert decode(message("plain/rathaus/keller/temperature", "21.5\n")) == [
        Sample("rathaus/keller", "temperature", RECEIVED, 21.5)
    ]


def test_an_object_of_fields() -> None:
    payload = {"temperature": 21.5, "co2": "612", "none": None, "time": "2026-11-22T11:30:00Z"}
    assert decode(message("plain/rathaus/keller", payload)) == [
        Sample("rathaus/keller", "temperature", AT, 21.5),
        Sample("rathaus/keller", "co2", AT, 612),
    ]


def test_an_object_for_one_field_with_time_and_unit() -> None:
    payload = {"value": 4711, "unit": "Wh", "time": 1_795_347_000}
    assert decode(message("plain/rathaus/keller/energy", payload)) == [
        Sample("rathaus/keller", "energy", AT, 4711, "Wh")
    ]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-11-22T12:30:00+01:00", AT),
        ("2026-11-22T12:30:00", AT),
        (1_795_347_000.25, AT + 250_000),
        (1_795_347_000_250, AT + 250_000),
        (None, RECEIVED),
    ],
)
def test_time(time: object, expected: int) -> None:
    (sample,) = decode(message("plain/rathaus/keller", {"co2": 612, "time": time}))
    assert sample.time == expected


@pytest.mark.parametrize("payload", ["21,5", "true", "on", "nan", "null", '"21.5"'])
def test_what_is_no_number_is_kept_and_not_taken_for_a_state(payload: str) -> None:
    (sample,) = decode(message("plain/rathaus/keller/temperature", payload))
    assert math.isnan(sample.value)


@pytest.mark.parametrize("value", [True, "21,5", None, [1], {}])
def test_nor_is_it_in_an_object(value: object) -> None:
    (sample,) = decode(message("plain/rathaus/keller/temperature", {"value": value}))
    assert math.isnan(sample.value)


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("{building}/{device}/{field}", "rathaus/keller/co2", ("rathaus/keller", "co2")),
        ("{device}/{field}", "keller/co2", ("keller", "co2")),
        ("{field}/von/{device}", "co2/von/keller", ("keller", "co2")),
        ("kreis/{building}/x/{device}/{field}", "kreis/r/x/k/f", ("r/k", "f")),
        ("a/{device} b.c/{device}/{field}", "b.c/k/f", ("k", "f")),
    ],
)
def test_patterns_of_ones_own(pattern: str, topic: str, expected: tuple[str, str]) -> None:
    (sample,) = read(message(topic, "5"), compiled(pattern))
    assert (sample.device, sample.field) == expected


def test_the_filters_of_patterns() -> None:
    assert topics("{building}/{device}/{field}  a/{device}") == ("+/+/+", "a/+")
    assert topics("") == ()


def test_a_word_of_ones_own_is_no_other_formats() -> None:
    # Shelly's component would be passed over for a state, and nobody would ever see the value.
    topic = "plain/rathaus/status/temperature"
    assert format_of(topic.encode()) == "plain"
    assert decode(message(topic, "21.5")) == [
        Sample("rathaus/status", "temperature", RECEIVED, 21.5)
    ]
    assert format_of(b"rathaus/keller/status/em:0") == "shelly"


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("plain/rathaus/keller/co2", "", Reason.EMPTY),
        ("plain/rathaus/keller/co2", "  ", Reason.EMPTY),
        ("plain/rathaus/keller", "612", Reason.INVALID_STRUCTURE),
        ("plain/rathaus/keller", "[612]", Reason.INVALID_STRUCTURE),
        ("plain/rathaus/keller", '{"co2": 612', Reason.INVALID_JSON),
        ("plain/rathaus/keller", b"{\xff}", Reason.INVALID_UTF8),
        ("plain/rathaus/keller/co2", b"\xff", Reason.INVALID_UTF8),
        ("plain/rathaus/keller", {"co2": 612, "time": "noon"}, Reason.TIME_MISSING),
        ("plain/rathaus", "612", Reason.UNKNOWN_TOPIC),
        ("plain//keller/co2", "612", Reason.UNKNOWN_TOPIC),
    ],
)
def test_what_is_refused(topic: str, payload: object, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(message(topic, payload))
    assert caught.value.reason is reason


tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
keys = st.sampled_from(["value", "unit", "time", "co2"])


@given(st.sampled_from(["plain/b/d", "plain/b/d/f"]), st.dictionaries(keys, tree))
def test_any_object(topic: str, payload: dict[str, object]) -> None:
    with suppress(DecodeError):
        decode(message(topic, payload))


@given(st.sampled_from(["plain/b/d", "plain/b/d/f"]), st.binary(max_size=60))
def test_any_bytes(topic: str, payload: bytes) -> None:
    with suppress(DecodeError):
        decode(message(topic, payload))
