"""The Sparkplug nodes heard of: whose births are certain, and who must be asked for his again.

`Births` is told of every message in the order received. Where one is missing (`seq` makes a jump)
or a birth was never heard, aliases are not trusted until the next birth, and `requests` has the
command that asks for it. What is told of a message that was heard before – read once more because
a channel has changed, or out of quarantine – is looked up and changes nothing.

What must outlive the process is handed out by `news`, to be written with the messages that told it,
and taken in by `learn`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from gebaeude.store.births import Born, News, State
from ingest.formats.sparkplug_births import (
    NOTHING,
    REACH,
    Birth,
    Dated,
    as_of,
    birth,
    packed,
)  # fmt: skip
from ingest.formats.sparkplug_wire import Payload

NODES = 10_000  # remembered at most, the one longest silent is forgotten first
AGAIN = 60_000_000  # µs between two requests to the same node
MOST_BIRTHS = 100  # different ones of a device
MOST_BYTES = 64_000_000  # of all births
BOOLEAN = 11  # datatype

NodeId = tuple[str, str]  # group, node


class Request(NamedTuple):
    """A command to be published, with QoS 0 and not retained."""

    topic: str
    payload: bytes


class Node(msgspec.Struct):
    """One edge node; its own device is "". Times in µs since 1970-01-01 UTC."""

    seq: int | None = None
    death: int | None = None  # bdSeq of the session
    died: int = 0
    heard: int = 0
    is_sure: bool = False  # that no message is missing since its birth
    alive: set[str] = set()  # devices that were born, and nothing is missing since
    doubts: dict[str, int] = {}  # device → since when its data waits for a birth

    def count(self, seq: int | None) -> None:
        """Notes a message's number; the same one twice is a repeat and no gap."""
        if seq != self.seq and (self.seq is None or seq != (self.seq + 1) % 256):
            self.is_sure, self.alive = False, set()
        self.seq = seq

    def die(self, at: int) -> None:
        self.is_sure, self.alive, self.died, self.death = False, set(), at, None


class Births:
    """The edge nodes heard of. Not thread-safe: messages have an order.

    listening: whether the messages told are those of the stream. A process that only reads what is
    kept looks everything up.
    """

    def __init__(self, *, listening: bool = True) -> None:
        self.listening = listening
        self._nodes: OrderedDict[NodeId, Node] = OrderedDict()
        self._births: dict[NodeId, dict[str, list[Dated]]] = {}
        self._asked: dict[NodeId, int] = {}  # µs of the last request of nodes that are not sure
        self._healed: dict[str, None] = {}  # devices, as `decode` names them
        self._born: list[Born] = []
        self._touched: dict[NodeId, None] = {}
        self._forgotten: list[bytes] = []
        self._bytes = 0

    def tell(self, kind: str, node_id: NodeId, device: str, payload: Any, at: int) -> Birth:
        """Notes a message; returns what is known of the metrics that it may hold.

        kind: NBIRTH, DBIRTH, NDATA, DDATA, NDEATH or DDEATH. device: "" for the node itself. at: µs
        since 1970-01-01 UTC, when it was received. Raises DecodeError.
        """
        is_birth = kind.endswith("BIRTH")
        said = birth(payload.metrics) if is_birth else NOTHING
        before = self._nodes.get(node_id)
        if not self.listening or (before is not None and at <= before.heard):
            return said if is_birth else self._as_of(node_id, device, before, at)
        node = self._node(node_id, at)
        if kind == "NDEATH":
            # The last will of a session that was replaced may come after the next session's birth.
            if node.death is None or _death(payload) in (None, node.death):
                node.die(at)
                self._asked.pop(node_id, None)
            return NOTHING
        seq = payload.seq if payload.HasField("seq") else None
        if kind == "NBIRTH":
            node.seq, node.is_sure, node.alive, node.death = seq, True, set(), _death(payload)
            self._asked.pop(node_id, None)
        else:
            node.count(seq)
            if not node.is_sure:
                self._asked.setdefault(node_id, -AGAIN)
        if is_birth:
            self._bear(node_id, node, device, said, at)
        elif kind == "DDEATH":
            node.alive.discard(device)
        if is_birth:
            return said
        known = self._last(node_id, device)
        return known if device in node.alive else Birth(known.names, {})

    def miss(self, node_id: NodeId, device: str, at: int) -> None:
        """Notes that data of this moment could not be understood without a birth."""
        node = self._nodes.get(node_id)
        if not self.listening or node is None or at != node.heard:
            return
        node.is_sure = False
        node.alive.discard(device)
        node.doubts.setdefault(device, at)
        self._asked.setdefault(node_id, -AGAIN)

    def requests(self, now: int) -> list[Request]:
        """The requests for a birth that are due, each at most once a minute until it comes.

        now: µs since 1970-01-01 UTC.
        """
        due = [node for node, asked in self._asked.items() if now - asked >= AGAIN]
        self._asked.update(dict.fromkeys(due, now))
        return [rebirth(node, now) for node in due]

    def healed(self) -> list[str]:
        """Devices whose birth has come for data that waits for it; each is told once."""
        healed, self._healed = list(self._healed), {}
        return healed

    def news(self) -> News:
        """What has become known since this was asked last."""
        states = [
            State(_key(node_id), node.heard, msgspec.json.encode(node))
            for node_id in self._touched
            if (node := self._nodes.get(node_id)) is not None and node_id in self._births
        ]
        news = News(self._born, states, self._forgotten)
        self._born, self._touched, self._forgotten = [], {}, []
        return news

    def learn(self, born: Iterable[Born], states: Iterable[State]) -> None:
        """Takes in what an earlier process, or another one, has written."""
        for one in born:
            births = self._births_of(_id(one.node), one.device.decode())
            if all(known.since != one.since for known in births):
                self._add(births, Dated(one.since, one.doubted, one.reach, one.metrics))
        for state in states:
            known = self._nodes.get(_id(state.node))
            if known is None or known.heard < state.heard:
                self._nodes[_id(state.node)] = msgspec.json.decode(state.state, type=Node)
                self._nodes.move_to_end(_id(state.node))

    def _as_of(self, node_id: NodeId, device: str, node: Node | None, at: int) -> Birth:
        births = self._births.get(node_id, {}).get(device, [])
        known = as_of(births, at)
        doubted = None if node is None else node.doubts.get(device)
        is_last = not births or births[-1].since <= at
        return (
            Birth(known.names, {}) if is_last and doubted is not None and doubted <= at else known
        )

    def _last(self, node_id: NodeId, device: str) -> Birth:
        births = self._births.get(node_id, {}).get(device)
        return births[-1].birth if births else NOTHING

    def _bear(self, node_id: NodeId, node: Node, device: str, said: Birth, at: int) -> None:
        node.alive.add(device)
        doubted = node.doubts.pop(device, None)
        if doubted is not None:
            self._healed["/".join(filter(None, [*node_id, device]))] = None
        births = self._births_of(node_id, device)
        metrics = packed(said)
        if births and births[-1].metrics == metrics:
            return
        # Beyond a death it was another session, of which this birth says nothing.
        reach = max(at - REACH, node.died + 1)
        self._add(births, Dated(at, doubted, reach, metrics))
        key = _key(node_id)
        self._born.append(Born(key, device.encode(), at, doubted, reach, metrics))

    def _births_of(self, node_id: NodeId, device: str) -> list[Dated]:
        return self._births.setdefault(node_id, {}).setdefault(device, [])

    def _add(self, births: list[Dated], one: Dated) -> None:
        births.append(one)
        births.sort(key=lambda dated: dated.since)
        self._bytes += len(one.metrics)
        if len(births) > MOST_BIRTHS:
            self._bytes -= len(births.pop(0).metrics)
        if len(births) == MOST_BIRTHS:
            births[0].reach = births[0].since  # what was before it is no longer known
        while self._bytes > MOST_BYTES and len(self._nodes) > 1:
            self._forget()

    def _forget(self) -> None:
        """Forgets the node that has been silent for longest."""
        node_id, _ = self._nodes.popitem(last=False)
        self._asked.pop(node_id, None)
        births = self._births.pop(node_id, None)
        if births is not None:
            self._bytes -= sum(len(one.metrics) for dated in births.values() for one in dated)
            self._forgotten.append(_key(node_id))

    def _node(self, node_id: NodeId, at: int) -> Node:
        node = self._nodes.pop(node_id, None) or Node()
        self._nodes[node_id] = node
        self._touched[node_id] = None
        node.heard = at
        if len(self._nodes) > NODES:
            self._forget()
        return node


def rebirth(node_id: NodeId, now: int) -> Request:
    """The command that asks a node for its birth. now: µs since 1970-01-01 UTC."""
    group, node = node_id
    at = now // 1000
    payload = Payload(timestamp=at)
    payload.metrics.add(
        name="Node Control/Rebirth", timestamp=at, datatype=BOOLEAN, boolean_value=True
    )
    return Request(f"spBv1.0/{group}/NCMD/{node}", payload.SerializeToString())


def _death(payload: Any) -> int | None:
    for metric in payload.metrics:
        if metric.name == "bdSeq":
            return int(metric.long_value or metric.int_value)
    return None


def _key(node_id: NodeId) -> bytes:
    return "/".join(node_id).encode()


def _id(key: bytes) -> NodeId:
    group, _, node = key.decode().partition("/")
    return group, node
