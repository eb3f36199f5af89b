"""Real messages gone wrong: bytes, JSON trees, CBOR packs, protobuf metrics, sizes and topics.

Everything comes from one seeded generator, so that a run can be repeated.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import cbor2

from gebaeude.model import Message
from ingest.formats.senmlcbor import LABELS
from ingest.formats.sparkplug_wire import Payload
from tests.messages import HOSTILE, RECEIVED, real

LARGEST = 300_000  # bytes; beyond the default limit of ingest
KINDS = ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH", "NCMD", "STATE")
NAMES = (
    "time",
    "ts",
    "v",
    "n",
    "t",
    "bn",
    "bt",
    "id",
    "object",
    "Time",
    "nan",
    "",
    "a" * 300,
    "ä\0",
)
NUMBERS: dict[str, int] = {name: label for label, name in LABELS.items()}

Random = random.Random
Mutation = Callable[[Random, bytes], bytes]


class Source:
    """Messages without end, of real ones and of a few kinds that no real message shows."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.corpus = [message for _, message in real()] + made()
        self._trees = [tree for one in self.corpus if (tree := _tree(one.payload)) is not None]
        self._received = RECEIVED

    def messages(self, count: int) -> Iterator[Message]:
        """`count` messages, each with a moment of its own."""
        for _ in range(count):
            self._received += 1
            one = self.random.choice(self.corpus)
            payload = self._damaged(one)
            topic = self._topic(one.topic)
            yield Message(topic, payload, self._received, self.random.random() < 0.02)

    def _damaged(self, one: Message) -> bytes:
        random, payload = self.random, one.payload
        if random.random() < 0.004:
            return self._grown(one)
        for _ in range(random.choice((0, 1, 1, 1, 2, 3, 6))):
            tree = _tree(payload) if random.random() < 0.7 else None
            if tree is not None:
                payload = self._tree_damaged(tree)
            elif one.topic.startswith(b"spBv1.0/") and random.random() < 0.6:
                payload = _protobuf(random, payload)
            else:
                payload = random.choice(BYTES)(random, payload)
        if one.topic.startswith(b"senml/") and random.random() < 0.4:
            payload = _as_cbor(random, payload)
        return payload

    def _tree_damaged(self, tree: Any) -> bytes:
        """Another tree, as JSON that need not be valid."""
        random = self.random
        places: list[tuple[Any, Any]] = []
        _places(tree, places)
        if not places:
            return random.choice(HOSTILE).encode()
        holder, key = random.choice(places)
        how = random.randrange(6)
        if how == 0:
            del holder[key]
        elif how == 1 and isinstance(holder, dict):
            holder[random.choice(NAMES)] = holder.pop(key)
        elif how == 2:
            others: list[tuple[Any, Any]] = []
            _places(random.choice(self._trees), others)
            holder[key] = others[0][0] if not others else _at(random.choice(others))
        elif how == 3:
            holder[key] = [holder[key]] * random.choice((0, 1, 2, 30))
        else:
            holder[key] = "\0here\0"
        text = json.dumps(tree)
        return text.replace('"\\u0000here\\u0000"', random.choice(HOSTILE)).encode()

    def _grown(self, one: Message) -> bytes:
        """As large as a message may be, and a little more."""
        random, size = self.random, self.random.choice((10_000, 60_000, LARGEST))
        payload = one.payload or b"0"
        how = random.randrange(5)
        if how == 0:
            piece = random.choice(
                (b"[", b"9", b" ", b"\0", b'{"a":', b"nan,", b"\x12\x00", b"\xa0")
            )
            at = random.randrange(len(payload) + 1)
            return payload[:at] + piece * (size // len(piece)) + payload[at:]
        tree = _tree(payload)
        if tree is None:
            return (payload * (size // len(payload) + 1))[:size]
        places: list[tuple[Any, Any]] = []
        _places(tree, places)
        if not places:
            return payload
        holder, key = random.choice(places)
        value = holder[key]
        many = max(1, size // (len(json.dumps(value)) + 4))
        if how == 1:
            holder[key] = [value] * many
        elif how == 2 and isinstance(holder, dict):
            holder |= {f"{key}{number}": value for number in range(many // 2)}
        elif isinstance(holder, list):
            holder.extend([value] * many)
        else:
            holder[key] = {f"k{number}": [value] for number in range(many // 3)}
        return json.dumps(tree).encode()

    def _topic(self, topic: bytes) -> bytes:
        random = self.random
        chance = random.random()
        if chance < 0.03:
            return random.choice(self.corpus).topic
        if chance < 0.05:
            return random.choice(BYTES)(random, topic)[:1000]
        if topic.startswith(b"spBv1.0/") and chance < 0.3:
            levels = topic.split(b"/")
            levels[2] = random.choice(KINDS).encode()
            return b"/".join(levels)
        return topic


def made() -> list[Message]:
    """Of formats, or forms of them, that no real message shows."""
    texts = {
        "plain/rathaus/keller/temperature": "21.5",
        "plain/rathaus/keller": '{"temperature": 21.5, "time": "2026-11-22T12:30:00", "a": [1]}',
        "zigbee2mqtt/Flur/1": '{"temperature": 21, "linkquality": 87, "last_seen": 1795347000500}',
        "tele/pow/STATE": '{"Time": "2026-11-22T12:00:00", "Wifi": {"RSSI": 78, "Signal": -61}}',
        "homie/5/pump/$description": '{"nodes": {"m": {"properties": {"p": {"unit": "W"}}}}}',
        "shellies/x/info": '{"unixtime": 1795347000, "emeters": [{"power": 1, "total": 2}]}',
        "application/1/device/ab/event/up": '{"time": "2026-11-22T12:00:00Z", "fPort": 85,'
        ' "data": "AXVkA2cQAQRogQ==", "deviceInfo": {"devEui": "ab"}, "rxInfo": [{"rssi": -9}]}',
        "v3/a@t/devices/d/up": '{"uplink_message": {"received_at": "2026-11-22T12:00:00Z",'
        ' "f_port": 2, "frm_payload": "y/YGhgKbAX//"}}',
        "v3/a@t/devices/e/up": '{"uplink_message": {"received_at": "2026-11-22T12:00:00Z",'
        ' "decoded_payload": {"temperature": 21.5, "co2": [{"a": 612}]},'
        ' "rx_metadata": [{"rssi": -71}]}}',
    }  # fmt: skip
    return [Message(topic.encode(), text.encode(), RECEIVED) for topic, text in texts.items()] * 3


def _flipped(random: Random, payload: bytes) -> bytes:
    if not payload:
        return b"\0"
    at = random.randrange(len(payload))
    return payload[:at] + bytes([payload[at] ^ 1 << random.randrange(8)]) + payload[at + 1 :]


def _cut(random: Random, payload: bytes) -> bytes:
    start = random.randrange(len(payload) + 1)
    return payload[:start] + payload[start + random.randrange(1, 40) :]


def _truncated(random: Random, payload: bytes) -> bytes:
    return payload[: random.randrange(len(payload) + 1)]


def _inserted(random: Random, payload: bytes) -> bytes:
    at = random.randrange(len(payload) + 1)
    return payload[:at] + random.randbytes(random.randrange(1, 9)) + payload[at:]


def _repeated(random: Random, payload: bytes) -> bytes:
    start = random.randrange(len(payload) + 1)
    piece = payload[start : start + random.randrange(1, 60)]
    return payload[:start] + piece * random.randrange(2, 20) + payload[start:]


def _hostile(random: Random, payload: bytes) -> bytes:
    at = random.randrange(len(payload) + 1)
    return payload[:at] + random.choice(HOSTILE).encode() + payload[at + random.randrange(9) :]


BYTES: tuple[Mutation, ...] = (_flipped, _cut, _truncated, _inserted, _repeated, _hostile)


def _protobuf(random: Random, payload: bytes) -> bytes:
    """The message with metrics added, emptied or changed."""
    try:
        message = Payload.FromString(payload)
    except Exception:
        return random.choice(BYTES)(random, payload)
    for metric in list(message.metrics)[: random.randrange(4)]:
        metric.ClearField(random.choice(("name", "alias", "datatype", "timestamp", "double_value")))
    metric = message.metrics.add(
        alias=random.choice((0, 1, 2**64 - 1)),
        datatype=random.choice((0, 1, 4, 9, 10, 19, 2**32 - 1)),
    )
    if random.random() < 0.5:
        metric.name = random.choice(("x", "bdSeq", "Node Control/Rebirth", ""))
    setattr(metric, *random.choice((
        ("int_value", 2**32 - 1), ("long_value", 2**64 - 1), ("double_value", float("nan")),
        ("float_value", float("inf")), ("timestamp", 2**64 - 1), ("is_null", True),
    )))  # fmt: skip
    if random.random() < 0.2:
        inner = metric.template_value
        for _ in range(random.choice((1, 3, 120))):
            inner = inner.metrics.add(name="t", int_value=1).template_value
    if random.random() < 0.5:
        message.seq = random.choice((0, 1, 255, 256, 2**64 - 1))
    return bytes(message.SerializeToString())


def _as_cbor(random: Random, payload: bytes) -> bytes:
    pack = _tree(payload)
    if not isinstance(pack, list):
        return random.choice(BYTES)(random, b"\x82" + payload)
    labelled = [
        {NUMBERS.get(name, name): value for name, value in record.items()}
        if isinstance(record, dict)
        else record
        for record in pack
    ]
    try:
        packed = cbor2.dumps(labelled)
    except Exception:
        return b"\x81\xa1\x02" + random.randbytes(9)
    return random.choice(BYTES)(random, packed) if random.random() < 0.5 else packed


def _tree(payload: bytes) -> Any:
    if len(payload) > 20_000 or payload[:1] not in (b"{", b"["):
        return None
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _places(tree: Any, found: list[tuple[Any, Any]]) -> None:
    """Every (container, key) below `tree`."""
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            found.append((tree, key))
            _places(tree[key], found)


def _at(place: tuple[Any, Any]) -> Any:
    return place[0][place[1]]
