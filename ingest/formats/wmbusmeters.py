"""wmbusmeters: telegrams of wireless M-Bus meters (heat, water, gas, electricity) as flat JSON.

Topic `wmbusmeters/<name>`, the name being the user's. Device: `id`. Time: `timestamp`, UTC, the
moment of reception. Fields: the keys; the last part of a key is its unit (`total_m3`, `power_kw`).

Traps
- A unit of two parts is written with or without a bar: `_lh`, `_l_h`.
- `id` is text: leading zeros and hexadecimal digits count.
- `meter_datetime`, `device_datetime` are the meter's own naive local clock, and wrong by minutes.
- What belongs to a past date (`target_…`, `due_…`, `…_at_history_…`, `prev_…`, `…_last_month_…`)
  is no reading of this moment, and is left out.
- −2147483648, also scaled, and null say "not available".
- `rssi_dbm` is about the radio and no reading.
- Numbers may stand in quotes. Text without a unit in its key is a status or a name.

Source: wmbusmeters README and drivers; units from its `units.h`.
"""

from __future__ import annotations

import re

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import radio
from ingest.formats.common import moment, number_or_text, parse, remembered, within

TOPICS = ("wmbusmeters/#",)

UNITS: dict[str, str] = {
    "kwh": "kWh", "mj": "MJ", "gj": "GJ", "kw": "kW", "w": "W",
    "m3": "m3", "l": "l", "m3h": "m3/h", "lh": "l/h", "l_h": "l/h",
    "c": "°C", "k": "K", "f": "°F", "rh": "%", "pct": "%", "ppm": "ppm",
    "v": "V", "a": "A", "bar": "bar", "pa": "Pa", "hca": "1",
    "hz": "Hz", "kvarh": "kvarh", "kvah": "kVAh", "kva": "kVA", "kvar": "kvar",
    "m3c": "m3°C", "m3ch": "m3°C/h", "jh": "J/h",
    "y": "a", "month": "mon", "d": "d", "h": "h", "min": "min", "s": "s",
}  # fmt: skip
NOT_AVAILABLE = frozenset(-2147483648 / 10**digits for digits in range(7))

_PAST = re.compile(r"(^|_)(target|due|prev|previous|history|set_date|last_month|last_year)(_|\d|$)")
_ABOUT_RECEPTION = frozenset({"rssi_dbm"})


class Heard(msgspec.Struct):
    id: str
    rssi_dbm: object = None


_telegram = msgspec.json.Decoder(dict[str, object])
_heard = msgspec.json.Decoder(Heard)


def decode(message: Message) -> list[Sample]:
    """The telegram's values. Raises DecodeError."""
    telegram = parse(_telegram, message.payload)
    device, stamp = telegram.get("id"), telegram.get("timestamp")
    if not isinstance(device, str):
        raise DecodeError(Reason.INVALID_STRUCTURE, f"id: {device!r}"[:80])
    within(len(telegram))
    time = moment(stamp if isinstance(stamp, str) else None)
    samples = []
    for field, value in telegram.items():
        if value is None or isinstance(value, bool):
            continue
        wanted, unit = _about(field)
        if not wanted or (unit is None and isinstance(value, str)):
            continue
        amount = number_or_text(value)
        if amount not in NOT_AVAILABLE:
            samples.append(Sample(device, field, time, amount, unit))
    return samples


def signal(message: Message) -> radio.Signal | None:
    """How well the receiver heard the telegram [dBm]."""
    try:
        heard = parse(_heard, message.payload)
    except DecodeError:
        return None
    return radio.in_dbm(heard.id, [heard.rssi_dbm])


@remembered(4096)
def _about(field: str) -> tuple[bool, str | None]:
    """Whether a field is a value of this moment, and its unit where the key tells it."""
    words = field.split("_")
    unit = UNITS.get("_".join(words[-2:])) or UNITS.get(words[-1])
    return not _PAST.search(field) and field not in _ABOUT_RECEPTION, unit
