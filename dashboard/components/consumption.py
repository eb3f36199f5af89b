"""Yesterday against the same weekday before, a row for each medium."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import html
from dashboard.components.basics import Part, empty, extra, icon, medium
from gebaeude.model import Medium
from gebaeude.reports.records import Consumption
from gebaeude.reports.usage import Outside
from gebaeude.text import _, number

SAME = 0.02  # less than this is "wie vor einer Woche"
SAME_WEATHER_K = 1.0  # so far apart two days are equally warm


def consumption_rows(consumption: Sequence[Consumption]) -> Part:
    """Value, bars of both days, change in words."""
    if not consumption:
        return empty(
            _("Hier gibt es keine Zähler."),
            _("Ein Zähler kommt als Messpunkt in die Datei des Gebäudebestands."),
        )
    return html.Div([_row(one) for one in consumption], className="media")


def _row(of: Consumption) -> Part:
    value = number(of.value, of.unit)
    return html.Div(
        [
            medium(of.medium),
            _bars(of),
            html.Div([value, html.Small(change_text(of))], className="value", title=known_text(of)),
        ],
        className="medium-row",
    )


def _bars(of: Consumption) -> Part:
    most = max(of.value or 0.0, of.before or 0.0)
    if not most:
        return html.Div(className="bars")
    widths = [(100 * (value or 0.0) / most) for value in (of.value, of.before)]
    return html.Div(
        [
            html.Div(className=f"bar medium-{of.medium}", style={"width": f"{widths[0]:.1f}%"}),
            html.Div(className="bar before", style={"width": f"{widths[1]:.1f}%"})
            if of.before
            else None,
        ],
        className="bars",
        **extra({"aria-hidden": "true"}),
    )


def weather_text(consumption: Sequence[Consumption], outside: Outside | None) -> str | None:
    """What the weather has to do with the heat of both days; nothing where nobody heats."""
    if not any(one.medium in (Medium.HEAT, Medium.GAS) for one in consumption):
        return None
    if outside is None:
        return _(
            "Das Wetter ist nicht herausgerechnet: "
            "Die Außentemperatur ist nicht für beide Tage bekannt."
        )
    warmer = outside.day - outside.before
    if abs(warmer) < SAME_WEATHER_K:
        so = _("am Wetter liegt ein Unterschied nicht.")
    elif warmer > 0:
        so = _("weniger Wärme war zu erwarten.")
    else:
        so = _("mehr Wärme war zu erwarten.")
    day, before = (number(one, "°C", 1) for one in outside)
    text = _("Draußen im Mittel {day}, eine Woche davor {before}: {so}")
    return text.format(day=day, before=before, so=so)


def change_text(of: Consumption) -> str:
    """ "12 % weniger", "wie vor einer Woche", or why it cannot be said."""
    if of.value is None:
        return _("noch keine Werte für gestern")
    if of.value == of.before:
        return _("wie vor einer Woche")
    if of.change is None:
        return _("kein Vergleich möglich")
    if abs(of.change) < SAME:
        return _("wie vor einer Woche")
    percent = number(abs(of.change) * 100, "%", 0)
    return (_("{percent} mehr") if of.change > 0 else _("{percent} weniger")).format(
        percent=percent
    )


def known_text(of: Consumption) -> str:
    """How much of it is known: for those who doubt."""
    return _("{known} von {counters} Zählern bekannt, {compared} an beiden Tagen").format(
        known=of.known, counters=of.counters, compared=of.compared
    )


def change_cell(of: Consumption | None) -> Part:
    """Value with its change below, short as a table wants it; a dash where there is no counter."""
    if of is None:
        return html.Span("–", title=_("Kein Zähler"), className="nothing quiet")
    return html.Span([number(of.value, of.unit), _short(of)], title=_titled(of))


def _titled(of: Consumption) -> str:
    return f"{change_text(of)}; {known_text(of)}"


def _short(of: Consumption) -> Part:
    if of.value is None or of.change is None:
        return None
    if abs(of.change) < SAME:
        return html.Span(_("gleich"), className="sub change")
    way, word = ("up", _("mehr")) if of.change > 0 else ("down", _("weniger"))
    percent = number(abs(of.change) * 100, "%", 0)
    return html.Span(
        [icon(way), percent, html.Span(f" {word}", className="unseen")], className="sub change"
    )
