"""A message may hold so many values; one with more is kept whole."""

from __future__ import annotations

import json

import cbor2
import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats import FORMATS, format_of
from ingest.formats.common import DEEPEST, MOST_VALUES, leaves
from ingest.formats.senmlcbor import LONGEST
from ingest.formats.sparkplug_wire import Payload
from ingest.interpret import interpret
from ingest.resolve import Channels
from ingest.rows import Rows
from tests.messages import RECEIVED

AT = "2026-11-22T12:00:00Z"


def pack(topic: str, count: int) -> Message:
    """A message of `count` values."""
    many = {f"k{number}": number for number in range(count)}
    records = [{"n": "u:", "v": number} for number in range(count)]
    metrics = [{"name": name, "alias": n, "double_value": n} for n, name in enumerate(many)]
    payloads: dict[str, bytes] = {
        "application/1/device/ab/event/up": json.dumps({"time": AT, "object": many}).encode(),
        "application/1/device/cd/event/up": json.dumps(
            {"time": AT, "object": {"a": list(many.values())}}
        ).encode(),
        "v3/a/devices/d/up": json.dumps(
            {"uplink_message": {"received_at": AT, "decoded_payload": many}}
        ).encode(),
        "senml/json": json.dumps(records).encode(),
        "senml/cbor": cbor2.dumps([{0: "u:", 2: number} for number in range(count)]),
        "v1/gateway/telemetry": json.dumps({"a": [many]}).encode(),
        "tele/x/SENSOR": json.dumps({"Time": AT, "A": many}).encode(),
        "s/status/em:0": json.dumps(many).encode(),
        "zigbee2mqtt/x": json.dumps(many).encode(),
        "plain/a/b": json.dumps(many).encode(),
        "edge/e/channel/m/a": json.dumps(many).encode(),
        "spBv1.0/g/NBIRTH/n": Payload(timestamp=1, metrics=metrics).SerializeToString(),
    }
    return Message(topic.encode(), payloads[topic], RECEIVED)


TOPICS = [
    "application/1/device/ab/event/up", "application/1/device/cd/event/up", "v3/a/devices/d/up",
    "senml/json", "senml/cbor", "v1/gateway/telemetry", "tele/x/SENSOR", "s/status/em:0",
    "zigbee2mqtt/x", "plain/a/b", "edge/e/channel/m/a", "spBv1.0/g/NBIRTH/n",
]  # fmt: skip


@pytest.mark.parametrize("topic", TOPICS)
def test_the_bound(topic: str) -> None:
    decode = FORMATS[format_of(topic.encode())].decode
    assert len(decode(pack(topic, MOST_VALUES))) == MOST_VALUES
    with pytest.raises(DecodeError) as caught:
        decode(pack(topic, MOST_VALUES + 1))
    assert caught.value.reason is Reason.TOO_LARGE


def test_sums_count_as_well_and_nothing_of_the_message_is_taken() -> None:
    records = [{"n": "u:a", "v": 1, "s": 2}] * (MOST_VALUES // 2 + 1)
    message = Message(b"senml/x", json.dumps(records).encode(), RECEIVED)
    rows = Rows()
    (rejected,) = interpret(message, Channels([], 900), 10**6, rows)
    assert (rejected.reason, len(rows)) == (Reason.TOO_LARGE, 0)


@pytest.mark.parametrize(
    "payload", [b"[" + b"{}," * 3 * MOST_VALUES + b"{}]", b"\x9f" + b"\x80" * LONGEST + b"\xff"]
)
def test_what_holds_nothing_but_containers(payload: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        FORMATS["senml"].decode(Message(b"senml/x", payload, RECEIVED))
    assert caught.value.reason is Reason.TOO_LARGE


def test_leaves_keep_their_order_and_their_depth() -> None:
    tree = {"a": [1, {"b": 2}, []], "c": {}, "d": 3, "e": [[4], 5]}
    assert list(leaves(tree, "x")) == [
        ("x.a.0", 1), ("x.a.1.b", 2), ("x.d", 3), ("x.e.0.0", 4), ("x.e.1", 5),
    ]  # fmt: skip
    assert list(leaves(7, "x")) == [("x", 7)]
    deep: object = 1
    for _ in range(DEEPEST):
        deep = [deep]
    assert len(list(leaves(deep, "x"))) == 1
    with pytest.raises(DecodeError):
        list(leaves([deep], "x"))
