"""A building's rooms and points with their newest values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from dashboard import html
from dashboard.components.basics import Part, card, empty, medium, state
from dashboard.components.table import Column, grouped
from dashboard.visit import Visit
from gebaeude.reports.building import Building
from gebaeude.reports.records import Band, Condition, PointLine, Room
from gebaeude.text import N_, QUALITIES, QUANTITY_LABELS, _, ago, duration, number
from gebaeude.units import QUANTITIES

# how the air is → state and word; bands by the Umweltbundesamt, 1000 and 2000 ppm CO₂
BANDS: dict[str, tuple[str, str]] = {
    Band.FINE: (Condition.GOOD, N_("Luft gut")),
    Band.VENTILATE: (Condition.ATTENTION, N_("lüften")),
    Band.UNACCEPTABLE: (Condition.CRITICAL, N_("sofort lüften")),
    Band.UNKNOWN: ("none", N_("Luft nicht gemessen")),
}


def rooms_card(home: Building, visit: Visit) -> Part:
    """The latest room climate, judged: too cold or too warm first, then the worst air."""
    note = html.Span(
        _("Beurteilt nach CO₂: ab 1.000 ppm lüften, ab 2.000 ppm sofort."), className="quiet small"
    )
    lines = {one.key: one for group in home.media for one in group.points}
    judged = sorted(((one, beyond(one, lines)) for one in home.rooms), key=lambda pair: not pair[1])
    rooms = [_room(one, feels, visit) for one, feels in judged]
    return card(_("Raumklima jetzt"), html.Div(rooms, className="rooms"), note)


def beyond(of: Room, lines: Mapping[str, PointLine]) -> str:
    """On which side of its limits the room's temperature is; "" inside, or where it has none."""
    limits = (lines[key] for key in of.points if key in lines)
    for line in (one for one in limits if one.quantity == "temperature"):
        if of.temperature is not None and line.low is not None and of.temperature < line.low:
            return _("zu kalt")
        if of.temperature is not None and line.high is not None and of.temperature > line.high:
            return _("zu warm")
    return ""


def _room(of: Room, feels: str, visit: Visit) -> Part:
    condition, word = BANDS[of.band]
    values = [
        html.Span(number(value, unit, digits), title=_(label))
        for value, unit, digits, label in (
            (of.temperature, "°C", 1, QUANTITY_LABELS["temperature"]),
            (of.humidity, "%", 0, QUANTITY_LABELS["humidity"]),
            (of.co2, "ppm", 0, QUANTITY_LABELS["co2"]),
        )
        if value is not None
    ]
    point = next(iter(of.points), "")
    foot = ago(of.time, visit.now) if of.time else _("seit längerem kein Wert")
    return html.A(
        [
            html.H3(of.name),
            html.Div(values or "–", className="room-values"),
            html.Div(state(Condition.ATTENTION, feels)) if feels else None,
            html.Div(state(condition, _(word))),
            html.Div(foot, className="quiet small"),
        ],
        href=visit.link(messpunkt=point),
        className="room",
        style={"textDecoration": "none"},
    )


def points_card(home: Building, visit: Visit) -> Part:
    """Every point by medium; each leads to its chart."""
    if not home.media:
        return card(_("Messpunkte"), empty(_("Dieses Gebäude hat noch keinen Messpunkt.")))
    groups = [(medium(one.medium), one.points) for one in home.media]
    return card(_("Messpunkte"), grouped(_columns(visit), groups, _("Messpunkte")))


def _columns(visit: Visit) -> list[Column[PointLine]]:
    return [
        Column(_("Messpunkt"), lambda row: _name(row, visit)),
        Column(_("Jetzt"), _value, number=True),
        Column(_("Grenzen"), _limits, number=True),
        Column(_("Gemessen"), lambda row: _age(row, visit.now), number=True),
        Column(
            _("Kommt von"),
            lambda row: ", ".join(row.devices) or html.Span(_("keinem Gerät"), className="quiet"),
            wide_only=True,
        ),
    ]


def _name(row: PointLine, visit: Visit) -> Part:
    return html.A(row.name, href=visit.link(messpunkt=row.key), className="row-link")


def _value(row: PointLine) -> Part:
    if row.latest is None:
        return html.Span(
            "–", title=_("Dieser Messpunkt hat noch keinen Wert gesendet."), className="quiet"
        )
    text = value_text(row.latest.value, row)
    if row.latest.quality:
        return html.Span([text, html.Span(_(QUALITIES[row.latest.quality]), className="sub")])
    return text


def value_text(value: float, row: PointLine) -> str:
    """A value of this point with its unit; a register keeps its own unit, without a prefix."""
    digits = QUANTITIES[row.quantity].digits
    if row.quantity == "energy":
        return f"{number(value, None, 0)}\u202f{row.unit}"
    return number(value, row.unit, digits)


def _limits(row: PointLine) -> str:
    if row.low is not None and row.high is not None:
        return f"{value_text(row.low, row)} – {value_text(row.high, row)}"
    if row.low is not None:
        return _("ab {low}").format(low=value_text(row.low, row))
    return _("bis {high}").format(high=value_text(row.high, row)) if row.high is not None else ""


def _age(row: PointLine, now: datetime) -> Part:
    text = ago(row.latest.time if row.latest else None, now)
    if not row.silent:
        return text
    expected = _("erwartet alle {span}").format(span=duration(timedelta(seconds=row.interval_s)))
    return html.Span([state(Condition.ATTENTION, text), html.Span(expected, className="sub")])
