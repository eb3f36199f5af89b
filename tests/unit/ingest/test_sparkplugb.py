"""Sparkplug B: births, aliases, types, gaps in the count, and when a birth is asked for."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import sparkplugb
from ingest.formats.sparkplug_births import birth
from ingest.formats.sparkplug_nodes import AGAIN, Births
from ingest.formats.sparkplug_wire import Payload, read
from ingest.formats.sparkplugb import decode
from tests.messages import RECEIVED, load, real

INT8, INT32, INT64, UINT32, FLOAT, DOUBLE, BOOLEAN, STRING, DATE, TEMPLATE = (
    1, 3, 4, 7, 9, 10, 11, 12, 13, 19,
)  # fmt: skip
AT = 1_700_000_000_500  # ms
NODE = ("rathaus", "keller")
_clock = count(RECEIVED)


@pytest.fixture(autouse=True)
def births(monkeypatch: pytest.MonkeyPatch) -> Births:
    fresh = Births()
    monkeypatch.setattr(sparkplugb, "births", fresh)
    return fresh


def metric(name: str | None = None, *, unit: str | None = None, **fields: Any) -> Any:
    if name is not None:
        fields["name"] = name
    if unit is not None:
        fields["properties"] = {"keys": ["engUnit"], "values": [{"string_value": unit}]}
    return fields


def send(
    kind: str, *metrics: Any, seq: int | None = None, device: str = "", at: int | None = None
) -> list[Sample]:
    topic = "/".join(filter(None, ["spBv1.0", NODE[0], kind, NODE[1], device]))
    payload = Payload(timestamp=AT, seq=seq, metrics=metrics)
    received = next(_clock) if at is None else at
    return decode(Message(topic.encode(), payload.SerializeToString(), received))


def refused(
    kind: str, *metrics: Any, seq: int | None = None, device: str = "", at: int | None = None
) -> Reason:
    with pytest.raises(DecodeError) as caught:
        send(kind, *metrics, seq=seq, device=device, at=at)
    assert caught.value.sender == "/".join(filter(None, [*NODE, device]))
    return caught.value.reason


FLOW = metric("Vorlauf", alias=1, datatype=FLOAT, float_value=61.5, unit="degC")
METER = metric("Zähler/Energie", alias=2, datatype=INT64, long_value=4711, unit="kWh")


def test_births_are_readings_and_data_goes_by_alias() -> None:
    assert send("NBIRTH", FLOW, seq=0) == [
        Sample("rathaus/keller", "Vorlauf", AT * 1000, 61.5, "°C")
    ]
    assert send("DBIRTH", METER, seq=1, device="wmz") == [
        Sample("rathaus/keller/wmz", "Zähler/Energie", AT * 1000, 4711, "kWh")
    ]
    assert send("NDATA", metric(alias=1, float_value=61.25), seq=2)[0].field == "Vorlauf"
    (sample,) = send("DDATA", metric(alias=2, long_value=4712), seq=3, device="wmz")
    assert (sample.field, sample.value, sample.unit) == ("Zähler/Energie", 4712, "kWh")


def test_single_precision_does_not_show() -> None:
    (sample,) = send("NBIRTH", metric("t", datatype=FLOAT, float_value=12.1), seq=0)
    assert sample.value == 12.1


@pytest.mark.parametrize(
    ("datatype", "fields", "expected"),
    [
        (INT8, {"int_value": 0xFB}, -5),
        (INT8, {"int_value": 0xFFFFFFFB}, -5),
        (INT32, {"int_value": 0xFFFFFFFB}, -5),
        (INT64, {"long_value": 2**64 - 5}, -5),
        (INT32, {"long_value": 2**64 - 5}, -5),
        (UINT32, {"int_value": 0xFFFFFFFB}, 4294967291),
        (DOUBLE, {"double_value": -0.5}, -0.5),
    ],
)
def test_only_the_type_tells_a_negative_integer(
    datatype: int, fields: dict[str, Any], expected: float
) -> None:
    send("NBIRTH", metric("x", alias=5, datatype=datatype), seq=0)
    assert send("NDATA", metric(alias=5, **fields), seq=1)[0].value == expected


def test_what_has_no_number_is_left_out() -> None:
    assert send(
        "NBIRTH",
        metric("a", datatype=BOOLEAN, boolean_value=True),
        metric("b", datatype=STRING, string_value="5"),
        metric("c", datatype=DATE, long_value=AT),
        metric("d", datatype=INT32, is_null=True, int_value=5),
        metric("e", datatype=INT32, is_transient=True, int_value=5),
        metric("f", datatype=INT32),
        metric("bdSeq", datatype=INT64, long_value=5),
        metric("Node Control/Scan Rate", datatype=INT64, long_value=5),
        seq=0,
    ) == []  # fmt: skip


def test_a_metrics_own_time_counts_also_if_it_is_historical() -> None:
    late = metric("x", datatype=INT32, int_value=5, timestamp=AT - 90_000, is_historical=True)
    (sample,) = send("NBIRTH", late, seq=0)
    assert sample.time == (AT - 90_000) * 1000


def test_without_any_time_it_is_refused() -> None:
    payload = Payload(seq=0, metrics=[metric("x", datatype=INT32, int_value=5)])
    message = Message(b"spBv1.0/a/NBIRTH/b", payload.SerializeToString(), RECEIVED)
    with pytest.raises(DecodeError) as caught:
        decode(message)
    assert caught.value.reason is Reason.TIME_MISSING


def test_the_members_of_a_template_have_a_path_and_their_types() -> None:
    inner = metric("Leistung", datatype=INT32, int_value=2**32 - 7, unit="W")
    pump = metric("Pumpe", datatype=TEMPLATE, template_value={"metrics": [inner]})
    assert [(s.field, s.value, s.unit) for s in send("NBIRTH", pump, seq=0)] == [
        ("Pumpe/Leistung", -7, "W")
    ]
    later = metric("Pumpe", template_value={"metrics": [metric("Leistung", int_value=3)]})
    assert [(s.field, s.value, s.unit) for s in send("NDATA", later, seq=1)] == [
        ("Pumpe/Leistung", 3, "W")
    ]


def test_an_alias_without_a_birth_is_kept_and_the_birth_asked_for(births: Births) -> None:
    assert refused("NDATA", metric(alias=1, float_value=61.5), seq=7) is Reason.UNDECODED
    (request,) = births.requests(RECEIVED)
    assert request.topic == "spBv1.0/rathaus/NCMD/keller"
    (command,) = read(request.payload).metrics
    assert (command.name, command.datatype, command.boolean_value) == (
        "Node Control/Rebirth",
        BOOLEAN,
        True,
    )


def test_a_name_and_a_type_suffice_without_a_birth(births: Births) -> None:
    (sample,) = send("NDATA", metric("x", datatype=INT32, int_value=2**32 - 1), seq=7)
    assert sample.value == -1
    assert len(births.requests(RECEIVED)) == 1


def test_a_name_without_a_type_does_not() -> None:
    assert refused("NDATA", metric("x", int_value=5), seq=7) is Reason.UNDECODED
    assert send("NDATA", metric("x", float_value=5), seq=8)[0].value == 5


def test_the_count_wraps_at_255(births: Births) -> None:
    send("NBIRTH", FLOW, seq=254)
    for seq in (255, 0, 1):
        assert len(send("NDATA", metric(alias=1, float_value=61), seq=seq)) == 1
    assert births.requests(RECEIVED) == []


@pytest.mark.parametrize("seq", [2, 0xFF, None])
def test_after_a_gap_aliases_are_not_trusted_until_the_next_birth(
    births: Births, seq: int | None
) -> None:
    send("NBIRTH", FLOW, seq=0)
    assert refused("NDATA", metric(alias=1, float_value=61), seq=seq) is Reason.UNDECODED
    follows = 3 if seq == 2 else 0
    assert refused("NDATA", metric(alias=1, float_value=61), seq=follows) is Reason.UNDECODED
    assert len(births.requests(RECEIVED)) == 1
    send("NBIRTH", metric("Rücklauf", alias=1, datatype=FLOAT, float_value=40), seq=0)
    assert send("NDATA", metric(alias=1, float_value=41), seq=1)[0].field == "Rücklauf"
    assert births.requests(RECEIVED + AGAIN) == []


def test_the_same_message_twice_is_no_gap(births: Births) -> None:
    send("NBIRTH", FLOW, seq=0)
    for _ in range(2):
        assert len(send("NDATA", metric(alias=1, float_value=61), seq=1)) == 1
    assert births.requests(RECEIVED) == []


def test_a_birth_is_asked_for_once_a_minute(births: Births) -> None:
    send("NDATA", seq=7)
    assert len(births.requests(RECEIVED)) == 1
    send("NDATA", seq=9)
    assert births.requests(RECEIVED + AGAIN - 1) == []
    assert len(births.requests(RECEIVED + AGAIN)) == 1


def test_a_birth_without_the_metric_asks_again(births: Births) -> None:
    send("NBIRTH", FLOW, seq=0)
    assert refused("NDATA", metric(alias=99, float_value=1), seq=1) is Reason.UNDECODED
    assert len(births.requests(RECEIVED)) == 1


def test_a_dead_node_is_forgotten() -> None:
    send("NBIRTH", metric("bdSeq", datatype=INT64, long_value=3), FLOW, seq=0)
    assert send("NDEATH", metric("bdSeq", datatype=INT64, long_value=3)) == []
    assert refused("NDATA", metric(alias=1, float_value=61), seq=1) is Reason.UNDECODED


def test_the_last_will_of_an_earlier_session_comes_late() -> None:
    send("NBIRTH", metric("bdSeq", datatype=INT64, long_value=4), FLOW, seq=0)
    send("NDEATH", metric("bdSeq", datatype=INT64, long_value=3))
    assert len(send("NDATA", metric(alias=1, float_value=61), seq=1)) == 1


def test_a_dead_device_is_forgotten_and_its_node_is_not() -> None:
    send("NBIRTH", FLOW, seq=0)
    send("DBIRTH", METER, seq=1, device="wmz")
    assert send("DDEATH", seq=2, device="wmz") == []
    assert len(send("NDATA", metric(alias=1, float_value=61), seq=3)) == 1
    reason = refused("DDATA", metric(alias=2, long_value=1), seq=4, device="wmz")
    assert reason is Reason.UNDECODED


def test_what_is_retained_says_nothing_of_the_present(births: Births) -> None:
    payload = Payload(timestamp=AT, seq=0, metrics=[FLOW]).SerializeToString()
    message = Message(b"spBv1.0/rathaus/NBIRTH/keller", payload, RECEIVED, retained=True)
    assert len(decode(message)) == 1
    assert refused("NDATA", metric(alias=1, float_value=61), seq=1) is Reason.UNDECODED


def test_nodes_are_remembered_up_to_a_number(
    births: Births, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.formats.sparkplug_nodes.NODES", 3)
    for number in range(9):
        births.tell("NDATA", ("g", f"n{number}"), "", Payload(seq=5), RECEIVED + number)
    assert [request.topic for request in births.requests(RECEIVED)] == [
        f"spBv1.0/g/NCMD/n{number}" for number in (6, 7, 8)
    ]


def test_a_birth_in_itself() -> None:
    known = birth(read(load("sparkplugb/spec_NBIRTH.derived.bin").payload).metrics)
    assert known.names["Supply Voltage"].datatype == FLOAT
    assert known.aliases == {}


@pytest.mark.parametrize(
    "topic",
    [b"spBv1.0/STATE/host", b"spBv1.0/g/NCMD/n", b"spBv1.0/g/DCMD/n/d", b"spBv1.0/g", b"spBv1.0/"],
)
def test_what_is_no_reading(topic: bytes) -> None:
    assert decode(Message(topic, b"anything", RECEIVED)) == []


def test_what_is_no_protobuf_is_refused() -> None:
    for name, one in real("sparkplugb"):
        if "derived" not in name:
            with pytest.raises(DecodeError) as caught:
                decode(one)
            assert caught.value.reason is Reason.INVALID_STRUCTURE


@pytest.mark.parametrize("metrics", [b"\x12\x03\x0a\x01\xff", b"\x12\x05\x0a\x01x\x4a\x00"])
def test_texts_that_are_none(metrics: bytes) -> None:
    with suppress(DecodeError):
        decode(Message(b"spBv1.0/g/NBIRTH/n", metrics, RECEIVED))


sent = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["a", "b", "bdSeq", "Node Control/x"]),
        "alias": st.integers(0, 3),
        "timestamp": st.integers(0, 2**64 - 1),
        "datatype": st.integers(0, 40),
        "is_null": st.booleans(),
        "int_value": st.integers(0, 2**32 - 1),
        "long_value": st.integers(0, 2**64 - 1),
        "double_value": st.floats(),
        "template_value": st.just({"metrics": [{"name": "c", "int_value": 1}, {"alias": 1}]}),
    },
)
kinds = st.sampled_from(sorted(sparkplugb.KINDS))


@given(st.lists(st.tuples(kinds, st.integers(0, 300), st.lists(sent, max_size=4)), max_size=12))
def test_any_order_of_any_messages(messages: list[tuple[str, int, list[dict[str, Any]]]]) -> None:
    for kind, seq, metrics in messages:
        device = "d" if kind.startswith("D") else ""
        try:
            samples = send(kind, *metrics, seq=seq, device=device)
        except DecodeError:
            continue
        assert all(type(s.value) is float and type(s.time) is int for s in samples)


@given(st.binary(max_size=80))
def test_any_bytes(payload: bytes) -> None:
    with suppress(DecodeError):
        decode(Message(b"spBv1.0/g/NDATA/n", payload, RECEIVED))
