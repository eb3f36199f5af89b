"""The accessibility statement (BGG NRW, BITVNRW): open to everybody, signed in or not."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from gebaeude.signin.visit import Visit
from gebaeude.text import day_short

MADE = date(2026, 11, 22)  # when what it says was last looked at


def show(visit: Visit) -> Response:
    """What is accessible, what is not yet, and whom to tell."""
    settings = visit.site.settings
    return visit.page(
        "statement.html",
        address=settings.public_url,
        contact=settings.accessibility_contact,
        made=day_short(MADE),
    )
