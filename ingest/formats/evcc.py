"""evcc, charging of electric vehicles with the sun's surplus: one bare value a topic.

Topics `evcc/site/<key>`, `evcc/loadpoints/<number>/<key>`, `evcc/vehicles/<name>/<key>`; the root
may have levels before it. Device: the topic up to the site, the load point or the vehicle. Field:
the rest, joined by dots. Time: the moment of reception.

Traps
- Values are retained and have no time: what the broker repeats at a subscription is refused, and
  what waited in the broker while we were away counts as of its arrival. `evcc/updated` is a
  message of its own and belongs to no value for certain.
- An empty payload erases a value; evcc does so with all of them at its start and end.
- `chargedEnergy` and `sessionEnergy` are in Wh and start from 0 with each car; the site's energies
  are in kWh. About `chargeTotalImport` documents disagree: the channel's unit.
- Durations are in s, in earlier versions in ns; they come out in s.
- `evcc/loadpoints` and `evcc/vehicles` are mere counts, `…/set` a command, `true` and `pv` states.

Source: evcc documentation, "MQTT API"; evcc's server/mqtt.go.
"""

from __future__ import annotations

from gebaeude.model import Message, Sample
from ingest.formats.bare import bare

ROOTS = ("site", "loadpoints", "vehicles")
# Behind somebody's own levels only what is surely evcc's: what nothing takes is kept.
TOPICS = (
    "evcc/#",
    *(f"#/evcc/{root}/#" for root in ROOTS),
    *(f"#/evcc/{name}" for name in (*ROOTS, "status", "updated")),
)

UNITS: dict[str, str] = {
    "chargedEnergy": "Wh", "sessionEnergy": "Wh", "chargeRemainingEnergy": "Wh",
    "pvEnergy": "kWh", "gridEnergy": "kWh", "batteryEnergy": "kWh", "energy": "kWh",
    "power": "W", "soc": "%",
}  # fmt: skip
SUFFIXES: dict[str, str] = {
    "Power": "W", "Soc": "%", "Currents": "A", "Current": "A", "Voltages": "V",
}  # fmt: skip
LONGEST = 1e9  # s; a greater duration is in ns

_LENGTHS = {"site": 1, "loadpoints": 2, "vehicles": 2}  # levels that name a device


def decode(message: Message) -> list[Sample]:
    """The topic's value. Raises DecodeError."""
    levels = message.topic.decode().split("/")
    start = levels.index("evcc") + 1
    length = _LENGTHS.get(levels[start]) if len(levels) > start else None
    if length is None or len(levels) <= start + length or levels[-1] == "set":
        return []
    value = bare(message.payload)
    if value is None:
        return []
    keys = levels[start + length :]
    if keys[-1].endswith("Duration") and value >= LONGEST:
        value /= 1e9
    device = "/".join(levels[: start + length])
    return [Sample(device, ".".join(keys), message.received, value, _unit(keys))]


def _unit(keys: list[str]) -> str | None:
    phases = len(keys) > 1 and keys[-1] in ("l1", "l2", "l3")
    name = keys[-2] if phases else keys[-1]
    for suffix, unit in SUFFIXES.items():
        if name.endswith(suffix):
            return unit
    return "s" if name.endswith("Duration") else UNITS.get(name)
