"""One device of a portfolio file: what it calls itself, and which of its fields is which point."""

from __future__ import annotations

from collections.abc import Iterator

from gebaeude.portfolio import check, values
from gebaeude.portfolio.fields import Fields
from gebaeude.portfolio.known import Known, Points
from gebaeude.portfolio.nodes import Mapping, Node, Scalar
from gebaeude.portfolio.records import Channel, Device
from gebaeude.portfolio.vocabulary import FORMATS
from gebaeude.text import _
from gebaeude.units import UNITS


def read(fields: Fields, points: Points | None, known: Known) -> Device:
    """One device with its channels."""
    format_ = fields.need("format", values.choice(FORMATS))
    id_ = fields.need("id", values.text())
    if fields.ok("id"):
        fields.what = _("Gerät {id}").format(id=id_)
    if fields.ok("format", "id"):
        if not FORMATS[format_].id.fullmatch(id_):
            fields.wrong("id", _("erwartet wird {hint}").format(hint=_(FORMATS[format_].hint)))
        fields.unique(known.keys, ("device", format_, id_), "id")
    name = fields.need("name", values.text())
    ignore = fields.get("ignore", values.several(values.text()), ())
    profile = fields.get("profile", values.key)
    given = fields.pairs("channels")
    ends = (":", "/") if any(field for field, _node in given) else ""
    if format_ == "senml" and fields.ok("id") and not id_.endswith(ends):
        fields.wrong("id", _("muss auf „:“ oder „/“ enden, dahinter steht das Feld"))
    channels = []
    for channel, line in _channels(fields, given, points):
        channels.append(channel)
        for sentence in _doubts(format_, channel, ignore or (), points or {}):
            fields.mistakes.add(line, f"{fields.what}: {channel.field}: {sentence}")
    return Device(format_, id_, name, tuple(channels), ignore, profile)


def _channels(
    fields: Fields, given: list[tuple[str, Node]], points: Points | None
) -> Iterator[tuple[Channel, int]]:
    """The channels that can be read, each with its line."""
    fed: dict[str, str] = {}
    for name, node in given:
        channel = _channel(name, node, fields)
        if channel is None:
            continue
        what = f"{fields.what}: {name}"
        if points is not None and channel.point not in points:
            sentence = _("Messpunkt {text}").format(text=values.unknown(channel.point, points))
            fields.mistakes.add(node.line, f"{what}: {sentence}")
        elif channel.point in fed:
            sentence = _("der Messpunkt „{point}“ bekommt schon „{other}“")
            fields.mistakes.add(node.line, f"{what}: " + sentence.format(
                point=channel.point, other=fed[channel.point]))  # fmt: skip
        fed[channel.point] = name
        yield channel, node.line


def _channel(name: str, node: Node, fields: Fields) -> Channel | None:
    """`field: point` or `field: {point: …, unit: …, factor: …}`; None where it cannot be read."""
    what = f"{fields.what}: {name}"
    if not isinstance(node, Mapping):
        node = Mapping(node.line, [(Scalar(node.line, "point"), node)])
    entry = Fields(node, what, fields.mistakes)
    channel = Channel(
        field=name,
        point=entry.need("point", values.key),
        unit=entry.get("unit", values.choice(UNITS)),
        factor=entry.get("factor", values.real(-1e6, 1e6), 1.0),
    )
    entry.done()
    try:
        values.text()(Scalar(node.line, name or "-"))
    except values.Wrong as wrong:
        fields.mistakes.of(fields.what, "channels", wrong.mistakes)
    if channel.factor == 0:
        entry.wrong("factor", _("mit 0 wäre jeder Wert 0"))
    return channel if entry.clean() else None


def _doubts(
    format_: str, channel: Channel, ignore: tuple[str, ...], points: Points
) -> Iterator[str]:
    """Sentences about a channel that can be read and cannot be right."""
    if channel.field in ignore:
        yield _("steht unter channels und unter ignore")
    if format_ == "senml" and (":" in channel.field or "/" in channel.field):
        yield _("was bis zum letzten „:“ oder „/“ steht, gehört zur id des Geräts")
    point = points.get(channel.point)
    if format_ and point is not None:
        yield from check.channel(format_, channel.field, channel.unit, point)
