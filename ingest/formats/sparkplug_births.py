"""What Sparkplug edge nodes said at their birth, and when they must be asked to say it again.

A birth names every metric with its type and may give it a number, its alias; later messages carry
only the alias and the value. `Births` is told of every message in the order received. Where one
is missing (`seq` makes a jump) or the birth was never heard, aliases are not trusted until the
next birth, and `requests` has the command that asks for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.formats.sparkplug_wire import Payload

NODES = 10_000  # remembered at most, the one longest silent is forgotten first
AGAIN = 60_000_000  # µs between two requests to the same node
BOOLEAN = 11  # datatype
UNIT_KEYS = frozenset({"engunit", "engineering units", "unit", "units"})

NodeId = tuple[str, str]  # group, node


class Known(NamedTuple):
    """What a birth says about a metric. datatype: 0 where it is not known."""

    name: str
    datatype: int = 0
    unit: str | None = None


class Birth(NamedTuple):
    """All metrics of a node or of one of its devices, by name and by alias."""

    names: dict[str, Known]
    aliases: dict[int, Known]


NOTHING = Birth({}, {})


class Request(NamedTuple):
    """A command to be published, with QoS 0 and not retained."""

    topic: str
    payload: bytes


class Node:
    """One edge node: its births by device, "" being the node itself, and where its count stands."""

    __slots__ = ("births", "death", "is_sure", "seq")

    def __init__(self) -> None:
        self.births: dict[str, Birth] = {}
        self.death: int | None = None  # bdSeq of the session
        self.seq: int | None = None
        self.is_sure = False  # that no message is missing since the birth

    def count(self, seq: int | None) -> None:
        """Notes a message's number; the same one twice is a repeat and no gap."""
        if seq != self.seq and (self.seq is None or seq != (self.seq + 1) % 256):
            self.is_sure = False
        self.seq = seq


class Births:
    """The edge nodes heard of. Not thread-safe: messages have an order.

    counting: whether a jump in a node's count is a gap. It is none where only some of its messages
    are there to be read, as in quarantine; then the latest birth among them is trusted.
    """

    def __init__(self, *, counting: bool = True) -> None:
        self.counting = counting
        self._nodes: OrderedDict[NodeId, Node] = OrderedDict()
        self._asked: dict[NodeId, int] = {}  # µs of the last request of nodes that are not sure

    def tell(self, kind: str, node_id: NodeId, device: str, payload: Any) -> Birth:
        """Notes a message; returns what is known of the metrics that it may hold.

        kind: NBIRTH, DBIRTH, NDATA, DDATA, NDEATH or DDEATH. device: "" for the node itself.
        """
        seq = payload.seq if payload.HasField("seq") else None
        node = self._node(node_id)
        if kind == "NDEATH":
            self._die(node_id, node, payload)
            return NOTHING
        if kind == "NBIRTH":
            node.births, node.seq, node.is_sure = {}, seq, True
            node.death = _death(payload)
            self._asked.pop(node_id, None)
        else:
            node.count(seq)
            if not self.counting:
                node.is_sure = True
            if not node.is_sure:
                self._asked.setdefault(node_id, -AGAIN)
        if kind.endswith("BIRTH"):
            node.births[device] = birth(payload.metrics)
        elif kind == "DDEATH":
            node.births.pop(device, None)
        known = node.births.get(device, NOTHING)
        return known if node.is_sure else Birth(known.names, {})

    def miss(self, node_id: NodeId) -> None:
        """Notes that a message could not be understood without a birth that was not heard."""
        self._node(node_id).is_sure = False
        self._asked.setdefault(node_id, -AGAIN)

    def requests(self, now: int) -> list[Request]:
        """The requests for a birth that are due, each at most once a minute until it comes.

        now: µs since 1970-01-01 UTC.
        """
        due = [node for node, asked in self._asked.items() if now - asked >= AGAIN]
        self._asked.update(dict.fromkeys(due, now))
        return [rebirth(node, now) for node in due]

    def _node(self, node_id: NodeId) -> Node:
        node = self._nodes.pop(node_id, None) or Node()
        self._nodes[node_id] = node
        if len(self._nodes) > NODES:
            forgotten, _ = self._nodes.popitem(last=False)
            self._asked.pop(forgotten, None)
        return node

    def _die(self, node_id: NodeId, node: Node, payload: Any) -> None:
        # The last will of a session that was replaced may come after the next session's birth.
        if node.death is None or _death(payload) in (None, node.death):
            del self._nodes[node_id]
            self._asked.pop(node_id, None)


def birth(metrics: Iterable[Any], prefix: str = "") -> Birth:
    """What the metrics of a birth say of themselves, those of templates with a path as name."""
    found = Birth({}, {})
    for metric in metrics:
        known = Known(prefix + text(metric.name), metric.datatype, unit(metric.properties))
        found.names[known.name] = known
        if metric.HasField("alias"):
            found.aliases[metric.alias] = known
        if metric.HasField("template_value"):
            inner = birth(metric.template_value.metrics, f"{known.name}/")
            found.names.update(inner.names)
    return found


def unit(properties: Any) -> str | None:
    """The engineering unit among a metric's properties."""
    for key, value in zip(properties.keys, properties.values, strict=False):
        if text(key).lower() in UNIT_KEYS:
            return text(value.string_value) or None
    return None


def text(value: object) -> str:
    """A text of the wire. Raises DecodeError: invalid_utf8."""
    if not isinstance(value, str):
        raise DecodeError(Reason.INVALID_UTF8, repr(value)[:80])
    return value


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
