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
    return html.A(
        [shape(condition), html.Span([html.Strong(newest), html.Span(more, className="more")])],
        href="/datenqualitaet",
        className="freshness",
        title=more,
    )


def unknown_line() -> Part:
    """The same while the database cannot be asked."""
    return html.A(
        [shape(Condition.CRITICAL), html.Span(html.Strong(_("Datenbank antwortet nicht")))],
        href="/datenqualitaet",
        className="freshness",
    )
