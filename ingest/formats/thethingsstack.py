"""The Things Stack v3 (The Things Network), a LoRaWAN network server: decoded uplinks as JSON.

Topic `v3/<application>@<tenant>/devices/<device id>/<event>`; only `up` carries readings.
Device: `end_device_ids.dev_eui`, lower case; the device id where there is none.
Time: `uplink_message.received_at`, the network server's clock at reception.
Fields: the members of `decoded_payload`, nested ones joined by dots; units are the profile's, but
for a member that is an object of `value` (or `data`) and `unit`, as some codecs give it.

Traps
- There are two `received_at`: the outer one is when the application server was reached, later.
- `rx_metadata[].timestamp` is a radio's counter and no time; a gateway's `time` may be days off,
  and so may the meter's own clock inside the payload.
- `rx_metadata` has one entry for each gateway that heard it; the strongest `rssi` counts.
- Members equal to 0, "" or false are left out of the envelope (`f_port`, `f_cnt`), not of
  `decoded_payload`. Nothing is made up for what is missing.
- Without a payload formatter there is `frm_payload` only, the raw frame; it is decoded here where
  the device's profile of ours names a decoder.
- `history` holds values of earlier, each with its own time, as Milesight's codecs give them.
- `simulated` uplinks are typed in by a person at the console.
- `normalized_payload` repeats `decoded_payload` in other names.
- `join`, `down/…`, `service/data` and `location/solved` are no readings.

Source: The Things Stack documentation, "Data formats" and "MQTT server".
"""

from __future__ import annotations

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Sample
from ingest.formats import radio
from ingest.formats.common import bounded, moment, parse
from ingest.formats.members import HISTORY, of_earlier, with_units
from ingest.raw import RawFrame

TOPICS = ("v3/+/devices/#",)


class DeviceIds(msgspec.Struct):
    dev_eui: str | None = None
    device_id: str | None = None


class Frame(msgspec.Struct):
    received_at: str | None = None
    decoded_payload: dict[str, object] | None = None
    frm_payload: str | None = None
    f_port: int = 0


class Uplink(msgspec.Struct):
    uplink_message: Frame
    end_device_ids: DeviceIds | None = None
    received_at: str | None = None
    simulated: bool = False


class Reception(msgspec.Struct):
    rssi: object = None


class HeardFrame(msgspec.Struct):
    rx_metadata: list[Reception] = []


class Heard(msgspec.Struct):
    uplink_message: HeardFrame
    end_device_ids: DeviceIds | None = None


_uplink = msgspec.json.Decoder(Uplink)
_heard = msgspec.json.Decoder(Heard)


def decode(message: Message) -> list[Sample]:
    """The uplink's values; none for other events. Raises DecodeError, RawFrame for a raw one."""
    levels = message.topic.decode().split("/")
    if levels[4:] != ["up"]:
        return []
    uplink = parse(_uplink, message.payload)
    frame = uplink.uplink_message
    if uplink.simulated:
        return []
    if frame.decoded_payload is None and not frame.frm_payload:
        return []
    time = moment(frame.received_at or uplink.received_at)
    device = _device(uplink.end_device_ids, levels[3])
    if frame.decoded_payload is None:
        raise RawFrame("frm_payload", device, time, frame.f_port, frame.frm_payload or "")
    packs = [(time, frame.decoded_payload)]
    if records := of_earlier(frame.decoded_payload.get(HISTORY)):
        del frame.decoded_payload[HISTORY]
        packs += records
    return bounded(
        Sample(device, name, at, value, unit)
        for at, values in packs
        for name, value, unit in with_units(values)
    )


def signal(message: Message) -> radio.Signal | None:
    """How well the best gateway heard an uplink [dBm]."""
    levels = message.topic.decode().split("/")
    if levels[4:] != ["up"]:
        return None
    try:
        heard = parse(_heard, message.payload)
    except DecodeError:
        return None
    device = _device(heard.end_device_ids, levels[3])
    return radio.in_dbm(device, (one.rssi for one in heard.uplink_message.rx_metadata))


def _device(ids: DeviceIds | None, of_topic: str) -> str:
    if ids is None:
        return of_topic
    return ids.dev_eui.lower() if ids.dev_eui else ids.device_id or of_topic
