"""Sparkplug B (industrial controllers, Ignition gateways): protobuf, described once at birth.

Topics `spBv1.0/<group>/<kind>/<node>[/<device>]`. Device: `<group>/<node>[/<device>]`. Time: the
metric's `timestamp`, ms UTC, else the message's. Fields: the metrics' names; members of templates
by path. Unit: the property `engUnit` of the birth, where there is one.

Traps
- Names, types and units come with NBIRTH and DBIRTH only; data may have the alias alone. Births
  are kept (`births`), in the database as well; after a gap in `seq` (0 to 255, then 0 again) data
  with aliases is refused, the node is asked for its birth by NCMD, and then the data is read again.
- Births are not retained and carry values: these are readings.
- Negative integers are in unsigned fields, as wide as the type or wider: only the type tells.
- `is_historical` values are late, and count as of their time. `is_null` is no value,
  `is_transient` says not to keep it.
- `bdSeq` and `Node Control/…` are no readings. A node's last will may come after its next birth.
- With several ingest processes all messages of one node must go to the same one.
- A process that only reads kept messages sets `births.listening` to False.

Source: Sparkplug 3.0 specification, chapters 5 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats.common import within
from ingest.formats.sparkplug_births import NOTHING, Birth, Known, text
from ingest.formats.sparkplug_nodes import Births
from ingest.formats.sparkplug_wire import metrics_in, read
from ingest.singles import shortest

TOPICS = ("spBv1.0/#",)

KINDS = frozenset({"NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH"})
UNITS: dict[str, str] = {"degC": "°C", "deg C": "°C", "degF": "°F", "m³": "m3", "m³/h": "m3/h"}
SIGNED: dict[int, int] = {1: 8, 2: 16, 3: 32, 4: 64}  # datatype → bits
UNSIGNED = frozenset({5, 6, 7, 8})
REALS = frozenset({9, 10})

births = Births(listening=False)  # ingest sets it to True


def decode(message: Message) -> list[Sample]:
    """The values of a birth or of data; none for deaths and commands. Raises DecodeError."""
    levels = message.topic.decode().split("/")
    if len(levels) not in (4, 5) or levels[2] not in KINDS:
        return []
    _, group, kind, node, *below = levels
    device = "".join(below)
    payload = read(message.payload)
    within(metrics_in(payload.metrics))
    # What is retained is of another time, and says nothing about the node's present session.
    known = NOTHING
    if not message.retained:
        known = births.tell(kind, (group, node), device, payload, message.received)
    if kind.endswith("DEATH"):
        return []
    try:
        return list(_samples("/".join([group, node, *below]), payload, known))
    except DecodeError as error:
        if error.reason is Reason.UNDECODED and not message.retained:
            births.miss((group, node), device, message.received)
            error.sender = "/".join([group, node, *below])
        raise


def _samples(device: str, payload: Any, known: Birth) -> Iterator[Sample]:
    sent = payload.timestamp if payload.HasField("timestamp") else None
    for name, metric in _leaves(payload.metrics, known):
        told = known.names.get(name, Known(name))
        value = _value(metric, metric.datatype or told.datatype, name)
        if value is None:
            continue
        at = metric.timestamp if metric.HasField("timestamp") else sent
        if at is None:
            raise DecodeError(Reason.TIME_MISSING, name)
        unit = UNITS.get(told.unit or "", told.unit)
        yield Sample(device, name, at * 1000, value, unit)


def _leaves(metrics: Iterable[Any], known: Birth, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every metric that is to be kept, with its full name."""
    for metric in metrics:
        if metric.is_null or metric.is_transient:
            continue
        name = prefix + _name(metric, known)
        if metric.HasField("template_value"):
            yield from _leaves(metric.template_value.metrics, known, f"{name}/")
        elif name != "bdSeq" and not name.startswith(("Node Control/", "Device Control/")):
            yield name, metric


def _name(metric: Any, known: Birth) -> str:
    if metric.HasField("name"):
        return text(metric.name)
    if metric.alias in known.aliases:
        return known.aliases[metric.alias].name
    raise DecodeError(Reason.UNDECODED, f"alias {metric.alias}")


def _value(metric: Any, datatype: int, name: str) -> float | None:
    """The metric's number; None where it has none. Raises DecodeError: undecoded."""
    if metric.HasField("float_value"):
        return shortest(metric.float_value)
    if metric.HasField("double_value"):
        return float(metric.double_value)
    for field in ("int_value", "long_value"):
        if metric.HasField(field):
            return _integer(getattr(metric, field), datatype, name)
    return None


def _integer(raw: int, datatype: int, name: str) -> float | None:
    if datatype in SIGNED:
        half = 1 << (SIGNED[datatype] - 1)
        return float(((raw + half) & (2 * half - 1)) - half)
    if datatype in UNSIGNED or datatype in REALS:
        return float(raw)
    if datatype == 0:
        raise DecodeError(Reason.UNDECODED, f"{name}: datatype")
    return None
