"""What can go wrong, switched on by name and time: `name[@start[+duration]][:target]`.

    water-leak@2026-11-20T22:00+6h:barntrup-gymnasium
    stuck@-3h:barntrup-rathaus/buero-1-12-temperatur
    dropout@now+45min:24e124707c044108

start: `now`, `-3h` (before now), or a date with or without time; without a zone it is local time.
duration: a number with s, min, h or d; without one it lasts. target: a building, building/point or
a device's own id; without one the seed picks something that the fault suits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from math import inf

from gebaeude.errors import UsageError
from gebaeude.model import Kind, Medium
from gebaeude.portfolio.records import Building, Device, Point, Portfolio
from gebaeude.text import N_, _
from simulators import noise
from simulators.calendar import ZONE

FAULTS: dict[str, str] = {
    "stuck": N_("Der Fühler klebt: Er meldet immer denselben Wert."),
    "dropout": N_("Das Gerät sendet nicht mehr, und der Datensammler hat auch nichts."),
    "counter-reset": N_("Der Zähler springt auf null und zählt von dort weiter."),
    "meter-replaced": N_(
        "Der Zähler ist getauscht: neue Nummer, Stand null; niemand hat es gemeldet."
    ),
    "clock-wrong": N_("Die Uhr des Geräts geht zwei Stunden vor."),
    "repeats": N_("Das Gerät sendet jede Nachricht dreimal."),
    "out-of-order": N_("Das Gerät sendet jede zweite Nachricht erst nach der folgenden."),
    "water-leak": N_("Ein Rohr ist undicht: Es fließt Wasser, auch nachts."),
    "heating-at-night": N_("Die Nachtabsenkung fehlt: Es wird durchgeheizt."),
    "heating-failed": N_("Die Heizung ist ausgefallen: Das Haus kühlt aus."),
}


def _is_heat(point: Point) -> bool:
    return (point.medium, point.quantity) == (Medium.HEAT, "energy")


# Which points a fault can strike; every point where nothing is said.
_SUITS_POINT: dict[str, Callable[[Point], bool]] = {
    "stuck": lambda point: point.kind is Kind.GAUGE,
    "counter-reset": lambda point: point.kind is Kind.COUNTER,
    "meter-replaced": lambda point: point.kind is Kind.COUNTER,
    "water-leak": lambda point: (
        (point.medium, point.quantity) == (Medium.WATER, "volume")
        and not re.search("warmwasser|fuellwasser", point.key)
    ),
    "heating-at-night": _is_heat,
    "heating-failed": _is_heat,
}


def _any(_point: Point) -> bool:
    return True


_DEVICE_FAULTS = frozenset({"dropout", "meter-replaced", "clock-wrong", "repeats", "out-of-order"})

_UNITS = {"s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = r"\d+(?:s|min|m|h|d)"
_FORM = re.compile(
    r"(?P<name>[\w-]+)"
    rf"(?:@(?P<start>now|-{_SPAN}|\d{{4}}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?)"
    rf"(?:\+(?P<duration>{_SPAN}))?)?"
    r"(?::(?P<target>.+))?"
)


@dataclass(frozen=True)
class Fault:
    """One fault at its points and devices, from begin to before end [s since 1970]."""

    name: str
    begin: float
    end: float
    points: frozenset[tuple[str, str]]  # (building, point)
    devices: frozenset[tuple[str, str]]  # (format, id)


def parse(texts: Sequence[str], portfolio: Portfolio, *, now: int, seed: int) -> tuple[Fault, ...]:
    """The faults a person asked for. Raises UsageError, saying what is wrong with which."""
    return tuple(_parse(text, portfolio, now, seed) for text in texts)


def _parse(text: str, portfolio: Portfolio, now: int, seed: int) -> Fault:
    match = _FORM.fullmatch(text.strip())
    name = match["name"] if match else re.split("[@:]", text.strip(), maxsplit=1)[0]
    if name not in FAULTS:
        known = ", ".join(FAULTS)
        raise UsageError(
            _("Die Störung „{name}“ gibt es nicht. Es gibt: {known}.").format(
                name=name, known=known
            )
        )
    if match is None:
        raise UsageError(
            _(
                "„{text}“ ist so nicht zu verstehen. Die Form ist name[@beginn[+dauer]][:ziel], "
                "etwa water-leak@2026-11-20T22:00+6h:barntrup-gymnasium oder stuck@-3h."
            ).format(text=text)
        )
    begin = _begin(match["start"] or "now", now, text)
    end = begin + _seconds(match["duration"]) if match["duration"] else inf
    points, devices = _targets(name, match["target"], portfolio, seed)
    return Fault(name, begin, end, points, devices)


def _begin(start: str, now: int, text: str) -> float:
    if start == "now":
        return float(now)
    if start.startswith("-"):
        return float(now - _seconds(start[1:]))
    try:
        moment = datetime.fromisoformat(start)
    except ValueError as error:
        raise UsageError(
            _("Den Zeitpunkt in „{text}“ gibt es nicht: {why}.").format(text=text, why=error)
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).timestamp()


def _seconds(span: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([a-z]+)", span).groups()  # type: ignore[union-attr]
    return int(number) * _UNITS[unit]


Place = tuple[Building, Device, Point | None]
Places = tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]


def _targets(name: str, target: str | None, portfolio: Portfolio, seed: int) -> Places:
    """Points and devices that are struck. Raises UsageError."""
    suited = [place for building in portfolio.buildings() for place in _suited(name, building)]
    if target is not None:
        struck = [place for place in suited if _is_meant(target, *place)]
    else:
        live = [place for place in suited if place[1].format != "senml"]
        struck = live[noise.key(seed, "fault", name) % len(live) :][:1] if live else []
    if not struck:
        raise UsageError(_no_target(name, target, portfolio))
    return _places(name, struck)


def _suited(name: str, building: Building) -> list[Place]:
    """Everything in a building that the fault can strike: a point, or a device as a whole."""
    suits = _SUITS_POINT.get(name, _any)
    found: list[Place] = []
    for device in building.devices:
        if name in _DEVICE_FAULTS and name != "meter-replaced":
            found.append((building, device, None))
        found += [(building, device, point) for point in _fed(building, device) if suits(point)]
    return found


def _fed(building: Building, device: Device) -> list[Point]:
    fed = {channel.point for channel in device.channels}
    return [point for point in building.points if point.key in fed]


def _is_meant(target: str, building: Building, device: Device, point: Point | None) -> bool:
    named = (building.key, device.id, f"{building.key}/{point.key}" if point else None)
    return target in named


def _places(name: str, struck: list[Place]) -> Places:
    """A logger is struck only where it is meant itself: what fails is in front of it."""
    devices, points = set(), set()
    for building, device, point in struck:
        if name in _DEVICE_FAULTS and (point is None or device.format != "senml"):
            devices.add((device.format, device.id))
        silenced = [] if device.format == "senml" else _fed(building, device)
        of_device = silenced if name == "dropout" and point is None else []
        points |= {(building.key, each.key) for each in (point, *of_device) if each}
    return frozenset(points), frozenset(devices)


def _no_target(name: str, target: str | None, portfolio: Portfolio) -> str:
    if target is None:
        return _("Für „{name}“ gibt es in diesem Portfolio kein passendes Ziel.").format(name=name)
    known = {
        word
        for building in portfolio.buildings()
        for word in (
            building.key,
            *(f"{building.key}/{point.key}" for point in building.points),
            *(device.id for device in building.devices),
        )
    }
    if target in known:
        return _("„{name}“ passt nicht zu {target}.").format(name=name, target=target)
    near = ", ".join(get_close_matches(target, sorted(known), 3, 0.5))
    text = _("Das Ziel „{target}“ gibt es nicht.").format(target=target)
    return text + (" " + _("Gemeint vielleicht: {near}.").format(near=near) if near else "")
