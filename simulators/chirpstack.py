"""Milesight room sensors on LoRaWAN, as ChirpStack v4 hands their uplinks on.

`data` is the radio frame as the sensor sends it (Milesight user guides: channel, type, value, low
byte first), `object` what the profile's codec makes of it; numbers in it have a decimal point, as
in every message that went through protobuf. Everything a radio adds (gateway, field strength,
frequency) follows from the sensor and the time.
"""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from simulators import noise
from simulators.senml import Encoded

Value = float | str
FREQUENCIES = (868_100_000, 868_300_000, 868_500_000, 867_100_000, 867_300_000, 867_500_000,
               867_700_000, 867_900_000)  # Hz, EU868  # fmt: skip
FRAMES: dict[str, tuple[bytes, Callable[[Value], bytes]]] = {
    "battery": (b"\x01\x75", lambda value: struct.pack("<B", round(float(value)))),
    "temperature": (b"\x03\x67", lambda value: struct.pack("<h", round(float(value) * 10))),
    "humidity": (b"\x04\x68", lambda value: struct.pack("<B", round(float(value) * 2))),
    "pir": (b"\x05\x00", lambda value: b"\x01" if value == "trigger" else b"\x00"),
    "light_level": (b"\x06\xcb", lambda value: struct.pack("<B", round(float(value)))),
    "co2": (b"\x07\x7d", lambda value: struct.pack("<H", round(float(value)))),
    "tvoc": (b"\x08\x7d", lambda value: struct.pack("<H", round(float(value) * 100))),
    "pressure": (b"\x09\x73", lambda value: struct.pack("<H", round(float(value) * 10))),
}
# model → what it measures, in the order of its frames
MODELS: dict[str, tuple[str, ...]] = {
    "AM307": (
        "battery", "temperature", "humidity", "pir", "light_level", "co2", "tvoc", "pressure",
    ),
    "EM300-TH": ("battery", "temperature", "humidity"),
    "EM500-PT100": ("battery", "temperature"),
}  # fmt: skip
TENANT = uuid.uuid5(uuid.NAMESPACE_DNS, "nordlippe.example")


@dataclass(frozen=True)
class Sensor:
    """One sensor; `key` seeds everything that is only its own."""

    eui: str
    name: str
    model: str
    building: str
    key: int


def message(sensor: Sensor, time: int, count: int, values: dict[str, Value]) -> Encoded:
    """The uplink at one time [s since 1970], the count-th of the sensor."""
    luck = blake2b(f"{sensor.key}/{time}".encode(), digest_size=32).digest()
    nano = int.from_bytes(luck[16:20], "little") % 1_000_000_000
    stamp = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    application = str(uuid.uuid5(TENANT, "raumklima"))
    frame = b"".join(FRAMES[name][0] + FRAMES[name][1](value) for name, value in values.items())
    uplink = {
        "deduplicationId": str(uuid.UUID(bytes=luck[:16], version=4)),
        "time": f"{stamp}.{nano:09}+00:00",
        "deviceInfo": _device(sensor, application),
        "devAddr": f"{0x01000000 | sensor.key % 0xFFFFFF:08x}",
        "adr": True,
        "dr": 5 - sensor.key % 3,
        "fCnt": count,
        "fPort": 85,
        "confirmed": False,
        "data": base64.b64encode(frame).decode(),
        "object": values,
        "rxInfo": [_reception(sensor, luck, f"{stamp}.{nano // 2:09}+00:00")],
        "txInfo": _transmission(sensor, luck),
    }
    return f"application/{application}/device/{sensor.eui}/event/up", msgspec.json.encode(uplink)


def _device(sensor: Sensor, application: str) -> dict[str, object]:
    return {
        "tenantId": str(TENANT),
        "tenantName": "Nordlippe",
        "applicationId": application,
        "applicationName": "Raumklima",
        "deviceProfileId": str(uuid.uuid5(TENANT, sensor.model)),
        "deviceProfileName": f"Milesight {sensor.model}",
        "deviceName": sensor.name,
        "devEui": sensor.eui,
        "deviceClassEnabled": "CLASS_A",
        "tags": {"gebaeude": sensor.building},
    }


def _reception(sensor: Sensor, luck: bytes, arrived: str) -> dict[str, object]:
    far = noise.one(sensor.key, "distance")
    return {
        "gatewayId": f"24e124fffef{noise.key(sensor.building) % 0xFFFFF:05x}",
        "uplinkId": int.from_bytes(luck[20:22], "little"),
        "nsTime": arrived,
        "rssi": -round(58 + 52 * far) - luck[22] % 7,
        "snr": round(11.5 - 14 * far + luck[23] % 8 / 4, 2),
        "channel": luck[24] % 8,
        "location": {},
        "context": base64.b64encode(luck[25:29]).decode(),
        "metadata": {"region_config_id": "eu868", "region_common_name": "EU868"},
        "crcStatus": "CRC_OK",
    }


def _transmission(sensor: Sensor, luck: bytes) -> dict[str, object]:
    lora = {"bandwidth": 125_000, "spreadingFactor": 7 + sensor.key % 3, "codeRate": "CR_4_5"}
    return {"frequency": FREQUENCIES[luck[24] % 8], "modulation": {"lora": lora}}
