"""What a page is asked for: the address, and the browser it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from dashboard.theme import LIGHT, THEMES, Theme

NARROW = 620  # pixels; a page below it is on a phone
WIDTHS = (280, 3_000)  # pixels a page can sensibly have
PATIENCE_S = 3  # a page that waits longer for the database says so instead


@dataclass(frozen=True)
class Visit:
    """One look at one page."""

    path: str
    params: Mapping[str, str]
    now: datetime
    width: int = 1_000  # of the page [px]
    theme: Theme = LIGHT
    keys: tuple[str, ...] = ()  # what stood in the address where the page's path has `<…>`

    def get(self, name: str, otherwise: str = "") -> str:
        """A parameter of the address; `otherwise` where it is not there."""
        return self.params.get(name) or otherwise

    def link(self, **changes: str | None) -> str:
        """This page's address with some parameters changed; None takes one away."""
        return link(self.path, {**self.params, **changes})


def visit(
    pathname: str | None,
    search: str | None,
    now: datetime,
    view: Mapping[str, object] | None,
) -> Visit:
    """From what the browser sent, which may be anything."""
    view = view or {}
    width = view.get("width")
    return Visit(
        path=pathname or "/",
        params=dict(parse_qsl((search or "").replace("%00", "").removeprefix("?"))),
        now=now,
        width=min(max(int(width), WIDTHS[0]), WIDTHS[1])
        if isinstance(width, int | float)
        else 1_000,
        theme=THEMES.get(str(view.get("scheme")), LIGHT),
    )


def link(path: str, params: Mapping[str, str | None]) -> str:
    """An address inside the dashboard; parameters without a value are left out."""
    kept = {name: value for name, value in params.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path
