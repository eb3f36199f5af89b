"""How well a device's radio is heard: what the formats that tell it share.

It is said beside the values and is none of them. A format's `signal(message)` finds it again in
the message, and is asked now and then only, since nobody needs it more often than that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ingest.formats.common import number

DBM, PERCENT, LQI = "dBm", "%", "LQI"
WEAKEST_DBM = -200.0  # nothing hears less; a zero or more is a field that was left empty


class Signal(NamedTuple):
    """device: its id in its format. unit: dBm, % or LQI (0 to 255, Zigbee)."""

    device: str
    value: float
    unit: str


def in_dbm(device: str, values: Iterable[object]) -> Signal | None:
    """The strongest of what one or several gateways heard; None where there is nothing."""
    heard = [value for value in map(number, values) if WEAKEST_DBM <= value < 0]
    return Signal(device, max(heard), DBM) if heard else None


def of(device: str, value: object, unit: str, highest: float) -> Signal | None:
    """A value from 0 to `highest`; None where it is none."""
    amount = number(value)
    return Signal(device, amount, unit) if 0 <= amount <= highest else None
