"""Shelly devices of the first generation (1PM, Plug, EM, 3EM, H&T …): bare values over MQTT.

Topics `shellies/<id>/<component>/<index>/<key>`, as `emeter/0/total` or `relay/0/power`; and
`shellies/<id>/info`, the whole status as JSON. Device: the id. Time: the moment of reception; in
`info` it is `unixtime` once the clock is set. Fields: the levels after the id, joined by dots.

Traps
- `energy` of relays, rollers, lights and also of `emeter`, and `meters[].total` in `info`, are in
  watt-minutes, and start from 0 at every boot. They come out in Wh. `emeter/…/total` is in Wh.
- `info` has the same values under other names; they come out under the names of the topics.
- A reading with `is_valid` false is an old one.
- A Shelly H&T sends °C or °F, as its owner set it, and does not say which: the channel's unit.
- `on`, `off` and other words are states; `announce`, `online` and `command` are no readings.

Source: Shelly API documentation, "Gen1 devices, MQTT"; evcc's tests of the same status.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Sample
from ingest.formats import radio
from ingest.formats.bare import bare
from ingest.formats.common import bounded, number, parse, seconds

TOPICS = ("shellies/#",)

UNITS: dict[str, str] = {
    "power": "W", "reactive_power": "var", "voltage": "V", "current": "A", "pf": "1",
    "total": "Wh", "total_returned": "Wh",
    "humidity": "%", "battery": "%", "lux": "lx",
    "ext_temperature": "°C", "ext_humidity": "%", "adc": "V",
}  # fmt: skip
WATT_MINUTES = frozenset({"energy", "returned_energy"})  # sixtieths of a Wh
EVENTS = frozenset({"announce", "online", "command", "settings", "input_event"})


class Meter(msgspec.Struct):
    power: object = None
    total: object = None
    is_valid: bool = True


class EnergyMeter(Meter):
    total_returned: object = None
    reactive: object = None
    voltage: object = None
    current: object = None
    pf: object = None


class Info(msgspec.Struct):
    unixtime: float = 0.0
    meters: list[Meter] = []
    emeters: list[EnergyMeter] = []
    rollers: list[object] | None = None
    lights: list[object] | None = None


class Wifi(msgspec.Struct):
    rssi: object = None


class Heard(msgspec.Struct):
    wifi_sta: Wifi


_info = msgspec.json.Decoder(Info)
_heard = msgspec.json.Decoder(Heard)


def decode(message: Message) -> list[Sample]:
    """The value of the topic, or all of an `info`. Raises DecodeError."""
    _, device, *levels = message.topic.decode().split("/")
    if not levels or not EVENTS.isdisjoint(levels) or not message.payload:
        return []
    if levels == ["info"]:
        return bounded(_of_info(device, message))
    value = bare(message.payload)
    if value is None:
        return []
    return [_sample(device, ".".join(levels), message.received, value)]


def signal(message: Message) -> radio.Signal | None:
    """How well the device hears its Wi-Fi, as an `info` tells [dBm]."""
    _, device, *levels = message.topic.decode().split("/")
    if levels != ["info"]:
        return None
    try:
        return radio.in_dbm(device, [parse(_heard, message.payload).wifi_sta.rssi])
    except DecodeError:
        return None


def _of_info(device: str, message: Message) -> Iterator[Sample]:
    info = parse(_info, message.payload)
    time = seconds(info.unixtime) if info.unixtime else message.received
    component = "roller" if info.rollers else "light" if info.lights else "relay"
    for name, value in _values(info, component):
        if value is not None:
            yield _sample(device, name, time, number(value))


def _values(info: Info, component: str) -> Iterator[tuple[str, object]]:
    for index, meter in enumerate(info.meters):
        if meter.is_valid:
            yield f"{component}.{index}.power", meter.power
            yield f"{component}.{index}.energy", meter.total
    for index, meter in enumerate(info.emeters):
        if meter.is_valid:
            yield f"emeter.{index}.power", meter.power
            yield f"emeter.{index}.reactive_power", meter.reactive
            yield f"emeter.{index}.voltage", meter.voltage
            yield f"emeter.{index}.current", meter.current
            yield f"emeter.{index}.pf", meter.pf
            yield f"emeter.{index}.total", meter.total
            yield f"emeter.{index}.total_returned", meter.total_returned


def _sample(device: str, field: str, time: int, value: float) -> Sample:
    parts = field.split(".")
    if not WATT_MINUTES.isdisjoint(parts):
        return Sample(device, field, time, value / 60, "Wh")
    name = parts[-2] if parts[-1].isdecimal() and len(parts) > 1 else parts[-1]
    return Sample(device, field, time, value, "°C" if field == "temperature" else UNITS.get(name))
