"""A field for words that narrow a list while they are typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, no_update

from dashboard import html
from dashboard.components.basics import Part, extra, icon
from dashboard.visit import PATIENCE_S, Visit, visit
from gebaeude.store.database import LOST, Connection, Pool
from gebaeude.text import _

List = Callable[[Connection, Visit], Part]


def search_field(name: str, placeholder: str, visit: Visit) -> Part:
    """The field {"search": name}; what it makes of the address arrives in {"typed": name}."""
    field = dmc.TextInput(
        id={"search": name},
        label=_("Suchen"),
        placeholder=placeholder,
        value=visit.get("suche"),
        leftSection=icon("search"),
        debounce=150,
        inputProps={"type": "search", "autoComplete": "off"},
        **extra({"data-search": "true"}),
    )
    return html.Div([field, dcc.Store(id={"typed": name})])


def follow(app: Dash, pool: Pool, name: str, place: str, listed: List) -> None:
    """What stands in `place` follows the words while they are typed; the address follows in the
    browser. name: of the search field and of the page, whose path is /name.
    """

    def search(query: str | None) -> Any:
        typed = visit(f"/{name}", query, datetime.now(UTC), None)
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                return listed(connection, typed)
        except LOST:
            return no_update

    app.callback(
        Output(place, "children"), Input({"typed": name}, "data"), prevent_initial_call=True
    )(search)
