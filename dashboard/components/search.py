"""A field for words that narrow a list while they are typed."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard.components.basics import Part, extra, icon
from dashboard.visit import Visit
from gebaeude.text import _


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
