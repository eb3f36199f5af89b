"""One building of a portfolio file with all that belongs to it."""

from __future__ import annotations

from collections.abc import Hashable

from gebaeude.model import Kind, Medium, Severity, Use
from gebaeude.portfolio import check, devices, times, values
from gebaeude.portfolio.fields import Fields
from gebaeude.portfolio.known import Known, Points, readable
from gebaeude.portfolio.records import Asset, Building, Limits, Mount, Plan, Point
from gebaeude.portfolio.vocabulary import ASSET_KINDS
from gebaeude.text import _
from gebaeude.units import QUANTITIES

# Points as read, and the same by key; None where a key cannot be read and may be any.
Read = tuple[tuple[Point, ...], Points | None]

_MONTH = 31 * 86400


def read(fields: Fields, known: Known) -> Building:
    """One building."""
    key = fields.need("key", values.key)
    fields.unique(known.keys, ("building", key), "key")
    if fields.ok("key"):
        fields.what = _("Gebäude {key}").format(key=key)
    keys: dict[Hashable, int] = {}
    assets = fields.each("assets", _("Anlage"), lambda f: _asset(f, keys))
    points, by_key = _points(fields, keys, known)
    asset_keys = readable(a.key for a in assets) if fields.ok("assets") else None
    building = Building(
        key=key,
        name=fields.need("name", values.text()),
        use=fields.need("use", values.member(Use)),
        floor_area_m2=fields.need("floor_area_m2", values.real(5, 200_000, "m²")),
        built=fields.need("built", times.year),
        renovated=fields.get("renovated", times.year),
        assets=assets,
        points=points,
        meters=_meters(fields, by_key),
        devices=fields.each("devices", _("Gerät"), lambda f: devices.read(f, by_key, known)),
        plans=fields.each("plans", _("Wartungsplan"), lambda f: _plan(f, keys, known, asset_keys)),
    )
    if fields.ok("built", "renovated") and (building.renovated or building.built) < building.built:
        fields.wrong("renovated", _("die Sanierung liegt vor dem Bau"))
    return building


def _points(fields: Fields, keys: dict[Hashable, int], known: Known) -> Read:
    entries: list[tuple[Point, Fields]] = []

    def point(entry: Fields) -> Point:
        entries.append((_point(entry, keys, known), entry))
        return entries[-1][0]

    points = fields.each("points", _("Messpunkt"), point)
    if not fields.ok("points") or not all(entry.ok("key") for _point, entry in entries):
        return points, None
    by_key = {read.key: read if entry.clean() else None for read, entry in entries}
    for read, entry in entries:
        entry.reference("within", set(by_key), _("Messpunkt"))
        for sentence in check.within(read, by_key) if by_key[read.key] else ():
            entry.wrong("within", sentence)
    return points, by_key


def _key(fields: Fields, kind: str, keys: dict[Hashable, int]) -> str:
    key = fields.need("key", values.key)
    fields.unique(keys, (kind, key), "key")
    if fields.ok("key"):
        fields.what = f"{fields.what} {key}"
    return key


def _asset(fields: Fields, keys: dict[Hashable, int]) -> Asset:
    return Asset(
        key=_key(fields, "asset", keys),
        name=fields.need("name", values.text()),
        kind=fields.need("kind", values.choice(ASSET_KINDS)),
        cost_group=fields.need("cost_group", values.cost_group),
        vdma_part=fields.get("vdma_part", values.integer(1, 7)),
        installed=fields.get("installed", times.year),
        power_kw=fields.get("power_kw", values.real(0.001, 100_000, "kW")),
    )


def _point(fields: Fields, keys: dict[Hashable, int], known: Known) -> Point:
    point = Point(
        key=_key(fields, "point", keys),
        name=fields.need("name", values.text()),
        space=fields.get("space", values.text()),
        within=fields.get("within", values.key),
        medium=fields.need("medium", values.member(Medium)),
        quantity=fields.need("quantity", values.choice(QUANTITIES)),
        kind=fields.need("kind", values.member(Kind)),
        every_s=fields.need("every", times.span(1, _MONTH)),
        limits=fields.one(
            "limits", f"{fields.what}: limits", lambda f: _limits(f, known, _quantity(fields))
        ),
    )
    if fields.ok("medium", "quantity", "kind"):
        for name, sentence in check.point(point.medium, point.quantity, point.kind):
            fields.wrong(name, sentence)
    return point


def _quantity(fields: Fields) -> str | None:
    return fields.need("quantity", values.choice(QUANTITIES)) if fields.ok("quantity") else None


def _limits(fields: Fields, known: Known, quantity: str | None) -> Limits:
    value = values.real(-1e9, 1e9)
    limits = Limits(
        low=fields.get("low", value),
        high=fields.get("high", value),
        hysteresis=fields.get("hysteresis", values.real(0, 1e9), 0.0),
        delay_s=fields.get("delay", times.span(0, _MONTH), 0),
        severity=fields.need("severity", values.member(Severity)),
        skill=fields.need("skill", known.skill),
    )
    if quantity is not None and fields.ok("low", "high", "hysteresis"):
        for name, sentence in check.limits(limits, quantity):
            fields.wrong(name, sentence)
    return limits


def _meters(fields: Fields, points: Points | None) -> tuple[Mount, ...]:
    good: list[tuple[Mount, int]] = []

    def mount(entry: Fields) -> Mount:
        read = Mount(
            point=entry.need("point", values.key),
            serial=entry.need("serial", values.text(60)),
            mounted_from=entry.need("mounted_from", times.moment),
            mounted_to=entry.get("mounted_to", times.moment),
            calibrated_until=entry.get("calibrated_until", times.day),
        )
        entry.reference("point", None if points is None else set(points), _("Messpunkt"))
        if entry.ok("point", "serial", "mounted_from", "mounted_to", "calibrated_until"):
            good.append((read, entry.line))
            for name, sentence in check.mount(read, points.get(read.point) if points else None):
                entry.wrong(name, sentence)
        return read

    mounts = fields.each("meters", _("Zähler"), mount)
    for line, sentence in check.overlaps(good):
        fields.mistakes.add(line, f"{_('Zähler')}: {sentence}")
    return mounts


def _plan(fields: Fields, keys: dict[Hashable, int], known: Known, assets: set[str] | None) -> Plan:
    plan = Plan(
        key=_key(fields, "plan", keys),
        asset=fields.get("asset", values.key),
        name=fields.need("name", values.text()),
        task=fields.need("task", values.text(4000)),
        rrule=fields.need("rrule", values.text()),
        starts_on=fields.need("starts_on", times.day),
        lead_days=fields.get("lead_days", values.integer(0, 366), 14),
        skill=fields.need("skill", known.skill),
    )
    fields.reference("asset", assets, _("Anlage"))
    if fields.ok("rrule", "starts_on"):
        for sentence in check.recurrence(plan.rrule, plan.starts_on):
            fields.wrong("rrule", sentence)
    return plan
