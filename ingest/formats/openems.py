"""OpenEMS Edge, energy management (also FEMS and relatives): one bare value a topic.

Topic `edge/<edge>/channel/<component>/<channel>`. Device: `<edge>/<component>`, as `edge0/meter0`.
Field: the channel. Time: the moment of reception.

Traps
- Values are retained, with QoS 0, and sent when they change and every five minutes: each one is
  live, but what the broker repeats at a subscription is refused, and what was sent while we were
  away is lost; energy counters close that gap, powers do not.
- `lastUpdate` has a time, but as a message of its own: it belongs to no value for certain.
- `null` is a value that is not known at this moment.
- Energy is in Wh. Voltage and current are in mV and mA at a meter, in V and A at a battery: the
  channel's unit.
- The documentation shows an object of several channels; software of today does not send one. Its
  members are taken as channels of the component.

Source: OpenEMS, Controller.Api.MQTT (readme and SendChannelValuesWorker); nature ElectricityMeter.
"""

from __future__ import annotations

import re

import msgspec

from gebaeude.model import Message, Sample
from ingest.formats.bare import bare
from ingest.formats.common import bounded, parse
from ingest.formats.members import measured

TOPICS = ("edge/+/channel/#", "edge/+/edgeConfig/#", "edge/+/edgeConfig")

UNITS: dict[str, str] = {
    "Power": "W", "ReactivePower": "var", "ApparentPower": "VA", "Energy": "Wh", "Soc": "%",
}  # fmt: skip

_PHASE = re.compile(r"L[123]$")
_KIND = re.compile("|".join(f"{name}$" for name in UNITS))
_channels = msgspec.json.Decoder(dict[str, object])


def decode(message: Message) -> list[Sample]:
    """The channel's value. Raises DecodeError."""
    _, edge, part, *levels = message.topic.decode().split("/")
    if part != "channel" or len(levels) != 2 or not message.payload:
        return []
    component, channel = levels
    if message.payload.lstrip()[:1] == b"{":
        channels = parse(_channels, message.payload)
        values = bounded(measured(channels))
    else:
        value = bare(message.payload)
        values = [] if value is None else [(channel, value)]
    device = f"{edge}/{component}"
    return [Sample(device, name, message.received, value, _unit(name)) for name, value in values]


def _unit(channel: str) -> str | None:
    kind = _KIND.search(_PHASE.sub("", channel))
    return UNITS[kind.group()] if kind else None
