"""Zigbee2MQTT: the state of Zigbee devices as flat JSON, or one attribute per topic.

Topic `zigbee2mqtt/<friendly name>`. Device: the friendly name. Time: `last_seen` (ISO with or
without zone, or ms), else the moment of reception. Fields: the keys.

Traps
- The name may contain `/`. With the output option `attribute` the last level is the attribute
  and the payload a bare value.
- A message repeats the whole cached state when one attribute changes, and at every start.
  `last_seen` (option `advanced.last_seen`, off by default) tells the repeats; without it the
  moment of reception makes old values look new.
- `voltage` is the battery's, in mV; at a plug it is the mains', in V.
- `illuminance` is raw where `illuminance_lux` stands beside it, else lx.
- `bridge/…`, `…/set`, `…/get` and `…/availability` are no readings. `linkquality` is about the
  radio, `update` about the firmware.

Source: Zigbee2MQTT documentation, "MQTT topics and messages" and "MQTT configuration".
"""

from __future__ import annotations

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import radio
from ingest.formats.bare import bare
from ingest.formats.common import bounded, parse
from ingest.formats.members import measured
from ingest.formats.times import epoch, moment_here

TOPICS = ("zigbee2mqtt/#",)

UNITS: dict[str, str] = {
    "temperature": "°C", "device_temperature": "°C", "local_temperature": "°C",
    "soil_temperature": "°C", "occupied_heating_setpoint": "°C", "current_heating_setpoint": "°C",
    "humidity": "%", "soil_moisture": "%", "battery": "%", "pi_heating_demand": "%",
    "pressure": "hPa", "co2": "ppm", "illuminance_lux": "lx",
    "power": "W", "energy": "kWh", "produced_energy": "kWh", "current": "A", "ac_frequency": "Hz",
}  # fmt: skip
HIGHEST_MAINS = 1000.0  # V; above it a voltage is in mV
HIGHEST_LQI = 255.0

_LEFT_OUT = ("last_seen", "linkquality", "update", "elapsed", "device")
_NOT_OF_DEVICES = frozenset({"set", "get", "availability"})


class Heard(msgspec.Struct):
    linkquality: object = None


_state = msgspec.json.Decoder(dict[str, object])
_heard = msgspec.json.Decoder(Heard)


def decode(message: Message) -> list[Sample]:
    """The state's numbers; none for the bridge and for commands. Raises DecodeError."""
    levels = message.topic.decode().split("/")[1:]
    if levels[0] == "bridge" or not _NOT_OF_DEVICES.isdisjoint(levels[1:]) or not message.payload:
        return []
    if message.payload.lstrip()[:1] != b"{":
        return _attribute(levels, message)
    state = parse(_state, message.payload)
    time = _time(state.get("last_seen"), message.received)
    for name in _LEFT_OUT:
        state.pop(name, None)
    device = "/".join(levels)
    return [
        Sample(device, name, time, value, _unit(name, value, state))
        for name, value in bounded(measured(state, quoted=False))
    ]


def signal(message: Message) -> radio.Signal | None:
    """The quality of the link to the next neighbour [LQI]."""
    levels = message.topic.decode().split("/")[1:]
    if levels[0] == "bridge" or message.payload.lstrip()[:1] != b"{":
        return None
    try:
        heard = parse(_heard, message.payload)
    except DecodeError:
        return None
    return radio.of("/".join(levels), heard.linkquality, radio.LQI, HIGHEST_LQI)


def _attribute(levels: list[str], message: Message) -> list[Sample]:
    value = bare(message.payload)
    name = levels.pop()
    if value is None or name in _LEFT_OUT:
        return []
    if not levels:
        raise DecodeError(Reason.INVALID_STRUCTURE, name)
    return [Sample("/".join(levels), name, message.received, value, _unit(name, value, {}))]


def _time(last_seen: object, received: int) -> int:
    if last_seen is None:
        return received
    if isinstance(last_seen, str):
        return moment_here(last_seen, received)
    return epoch(last_seen)


def _unit(name: str, value: float, state: dict[str, object]) -> str | None:
    if name == "voltage":
        return "mV" if "battery" in state or value > HIGHEST_MAINS else "V"
    if name == "illuminance" and "illuminance_lux" not in state:
        return "lx"
    return UNITS.get(name)
