"""Records → the text of a portfolio file; reading it again gives the same records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gebaeude.portfolio import emit
from gebaeude.portfolio.records import (
    Asset,
    Building,
    Channel,
    Device,
    Limits,
    Mount,
    Plan,
    Point,
    Portfolio,
    Site,
    Technician,
)

Ignored = dict[tuple[str, ...], str]  # a list of ignored fields → the name it is referred to by

_HEADER = """\
# A portfolio, written by `gebaeude export`. docs/portfolio.md explains every field;
# `gebaeude import` reads it back and names every mistake with its line.
"""


def dump(portfolio: Portfolio) -> str:
    """The file's text."""
    return "\n".join([_HEADER, *_portfolio(portfolio)]) + "\n"


def _portfolio(portfolio: Portfolio) -> Iterator[str]:
    if ignored := _shared(portfolio):
        yield "# Fields that devices send and nobody wants; devices refer to a list by its *name."
        yield "lists:"
        for fields, name in ignored.items():
            yield from emit.wrapped(
                f"  {name}: &{name} [", [emit.quote(field) for field in fields], "]", 4
            )
        yield ""
    yield from _heading("municipalities", portfolio.municipalities)
    for one in portfolio.municipalities:
        ags, population = f'"{one.ags}"', str(one.population)
        yield from emit.entry(2, [
            ("key", one.key), ("name", emit.quote(one.name)), ("ags", ags),
            ("population", population),
        ])  # fmt: skip
    yield ""
    yield from _heading("team", portfolio.team)
    for person in portfolio.team:
        yield from emit.entry(2, _technician(person))
    yield ""
    yield from _heading("sites", portfolio.sites)
    for site in portfolio.sites:
        yield from _site(site, ignored)


def _heading(name: str, entries: tuple[object, ...]) -> Iterator[str]:
    yield f"{name}:" if entries else f"{name}: []"


def _shared(portfolio: Portfolio) -> Ignored:
    """Lists of ignored fields that several devices have, named after their format."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter(
        (device.format, device.ignore)
        for building in portfolio.buildings()
        for device in building.devices
    )
    names: Ignored = {}
    numbers: Counter[str] = Counter()
    for (format_, fields), times in seen.items():
        if times > 1 and len(fields) > 1 and fields not in names:
            numbers[format_] += 1
            names[fields] = f"{format_}_{numbers[format_]}"
    return names


def _technician(person: Technician) -> emit.Pairs:
    yield "key", person.key
    yield "name", emit.quote(person.name)
    yield "email", emit.quote(person.email)
    yield "phone", emit.optional(person.phone)
    yield "skills", f"[{', '.join(person.skills)}]"
    yield "municipalities", f"[{', '.join(person.municipalities)}]"


def _site(site: Site, ignored: Ignored) -> Iterator[str]:
    yield ""
    yield f"  - key: {site.key}"
    for line in emit.mapping([
        ("municipality", site.municipality),
        ("name", emit.quote(site.name)),
        ("address", emit.quote(site.address)),
        ("latitude", emit.real(site.latitude)),
        ("longitude", emit.real(site.longitude)),
    ]):  # fmt: skip
        yield f"    {line}"
    if site.buildings:
        yield "    buildings:"
    for building in site.buildings:
        yield from _building(building, ignored)


def _building(building: Building, ignored: Ignored) -> Iterator[str]:
    yield f"      - key: {building.key}"
    for line in emit.mapping([
        ("name", emit.quote(building.name)),
        ("use", building.use),
        ("floor_area_m2", emit.real(building.floor_area_m2)),
        ("built", str(building.built)),
        ("renovated", _whole(building.renovated)),
    ]):  # fmt: skip
        yield f"        {line}"
    yield from _section("assets", [emit.entry(10, _asset(asset)) for asset in building.assets])
    yield from _section("points", [emit.entry(10, _point(point)) for point in building.points])
    yield from _section("meters", [emit.entry(10, _mount(mount)) for mount in building.meters])
    yield from _section("devices", [_device(device, ignored) for device in building.devices])
    yield from _section("plans", [emit.entry(10, _plan(plan)) for plan in building.plans])


def _section(name: str, entries: list[list[str]]) -> Iterator[str]:
    if entries:
        yield f"        {name}:"
    for lines in entries:
        yield from lines


def _asset(asset: Asset) -> emit.Pairs:
    yield "key", asset.key
    yield "name", emit.quote(asset.name)
    yield "kind", asset.kind
    yield "cost_group", f'"{asset.cost_group}"'
    yield "vdma_part", _whole(asset.vdma_part)
    yield "installed", _whole(asset.installed)
    yield "power_kw", _real(asset.power_kw)


def _point(point: Point) -> emit.Pairs:
    yield "key", point.key
    yield "name", emit.quote(point.name)
    yield "space", emit.optional(point.space)
    yield "medium", point.medium
    yield "quantity", point.quantity
    yield "kind", point.kind
    yield "every", emit.span(point.every_s)
    yield "within", point.within
    yield "limits", None if point.limits is None else emit.inline(_limits(point.limits))


def _limits(limits: Limits) -> emit.Pairs:
    yield "low", _real(limits.low)
    yield "high", _real(limits.high)
    yield "hysteresis", emit.real(limits.hysteresis) if limits.hysteresis else None
    yield "delay", emit.span(limits.delay_s) if limits.delay_s else None
    yield "severity", limits.severity
    yield "skill", limits.skill


def _mount(mount: Mount) -> emit.Pairs:
    yield "point", mount.point
    yield "serial", emit.quote(mount.serial)
    yield "mounted_from", emit.moment(mount.mounted_from)
    yield "mounted_to", emit.moment(mount.mounted_to) if mount.mounted_to else None
    until = mount.calibrated_until
    yield "calibrated_until", until.isoformat() if until else None


def _device(device: Device, ignored: Ignored) -> list[str]:
    lines = [
        f"          - format: {device.format}",
        f"            id: {emit.quote(device.id)}",
        f"            name: {emit.quote(device.name)}",
    ]
    if device.profile is not None:
        lines.append(f"            profile: {emit.quote(device.profile)}")
    if device.channels:
        channels = [f"{emit.quote(c.field)}: {_channel(c)}" for c in device.channels]
        lines += emit.wrapped("            channels: {", channels, "}", 23)
    if device.ignore in ignored:
        lines.append(f"            ignore: *{ignored[device.ignore]}")
    elif device.ignore:
        fields = [emit.quote(field) for field in device.ignore]
        lines += emit.wrapped("            ignore: [", fields, "]", 21)
    return lines


def _channel(channel: Channel) -> str:
    if channel.unit is None and channel.factor == 1:
        return channel.point
    factor = emit.real(channel.factor) if channel.factor != 1 else None
    return emit.inline([
        ("point", channel.point), ("unit", emit.optional(channel.unit)), ("factor", factor),
    ])  # fmt: skip


def _plan(plan: Plan) -> emit.Pairs:
    yield "key", plan.key
    yield "asset", plan.asset
    yield "name", emit.quote(plan.name)
    yield "task", emit.quote(plan.task)
    yield "rrule", emit.quote(plan.rrule)
    yield "starts_on", plan.starts_on.isoformat()
    yield "lead_days", str(plan.lead_days)
    yield "skill", plan.skill


def _whole(value: int | None) -> str | None:
    return None if value is None else str(value)


def _real(value: float | None) -> str | None:
    return None if value is None else emit.real(value)
