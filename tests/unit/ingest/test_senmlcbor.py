"""SenML as CBOR: the same packs as in JSON give the same samples, and hostile ones are refused."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC
from decimal import Decimal
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.senml import decode
from ingest.formats.senmlcbor import LABELS, is_cbor
from tests.messages import RECEIVED, real

NUMBERS = {name: number for number, name in LABELS.items()}
TOPIC = b"senml/barntrup-rathaus"


def message(payload: bytes) -> Message:
    return Message(TOPIC, payload, RECEIVED)


def pack(*records: dict[str, Any]) -> bytes:
    return cbor2.dumps(
        [{NUMBERS.get(name, name): value for name, value in one.items()} for one in records]
    )


@pytest.mark.parametrize(("name", "one"), real("senml"))
def test_the_same_pack_in_json_and_cbor(name: str, one: Message) -> None:
    records = json.loads(one.payload)
    assert decode(Message(one.topic, pack(*records), RECEIVED)) == decode(one)


def test_indefinite_lengths_and_both_widths_of_numbers() -> None:
    payload = b"\x9f" + b"\xbf" + bytes.fromhex("0063613a6202f94d40061a4b0e8b7f") + b"\xff\xff"
    (sample,) = decode(message(payload))
    assert (sample.device, sample.field, sample.value) == ("a:", "b", 21)
    assert sample.time == 0x4B0E8B7F * 1_000_000


def test_decimal_fractions_and_big_numbers() -> None:
    samples = decode(message(pack({"n": "a:b", "v": Decimal("21.55")}, {"n": "a:c", "v": 2**70})))
    assert [s.value for s in samples] == [21.55, float(2**70)]


def test_text_truth_and_bytes_are_left_out() -> None:
    kinds = [{"n": "a:b", "vs": "x"}, {"n": "a:b", "vb": True}, {"n": "a:b", "vd": b"x"}]
    assert decode(message(pack(*kinds))) == []


def test_labels_that_are_not_known() -> None:
    assert len(decode(message(cbor2.dumps([{0: "a:b", 2: 1, 99: 7, "note": 8, b"x": 9}])))) == 1
    with pytest.raises(DecodeError):
        decode(message(cbor2.dumps([{0: "a:b", 2: 1, "must_": 7}])))


@pytest.mark.parametrize(
    "payload",
    [
        b"\x9f",  # never ends
        b"\x9b" + b"\xff" * 8,  # announces 2**64 records
        b"\x81" * 5000,  # nests
        cbor2.dumps([1, 2]),
        cbor2.dumps([{0: 7, 2: 1}]),
        cbor2.dumps([{0: "a:b", 2: 1, 6: "noon"}]),
        cbor2.dumps([{0: "a:b", 2: 1, -1: 11}]),
        cbor2.dumps([{0: "a:b", 2: 1}]) + b"\x00",
        b"\x81\xa2\x00\x61\xff\x02\x01",  # a name that is no UTF-8
        b"\x81\xa2\x00\x63a:b\x06\xc4\x82\x1b" + b"\x7f" + b"\xff" * 7 + b"\x01",
        pack({"n": "a:b", "v": 1, "t": 10**400}),
    ],
)
def test_what_is_refused(payload: bytes) -> None:
    assert is_cbor(payload)
    with pytest.raises(DecodeError) as caught:
        decode(message(payload))
    assert caught.value.reason in (Reason.INVALID_STRUCTURE, Reason.TIME_MISSING)


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
        st.binary(max_size=8), st.decimals(allow_nan=True), st.datetimes(timezones=st.just(UTC)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(-9, 9), inner),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(sorted(LABELS)), anything, max_size=5), max_size=4))
def test_any_records(records: list[dict[int, Any]]) -> None:
    with suppress(DecodeError):
        decode(message(cbor2.dumps(records)))


@given(st.integers(0x80, 0x9F), st.binary(max_size=60))
def test_any_bytes_that_begin_like_cbor(first: int, rest: bytes) -> None:
    with suppress(DecodeError):
        decode(message(bytes([first]) + rest))
