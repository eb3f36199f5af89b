"""Long lists, a page at a time; the page stands in the address."""

from __future__ import annotations

from dashboard import html
from dashboard.components.basics import Part
from dashboard.visit import Visit
from gebaeude.text import _, number

MOST_PAGES = 10_000


def first(visit: Visit, a_page: int) -> int:
    """How many rows stand on the pages before this one."""
    page = visit.get("seite", "1")
    if not page.isdecimal() or not 1 <= int(page[:9]) <= MOST_PAGES:
        return 0
    return (int(page) - 1) * a_page


def steps(count: int, start: int, a_page: int, visit: Visit) -> Part:
    """Where in the list this is, and the ways to the pages beside it."""
    if count <= a_page:
        return None
    page = start // a_page + 1
    told = _("{first} bis {last} von {all}").format(
        first=number(start + 1), last=number(min(start + a_page, count)), all=number(count)
    )
    back = html.A(_("zurück"), href=visit.link(seite=str(page - 1)), className="button")
    on = html.A(_("weiter"), href=visit.link(seite=str(page + 1)), className="button")
    return html.Div(
        [
            back if start else None,
            html.Span(told, className="quiet"),
            on if start + a_page < count else None,
        ],
        className="actions",
    )
