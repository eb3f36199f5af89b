"""The messages of a round: each has a number, and the number tells what must become of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

START = datetime(2021, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SENSOR = "0202020202020202"
LOGGER = "urn:dev:mac:0024beffffc4a055:"
CLOCKLESS = "chaos/fuehler"
STEADY = "chaos/stetig"
PACK = 5  # readings of one pack
BLOCK = 100  # numbers in a row whose steady messages are all alike
STEADY_FROM = 10**9  # beyond all numbers

# A device of each kind: (format, external id), its field, the point it belongs to.
DEVICES: tuple[tuple[str, str, str, str], ...] = (
    ("chirpstack", SENSOR, "energy", "einzeln"),
    ("senml", LOGGER, "energy", "gebuendelt"),
    ("plain", CLOCKLESS, "energy", "zeitlos"),
    ("plain", STEADY, "energy", "stetig"),
)
_NUMBER = re.compile(rb"#(\d+)#")

Kind = Literal["single", "pack", "clockless", "steady", "broken", "stranger"]
TIMELESS: tuple[Kind, ...] = ("clockless", "steady")  # get the moment at which they come
# Of twenty messages in a row: most are what a building sends, and of every kind there is one.
MIX: tuple[Kind, ...] = (
    *("single",) * 6, "steady", "clockless", *("single",) * 4, "steady", "pack", "broken",
    *("pack",) * 2, "stranger", "clockless", "single",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numbered:
    """One message, and what it stands for."""

    number: int
    kind: Kind
    topic: bytes
    payload: bytes

    @property
    def reason(self) -> str | None:
        """Why it is to be in quarantine; None: it is to be a reading."""
        return {"broken": "invalid_json", "stranger": "unknown_device"}.get(self.kind)

    @property
    def readings(self) -> dict[int, float]:
        """Time (µs since 1970 UTC) → value, of a message with times of its own."""
        return {
            "single": {_at(self.number): float(self.number)},
            "pack": {_at(self.number, part): self.number + part / 8 for part in range(PACK)},
        }.get(self.kind, {})


def message(number: int, kind: Kind | None = None) -> Numbered:
    """The message of this number, by default of the kind that is its turn."""
    kind = kind or MIX[number % len(MIX)]
    topic, payload = _WRITERS[kind](number)
    return Numbered(number, kind, topic.encode(), payload)


def number_in(payload: bytes) -> int | None:
    """The number that a payload of a kind without readings carries."""
    found = _NUMBER.search(payload)
    return int(found[1]) if found else None


def by_payload(messages: Iterable[Numbered]) -> dict[bytes, Numbered]:
    return {one.payload: one for one in messages}


def _at(number: int, part: int = 0) -> int:
    return (START - EPOCH) // timedelta(microseconds=1) + number * 1_000_000 + part * 125_000


def _iso(number: int) -> str:
    return (START + timedelta(seconds=number)).isoformat()


def _single(number: int, device: str = SENSOR) -> tuple[str, bytes]:
    tree = {
        "time": _iso(number),
        "deviceInfo": {"devEui": device},
        "object": {"energy": number},
        "note": f"#{number}#",
    }
    return f"application/1/device/{device}/event/up", json.dumps(tree).encode()


def _pack(number: int) -> tuple[str, bytes]:
    seconds = _at(number) / 1_000_000
    records: list[dict[str, object]] = [
        {"n": "energy", "t": part / 8, "v": number + part / 8} for part in range(PACK)
    ]
    records[0] |= {"bn": LOGGER, "bt": seconds, "bu": "kWh"}
    return "senml/chaos", json.dumps(records).encode()


def _clockless(number: int) -> tuple[str, bytes]:
    return f"plain/{CLOCKLESS}/energy", str(number).encode()


def steady_value(number: int) -> int:
    """What the steady messages of this number's block say."""
    return STEADY_FROM + number // BLOCK


def _steady(number: int) -> tuple[str, bytes]:
    return f"plain/{STEADY}/energy", str(steady_value(number)).encode()


def _broken(number: int) -> tuple[str, bytes]:
    return f"application/1/device/{SENSOR}/event/up", b'{"time": #%d#' % number


def _stranger(number: int) -> tuple[str, bytes]:
    return _single(number, "ffffffffffffffff")


_WRITERS = {
    "single": _single,
    "pack": _pack,
    "clockless": _clockless,
    "steady": _steady,
    "broken": _broken,
    "stranger": _stranger,
}
