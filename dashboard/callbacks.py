"""What happens when: address → page, clock → freshness, and what the browser does alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dashboard.components.basics import Part
from dashboard.components.freshness import fresh_line, unknown_line
from dashboard.pages import INTERACTIONS
from dashboard.render import render
from dashboard.shell import badge, links
from dashboard.visit import PATIENCE_S, visit
from gebaeude.access.roles import Right
from gebaeude.config import Settings
from gebaeude.reports.devices import MOST_WAITING
from gebaeude.reports.lines import freshness
from gebaeude.store import kept, summary
from gebaeude.store.database import LOST, Pool
from gebaeude.store.scope import who

log = logging.getLogger(__name__)


def register(app: Dash, pool: Pool, settings: Settings) -> None:
    """All callbacks of the application."""
    app.callback(
        Output("page", "children"),
        Output("title", "data"),
        Output("navigation", "children"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("view", "data"),
        Input("version", "data"),
        running=[(Output("page", "className"), "page-busy", "")],
    )(_page(pool))
    app.callback(
        Output("freshness", "children"), Input("clock", "n_intervals"), Input("version", "data")
    )(_freshness(pool))
    app.callback(
        Output({"badge": ALL}, "children"),
        Input("clock", "n_intervals"),
        Input("done", "data"),
        prevent_initial_call=True,
    )(_badges(pool))
    _in_the_browser(app)
    for interaction in INTERACTIONS:
        interaction(app, pool, settings)


def _page(pool: Pool) -> Callable[..., tuple[Part, Any, Part]]:
    def page(
        path: str | None,
        search: str | None,
        view: dict[str, object] | None,
        _version: int,
    ) -> tuple[Part, Any, Part]:
        if not view:  # comes at once, from the browser
            return no_update, no_update, no_update
        asked = visit(path, search, datetime.now(UTC), view)
        title, children = render(pool, asked)
        return children, title, links(asked.path, _waiting(pool))

    return page


def _waiting(pool: Pool) -> int:
    """How many devices wait in the inbox of whoever looks after devices; none where the database
    does not say."""
    if not who().may(Right.MANAGE_DEVICES):
        return 0
    try:
        with pool.connection(timeout=PATIENCE_S) as connection:
            return kept.unknown_devices(connection, MOST_WAITING)
    except LOST:
        return 0


def _badges(pool: Pool) -> Callable[..., list[Part]]:
    def badges(_ticks: int | None, _done: str | None) -> list[Part]:
        waiting = _waiting(pool)
        return [badge(waiting) for _place in ctx.outputs_list]

    return badges


def _freshness(pool: Pool) -> Callable[[int | None, int], Part]:
    def fresh(_ticks: int | None, _version: int) -> Part:
        now = datetime.now(UTC)
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                return fresh_line(freshness(summary.heard(connection), now), now)
        except LOST as error:
            log.warning("freshness could not be read: %s", error)
            return unknown_line()

    return fresh


def _in_the_browser(app: Dash) -> None:
    """Callbacks that need no server; the functions are in assets/clientside.js."""

    def browser(
        function: str, output: Output, *inputs: Input | State, initial: bool = False
    ) -> None:
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("gebaeude", function),
            output,
            *inputs,
            prevent_initial_call=not initial,
        )

    browser(
        "view", Output("view", "data"), Input("url", "href"), State("view", "data"), initial=True
    )
    browser(
        "again",
        Output("version", "data"),
        Input({"refresh": ALL}, "n_clicks"),
        State("version", "data"),
    )
    browser(
        "wall",
        Output("version", "data", allow_duplicate=True),
        Input("clock", "n_intervals"),
        State("version", "data"),
    )
    browser("title", Output("unseen", "children"), Input("title", "data"))
    browser(
        "filter",
        Output("unseen", "title"),
        Input({"filter": ALL, "shown": ALL}, "value"),
        State({"filter": ALL, "shown": ALL}, "id"),
    )
    browser("typed", Output({"typed": MATCH}, "data"), Input({"search": MATCH}, "value"))
    browser(
        "span",
        Output("unseen", "lang"),
        Input({"span": ALL, "shown": ALL}, "value"),
        State({"span": ALL, "shown": ALL}, "id"),
    )
