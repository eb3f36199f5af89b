"""What a data logger sends that archives every point of a building: SenML packs (RFC 8428, JSON).

One pack of history is one point over some hours: its name stands once in the base name, as in
example 4 of the RFC. A live pack is one moment of all points: the base name is the logger's, each
record adds the point. Both resolve to `<logger><point>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from simulators.noise import Floats, Ints

Encoded = tuple[str, bytes]  # topic, payload

# quantity → unit of the SenML registry (RFC 8428 §12.1, RFC 8798), factor to it, decimals.
# Electric energy in Wh, as the meter beside it tells it: the same number, not the same up to 1e-12.
UNITS: dict[tuple[str, str], tuple[str, int, int]] = {
    ("electricity", "energy"): ("Wh", 1_000, 2),
    ("pv", "energy"): ("Wh", 1_000, 2),
    ("heat", "energy"): ("kWh", 1, 1),
    ("heat", "power"): ("W", 1_000, 0),
    ("electricity", "power"): ("W", 1_000, 0),
    ("pv", "power"): ("W", 1_000, 0),
    ("gas", "volume"): ("m3", 1, 3),
    ("water", "volume"): ("m3", 1, 3),
    ("heat", "temperature"): ("Cel", 1, 2),
    ("water", "temperature"): ("Cel", 1, 1),
    ("climate", "temperature"): ("Cel", 1, 1),
    ("climate", "humidity"): ("%RH", 1, 1),
    ("climate", "co2"): ("ppm", 1, 0),
}


@dataclass(frozen=True)
class Record:
    """One point of a logger: field name, and how its values are written."""

    field: str
    unit: str
    factor: int
    decimals: int


def topic(building: str) -> str:
    """Where a building's logger publishes."""
    return f"senml/{building}"


def record(field: str, medium: str, quantity: str) -> Record:
    """How a logger writes a point."""
    return Record(field, *UNITS[medium, quantity])


def series(base: str, point: Record, time: Ints, value: Floats) -> bytes:
    """A pack with many values of one point; `time` [s since 1970] in the order to be written."""
    start = int(time[0])
    frame = _frame(tuple((time - start).tolist()), point.decimals)
    head = f'[{{"bn":"{base}{point.field}","bt":{start},"bu":"{point.unit}",'
    return (head + frame % tuple((value * point.factor).tolist())).encode()


def moment(base: str, time: int, values: list[tuple[Record, int, float]]) -> bytes:
    """A pack with one value of each point: (point, time of the value [s], value)."""
    records = ",".join(
        f'{{"n":"{point.field}","u":"{point.unit}","v":{value * point.factor:.{point.decimals}f}'
        + (f',"t":{at - time}}}' if at != time else "}")
        for point, at, value in values
    )
    return f'[{{"bn":"{base}","bt":{time},{records[1:]}]'.encode()


@lru_cache(maxsize=1_000)
def _frame(offsets: tuple[int, ...], decimals: int) -> str:
    """The records of a pack with a gap for each value; filling them all at once makes it fast."""
    gap = f'"v":%.{decimals}f'
    rest = (f'{{"t":{offset},{gap}}}' if offset else f"{{{gap}}}" for offset in offsets[1:])
    first = f'"t":{offsets[0]},{gap}}}' if offsets[0] else f"{gap}}}"
    return ",".join([first, *rest]) + "]"
