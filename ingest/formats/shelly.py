"""Shelly devices of the second generation and later (Plus, Pro, Gen3, Gen4): JSON-RPC over MQTT.

Topics: `<prefix>/events/rpc` notifications, `<prefix>/status/<component>` one component's state,
`<caller>/rpc` answers to a request. The prefix is the device's id unless the user chose another.
Device: `src`, for `status` topics the prefix. Time: `params.ts`, seconds UTC with fraction; an
answer's `sys.unixtime`; a `status` message has none, so the moment of reception counts.
Fields: `<component>.<key>`, as `em:0.total_act_power` or `switch:0.aenergy.total`.

Traps
- A message holds only what changed. Missing is not zero, and null is not zero.
- Energy is in Wh, `by_minute` in mWh: it repeats the total and is left out.
- The key `em1:2` may carry `id: 0`: the key is right.
- An open phase reports 0 V and 160 to 198 Hz: such a frequency is left out.
- `NotifyEvent`, requests, `online` and `command` are no readings. `sys`, `wifi` … are no sensors;
  their state is an object. What looks otherwise on such topics is somebody else's, and is kept.

Source: Shelly API documentation, "RPC notifications" and the components' status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import radio
from ingest.formats.common import bounded, leaves, number, parse, remembered, seconds

TOPICS = (
    "#/events/rpc",
    "#/status/+",
    "+/rpc",
    "#/online",
    "#/command",
    "#/command/+",
)

# By the last part of the key, without the phase.
UNITS: dict[str, str] = {
    "act_power": "W", "total_act_power": "W", "apower": "W",
    "aprt_power": "VA", "total_aprt_power": "VA",
    "total_act": "Wh", "total_act_ret": "Wh",
    "total_act_energy": "Wh", "total_act_ret_energy": "Wh",
    "total": "Wh",
    "voltage": "V", "V": "V", "current": "A", "total_current": "A",
    "freq": "Hz", "pf": "1", "tC": "°C", "rh": "%", "lux": "lx", "percent": "%",
}  # fmt: skip
STATUSES = frozenset({"NotifyStatus", "NotifyFullStatus"})
ONLINE = (b"true", b"false", b"")
WIFI = "wifi"

_LEFT_OUT = frozenset({"id", "tF", "by_minute", "minute_ts", "timer_started_at", "timer_duration"})
_GRID = (45.0, 65.0)  # Hz


class Frame(msgspec.Struct):
    src: str | None = None
    method: str | None = None
    params: dict[str, object] | None = None
    result: object = None


_frame = msgspec.json.Decoder(Frame)
_component = msgspec.json.Decoder(dict[str, object])


def decode(message: Message) -> list[Sample]:
    """The values of all components in the message. Raises DecodeError."""
    prefix, kind, name = _split(message.topic)
    if kind == "status":
        if ":" not in name:
            if message.payload[:1] not in (b"{", b""):
                raise DecodeError(Reason.UNKNOWN_TOPIC, name)
            return []
        state = parse(_component, message.payload)
        return _samples(prefix, [(name, state)], message.received)
    if kind not in ("events", "rpc"):
        if kind == "online" and message.payload not in ONLINE:
            raise DecodeError(Reason.UNKNOWN_TOPIC, kind)
        return []
    frame = parse(_frame, message.payload)
    if frame.src is None and frame.method is None and frame.result is None:
        raise DecodeError(Reason.UNKNOWN_TOPIC, kind)
    status = _status(frame)
    sensors = [(key, value) for key, value in status.items() if ":" in key]
    if not sensors:
        return []
    time = seconds(_told_time(frame, status))
    device = frame.src or prefix
    told = ((name, state) for name, state in sensors if isinstance(state, dict))
    return _samples(device, told, time)


def signal(message: Message) -> radio.Signal | None:
    """How well the device hears its Wi-Fi [dBm]."""
    if b"rssi" not in message.payload:
        return None
    prefix, kind, name = _split(message.topic)
    try:
        if kind == "status":
            wifi: object = parse(_component, message.payload) if name == WIFI else None
            device = prefix
        else:
            frame = parse(_frame, message.payload)
            wifi, device = _status(frame).get(WIFI), frame.src or prefix
    except DecodeError:
        return None
    return radio.in_dbm(device, [wifi.get("rssi")]) if isinstance(wifi, dict) else None


def _split(topic: bytes) -> tuple[str, str, str]:
    """(prefix, kind, component) of a topic that matched."""
    levels = topic.decode().split("/")
    if levels[-2:] == ["events", "rpc"]:
        return "/".join(levels[:-2]), "events", ""
    if levels[-2] == "status":
        return "/".join(levels[:-2]), "status", levels[-1]
    return "/".join(levels[:-1]), levels[-1], ""


def _status(frame: Frame) -> Mapping[str, object]:
    if frame.method in STATUSES:
        return frame.params or {}
    if frame.method is None and isinstance(frame.result, dict):
        return frame.result
    return {}


def _told_time(frame: Frame, status: Mapping[str, object]) -> float | None:
    told = status.get("ts")
    system = status.get("sys")
    if told is None and frame.method is None and isinstance(system, dict):
        told = system.get("unixtime")
    return None if told is None else number(told)


def _samples(
    device: str, states: Iterable[tuple[str, Mapping[str, object]]], time: int
) -> list[Sample]:
    """The measured values of components. Raises DecodeError: too_large."""
    samples = []
    for path, value, state in bounded(
        (path, value, of) for name, of in states for path, value in leaves(of, name)
    ):
        wanted, unit = _about(path)
        if not wanted or value is None or isinstance(value, bool):
            continue
        if isinstance(value, str) and unit is None:
            continue
        if unit == "Hz" and _is_open_phase(path, value, state):
            continue
        samples.append(Sample(device, path, time, number(value), unit))
    return samples


@remembered(4096)
def _about(path: str) -> tuple[bool, str | None]:
    """Whether a field is a measured value, and its unit where it is known."""
    parts = path.split(".")
    key = parts[-1]
    unit = UNITS.get(key) or UNITS.get(key[2:] if key[1:2] == "_" else key)
    return _LEFT_OUT.isdisjoint(parts), unit


def _is_open_phase(path: str, frequency: object, state: Mapping[str, object]) -> bool:
    voltage = path.rpartition(".")[2].removesuffix("freq") + "voltage"
    return not state.get(voltage) and not _GRID[0] <= number(frequency) <= _GRID[1]
