"""What a device, or its network server, says about its model: to guess the profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gebaeude.model import Message

# Where the formats have it; a path of members, and * for all that there are.
PLACES: dict[str, tuple[str, ...]] = {
    "chirpstack": (
        "deviceInfo.deviceProfileName", "deviceInfo.deviceName", "deviceInfo.applicationName",
        "deviceInfo.tags.*",
    ),
    "thethingsstack": (
        "uplink_message.version_ids.model_id", "uplink_message.version_ids.brand_id",
        "end_device_ids.device_id",
    ),
    "wmbusmeters": ("meter", "media", "name"),
    "zigbee2mqtt": ("device.model", "device.friendlyName", "device.manufacturerName"),
    "shelly": ("src",),
}  # fmt: skip
LONGEST = 200  # characters


def hint(kind: str, device: str, message: Message) -> str:
    """The words, and the device's own id, which often begins with its model."""
    return " · ".join([*_words(kind, message.payload), device])[:LONGEST]


def _words(kind: str, payload: bytes) -> Iterator[str]:
    try:
        tree = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for place in PLACES.get(kind, ()):
        for word in _at(tree, place.split(".")):
            if isinstance(word, str) and word:
                yield word


def _at(tree: Any, path: list[str]) -> list[Any]:
    if not path:
        return [tree]
    if not isinstance(tree, dict):
        return []
    first, *rest = path
    inner = tree.values() if first == "*" else [tree[first]] if first in tree else []
    return [found for one in inner for found in _at(one, rest)]
