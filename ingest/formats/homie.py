"""The Homie convention, version 5: one bare value a topic, described by the device itself.

Topic `homie/5/<device>/<node>/<property>`. Device: the device's id. Field: `<node>.<property>`.
Time: the moment of reception. Unit: from the device's `$description`, JSON, retained.

Traps
- Values are retained and sent when they change: what the broker repeats at a subscription is
  refused, what waited in the broker counts as of its arrival, and a steady value is long silent.
- The description comes with every subscription, but after what waited in the session; so it is
  remembered, in the database as well. Before it has ever come the channel's unit counts.
- By the description text, switches, colours and times are no measurements even if they look so.
- An empty payload removes a topic, a single zero byte is the empty text.
- `$state`, `$alert/…`, `$log/…`, `$target`, `…/set` and `$broadcast` are no readings.

Source: The Homie convention 5.0.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from gebaeude.model import Message, Sample
from gebaeude.store.births import MOST_DESCRIBED, Described
from ingest.formats.bare import bare
from ingest.formats.common import NAN, parse

TOPICS = ("homie/5/#",)

UNITS: dict[str, str] = {"L": "l", "m³": "m3", "m³/h": "m3/h", "L/h": "l/h", "#": "1"}
NUMBERS = frozenset({"integer", "float"})


class Property(msgspec.Struct):
    id: str | None = None
    datatype: str | None = None
    unit: str | None = None


class Node(msgspec.Struct):
    id: str | None = None
    # An object by id since 5.0, an array in its drafts.
    properties: dict[str, Property] | list[Property] = []


class Description(msgspec.Struct):
    nodes: dict[str, Node] | list[Node] = []


T = TypeVar("T", Node, Property)
Properties = dict[str, Property]
_description = msgspec.json.Decoder(Description)
_devices: OrderedDict[str, Properties] = OrderedDict()
_told: dict[str, int] = {}  # device → µs; what is to be written


def decode(message: Message) -> list[Sample]:
    """The property's value; remembers a description. Raises DecodeError."""
    _, _, device, *levels = message.topic.decode().split("/")
    if levels == ["$description"]:
        _remember(device, message)
    if len(levels) != 2 or any(level.startswith("$") for level in (device, *levels)):
        return []
    field = ".".join(levels)
    told = _devices.get(device, {}).get(field)
    if told is not None and told.datatype is not None and told.datatype not in NUMBERS:
        return []
    value = bare(message.payload)
    if value is None:
        if told is None or not message.payload.strip(b"\0"):
            return []
        value = NAN
    unit = told.unit if told else None
    return [Sample(device, field, message.received, value, UNITS.get(unit or "", unit))]


def properties(description: Description) -> Properties:
    """The properties of all nodes by `<node>.<property>`."""
    return {
        f"{node_id}.{property_id}": told
        for node_id, node in _by_id(description.nodes)
        for property_id, told in _by_id(node.properties)
    }


def _by_id(described: dict[str, T] | list[T]) -> list[tuple[str, T]]:
    if isinstance(described, dict):
        return list(described.items())
    return [(one.id, one) for one in described if one.id is not None]


def _remember(device: str, message: Message) -> None:
    told = properties(parse(_description, message.payload)) if message.payload else {}
    if device not in _devices or _devices[device] != told:
        _told[device] = message.received
    _put(device, told)


def _put(device: str, told: Properties) -> None:
    _devices[device] = told
    _devices.move_to_end(device)
    if len(_devices) > MOST_DESCRIBED:
        _devices.popitem(last=False)


def news() -> list[Described]:
    """The descriptions that are new since this was asked last."""
    found = [
        Described(device.encode(), at, msgspec.json.encode(_devices[device]))
        for device, at in _told.items()
        if device in _devices
    ]
    _told.clear()
    return found


def learn(described: Iterable[Described]) -> None:
    """Takes in what an earlier process, or another one, has written."""
    for one in described:
        if (device := one.device.decode()) not in _told:
            _put(device, msgspec.json.decode(one.properties, type=Properties))


def forget() -> None:
    """Forgets all descriptions."""
    _devices.clear()
    _told.clear()
