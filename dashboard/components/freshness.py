"""How fresh the data is: the quiet line that stands on every page."""

from __future__ import annotations

from datetime import datetime

from dashboard import html
from dashboard.components.basics import Part, shape
from gebaeude.reports.records import Condition, Freshness
from gebaeude.text import _, ago, number


def fresh_line(freshness: Freshness, now: datetime) -> Part:
    """ "Letzter Messwert vor 2 Minuten, 298 von 305 Messpunkten aktuell"."""
    if freshness.newest is None:
        newest, condition = _("Noch keine Messwerte"), "none"
    else:
        newest = _("Messwert {ago}").format(ago=ago(freshness.newest, now))
        condition = Condition.ATTENTION if freshness.silent else Condition.GOOD
    more = _("{fresh} von {points} Messpunkten aktuell").format(
        fresh=number(freshness.fresh), points=number(freshness.points)
    )
    told: list[Part] = [html.Strong(newest), html.Span(more, className="more")]
    if freshness.silent:  # a phone has no room for more, and must not warn without a reason
        told.append(html.Span(silent_text(freshness.silent), className="brief"))
    return html.A(
        [shape(condition), html.Span(told)],
        href="/datenqualitaet",
        className="freshness",
        title=more,
    )


def silent_text(points: int) -> str:
    """How many points have fallen silent."""
    if not points:
        return _("alle Messpunkte senden")
    if points == 1:
        return _("1 Messpunkt schweigt")
    return _("{n} Messpunkte schweigen").format(n=number(points))


def unknown_line() -> Part:
    """The same while the database cannot be asked."""
    return html.A(
        [shape(Condition.CRITICAL), html.Span(html.Strong(_("Datenbank antwortet nicht")))],
        href="/datenqualitaet",
        className="freshness",
    )
