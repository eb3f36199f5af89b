"""Tasmota firmware (Sonoff plugs, pulse counters, SML reading heads …): nested JSON.

Topics `tele/<topic>/SENSOR`, `…/STATE`, and `stat/<topic>/STATUS8` or `10` in answer to a request;
the prefix may stand before or after the topic (`FullTopic`). Device: what is left of the topic.
Time: `Epoch` where it is sent, else `Time`. Fields: the keys, nested ones and the places in arrays
joined by dots: `ENERGY.Total`, `ENERGY.Power.0`, `SML.Total_in`, `DS18B20-1.Temperature`.

Traps
- `Time` is local without a zone (Europe/Berlin here), with one by `SetOption52`; or a number of
  s or ms. Before the first NTP answer it is in 1970, and refused for that reason.
- A message without any time (a Zigbee bridge's) counts as of its reception.
- A missing value is a bare `nan`, which is not even the NaN that lenient parsers take.
- ENERGY values are a number on a device of one channel and an array on one of several.
- The unit is in a sibling: `TempUnit`, `PressureUnit`. ENERGY is in kWh; `TIC` of the same message
  counts the same energy in Wh. What a script names (`SML`, `Gas`) has no unit here: the channel's.
- One message may hold several meters.
- `Energy` of the radar sensor LD2410 is an echo's strength.
- `Yesterday` belongs to a past date, and `Period` is a difference of `Total`: both are left out.
- Firmware before 6 sent ENERGY by itself on `tele/<topic>/ENERGY`, with the same fields.
- `LWT`, `INFO`, `RESULT` and commands are no readings, and of `STATE` only what is not about the
  device itself. All of Tasmota's kinds are in capitals: others are somebody else's, and are kept.

Source: Tasmota documentation, "MQTT", "Commands", "JSON status responses".
"""

from __future__ import annotations

import re

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import radio
from ingest.formats.common import bounded, parse, remembered, within
from ingest.formats.members import measured
from ingest.formats.times import epoch, moment_here

TOPICS = ("tele/#", "stat/#", "cmnd/#", "#/tele/+", "#/stat/+", "#/cmnd/+")

ENERGY_UNITS: dict[str, str] = {
    "Total": "kWh", "Today": "kWh", "ExportActive": "kWh", "ImportActive": "kWh",
    "Power": "W", "ApparentPower": "VA", "ReactivePower": "var", "Factor": "1",
    "Voltage": "V", "Current": "A", "Frequency": "Hz",
}  # fmt: skip
TIC_UNITS: dict[str, str] = {"BASE": "Wh", "HCHC": "Wh", "HCHP": "Wh", "PAPP": "VA", "IINST": "A"}
SENSOR_UNITS: dict[str, str] = {
    "Humidity": "%", "Illuminance": "lx", "CarbonDioxide": "ppm", "eCO2": "ppm",
}  # fmt: skip
TEMPERATURE, PRESSURE = "TempUnit", "PressureUnit"  # members that tell a unit
TEMPERATURES = frozenset({"Temperature", "DewPoint"})
PRESSURES = frozenset({"Pressure", "SeaPressure"})
TEMPERATURE_UNITS: dict[str, str] = {"C": "°C", "F": "°F"}

_STATUS = re.compile(r"STATUS(0|8|10)?")
_ABOUT_THE_DEVICE = frozenset(
    ("Uptime", "UptimeSec", "Heap", "SleepMode", "Sleep", "LoadAvg", "MqttCount", "Wifi", "Berry",
     "Hostname", "IPAddress", "ESP32", "Time", "Epoch")
)  # fmt: skip
_PAST = frozenset({"Yesterday", "Period", "TotalStartTime"})
_BARE_NAN = re.compile(rb"(?<=[:,\[])(\s*)-?nan(?=\s*[,}\]])", re.IGNORECASE)


class Wifi(msgspec.Struct, rename="pascal"):
    signal: object = None  # dBm
    rssi: object = msgspec.field(name="RSSI", default=None)  # %


class Heard(msgspec.Struct, rename="pascal"):
    wifi: Wifi


_tree = msgspec.json.Decoder(dict[str, object])
_heard = msgspec.json.Decoder(Heard)


def decode(message: Message) -> list[Sample]:
    """The values of all sensors in the message. Raises DecodeError."""
    device, kind = _split(message.topic)
    if not device or not message.payload:
        return []
    if not kind.isupper():
        raise DecodeError(Reason.UNKNOWN_TOPIC, kind)
    tree = _content(kind, message)
    if tree is None:
        return []
    time = _time(tree, message.received)
    told: dict[str | None, str | None] = {
        TEMPERATURE: TEMPERATURE_UNITS.get(_text(tree.get(TEMPERATURE))),
        PRESSURE: _text(tree.get(PRESSURE)) or None,
    }
    sensors = {name: value for name, value in tree.items() if name not in _ABOUT_THE_DEVICE}
    return [
        Sample(device, path, time, value, told.get(unit := _unit(path), unit))
        for path, value in bounded(measured(sensors, quoted=False))
        if _is_wanted(path)
    ]


def signal(message: Message) -> radio.Signal | None:
    """How well the device hears its Wi-Fi, as a `STATE` tells: dBm, older firmware only %."""
    device, kind = _split(message.topic)
    if not device or kind != "STATE":
        return None
    try:
        wifi = parse(_heard, message.payload).wifi
    except DecodeError:
        return None
    percent = radio.of(device, wifi.rssi, radio.PERCENT, 100.0)
    return radio.in_dbm(device, [wifi.signal]) or percent


@remembered(4096)
def _split(topic: bytes) -> tuple[str, str]:
    """(device, kind of message); no device for what is no telemetry."""
    levels = topic.decode().split("/")
    kind = levels.pop()
    for place in (0, -1):
        if levels and levels[place] in ("tele", "stat"):
            del levels[place]
            return "/".join(levels), kind
    return "", kind


def _content(kind: str, message: Message) -> dict[str, object] | None:
    """The object with the sensors in it; None for a message that has none by its kind."""
    if kind in ("SENSOR", "STATE"):
        return _parse(message.payload)
    if kind.startswith("ENERGY"):
        energy = _parse(message.payload)
        return {"Time": energy.pop("Time", None), kind: energy}
    if _STATUS.fullmatch(kind):
        sensors = _parse(message.payload).get("StatusSNS")
        return sensors if isinstance(sensors, dict) else None
    return None


def _parse(payload: bytes) -> dict[str, object]:
    try:
        return parse(_tree, payload)
    except DecodeError as error:
        count = payload.lower().count(b"nan")
        if error.reason is not Reason.INVALID_JSON or not count:
            raise
        within(count)
        return parse(_tree, _BARE_NAN.sub(rb"\1NaN", payload))


def _time(tree: dict[str, object], received: int) -> int:
    told = tree.get("Epoch", tree.get("Time"))
    if told is None:
        return received
    return moment_here(told, received) if isinstance(told, str) else epoch(told)


@remembered(4096)
def _is_wanted(path: str) -> bool:
    parts = path.split(".")
    is_radar = parts[0].startswith("LD2410") and "Energy" in parts
    return _PAST.isdisjoint(parts) and not is_radar


def _text(sibling: object) -> str:
    return sibling if isinstance(sibling, str) else ""


@remembered(4096)
def _unit(path: str) -> str | None:
    """The unit, or the member that tells it."""
    parts = path.split(".")
    names = parts[:-1] if parts[-1].isdecimal() else parts
    name = names[-1] if names else ""
    if path.startswith("ENERGY"):
        return ENERGY_UNITS.get(name)
    if path.startswith("TIC."):
        return TIC_UNITS.get(name)
    if name in TEMPERATURES:
        return TEMPERATURE
    if name in PRESSURES:
        return PRESSURE
    return SENSOR_UNITS.get(name)
