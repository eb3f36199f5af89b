"""ThingsBoard's gateway API: telemetry of several devices in one JSON message.

Topic `v1/gateway/telemetry`. Devices: the keys. Time: `ts`, ms since 1970 UTC, of each entry; the
moment of reception for an entry that is values only. Fields: the members of `values`, nested ones
joined by dots.

Traps
- One message holds several devices, and several times of each.
- An entry without `ts` and `values` is itself the values.
- `attributes`, `connect`, `disconnect`, `claim` and `rpc` are no readings.
- The device API (`v1/devices/me/telemetry`) tells a device by its password only, which the broker
  keeps to itself: such a device cannot be told from another here.

Source: ThingsBoard documentation, "MQTT gateway API reference" and "Telemetry upload API".
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats.common import bounded, number, parse, seconds
from ingest.formats.members import measured

TOPICS = ("v1/gateway/#",)

Entry = dict[str, object]
_telemetry = msgspec.json.Decoder(dict[str, list[Entry] | Entry])


def decode(message: Message) -> list[Sample]:
    """The values of all devices at all their times. Raises DecodeError."""
    if message.topic != b"v1/gateway/telemetry":
        return []
    return bounded(
        Sample(device, name, time, value)
        for device, entries in parse(_telemetry, message.payload).items()
        for entry in (entries if isinstance(entries, list) else [entries])
        for time, values in _timed(entry, message.received)
        for name, value in measured(values)
    )


def _timed(entry: Entry, received: int) -> Iterator[tuple[int, Entry]]:
    if "ts" not in entry:
        yield received, entry
        return
    values = entry.get("values")
    if not isinstance(values, dict):
        raise DecodeError(Reason.INVALID_STRUCTURE, f"values: {values!r}"[:80])
    yield seconds(number(entry["ts"]) / 1000), values
