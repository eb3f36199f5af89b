"""ChirpStack v4, the LoRaWAN network server: decoded uplinks as JSON.

Topic `application/<application>/device/<devEui>/event/<event>`; only `up` carries readings.
Device: `deviceInfo.devEui`, lower case. Time: `time`, the server's clock at reception.
Fields: the members of `object`, nested ones joined by dots; their units are the profile's matter,
but for a member that is an object of `value` (or `data`) and `unit`, as some codecs give it.

Traps
- `object` is only there when the device's profile has a codec; else there is `data`, the raw frame,
  and `fPort`; it is decoded here where the device's profile of ours names a decoder.
- Codecs write numbers as text ("21.5"), and NaN as "NaN". Text that is no number is a status.
- Some give a probe that is dead or not there as "0.00": a number like any other, and the device's
  profile says that it is `absent`.
- `time` has nanoseconds. `fCnt` may be missing. The same frame may come twice: it is one reading.
- `history` holds values of earlier, each with its own time, as Milesight's codecs give them.
- `rxInfo` has one entry for each gateway that heard the frame; the strongest `rssi` counts.
- `join`, `ack`, `txack`, `log`, `status`, `location`, `integration` and commands are no readings.

Source: ChirpStack documentation, "Integrations / Event types".
"""

from __future__ import annotations

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Sample
from ingest.formats import radio
from ingest.formats.common import leaves, moment, number_or_text, parse, within
from ingest.formats.members import HISTORY, of_earlier, paired
from ingest.raw import RawFrame

TOPICS = ("application/+/device/+/event/+", "application/+/device/+/command/+")


class DeviceInfo(msgspec.Struct, rename="camel"):
    dev_eui: str | None = None


class Uplink(msgspec.Struct, rename="camel"):
    time: str | None = None
    device_info: DeviceInfo | None = None
    decoded: dict[str, object] | None = msgspec.field(name="object", default=None)
    data: str | None = None
    f_port: int = 0


class Reception(msgspec.Struct):
    rssi: object = None


class Heard(msgspec.Struct, rename="camel"):
    device_info: DeviceInfo | None = None
    rx_info: list[Reception] = []


_uplink = msgspec.json.Decoder(Uplink)
_heard = msgspec.json.Decoder(Heard)


def decode(message: Message) -> list[Sample]:
    """The uplink's values; none for other events. Raises DecodeError, RawFrame for a raw one."""
    if not message.topic.endswith(b"/event/up"):
        return []
    uplink = parse(_uplink, message.payload)
    if uplink.decoded is None and not uplink.data:
        return []
    device = _device(uplink.device_info, message.topic)
    time = moment(uplink.time)
    if uplink.decoded is None:
        raise RawFrame("data", device, time, uplink.f_port, uplink.data or "")
    within(len(uplink.decoded))
    samples: list[Sample] = []
    for name, value in uplink.decoded.items():
        kind = type(value)
        if kind is float:
            samples.append(Sample(device, name, time, value))  # type: ignore[arg-type]
        elif kind is dict or kind is list:
            _append_all(samples, device, name, time, value)
        else:
            _append(samples, device, name, time, value)
    return samples


def _append_all(samples: list[Sample], device: str, name: str, time: int, value: object) -> None:
    if (told := paired(value)) is not None:
        _append(samples, device, name, time, *told)
    elif name == HISTORY and (records := of_earlier(value)):
        for at, values in records:
            for field, one in values.items():
                _append(samples, device, field, at, one)
            within(len(samples))
    else:
        for path, leaf in leaves(value, name):
            _append(samples, device, path, time, leaf)
            within(len(samples))


def _append(
    samples: list[Sample],
    device: str,
    field: str,
    time: int,
    value: object,
    unit: str | None = None,
) -> None:
    if value is not None and not isinstance(value, bool):
        samples.append(Sample(device, field, time, number_or_text(value), unit))


def signal(message: Message) -> radio.Signal | None:
    """How well the best gateway heard an uplink [dBm]."""
    if not message.topic.endswith(b"/event/up"):
        return None
    try:
        heard = parse(_heard, message.payload)
    except DecodeError:
        return None
    device = _device(heard.device_info, message.topic)
    return radio.in_dbm(device, (reception.rssi for reception in heard.rx_info))


def _device(info: DeviceInfo | None, topic: bytes) -> str:
    told = info.dev_eui if info else None
    return (told or topic.split(b"/")[3].decode()).lower()
