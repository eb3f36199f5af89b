"""Who is in front of the screen: chosen by themselves, kept in the browser."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc

from dashboard.components.basics import Part, icon
from dashboard.visit import Visit
from gebaeude.reports.board import Choice
from gebaeude.text import _


def me(team: Sequence[Choice], visit: Visit) -> Part:
    """ "Ich bin …", to choose from the team."""
    return dmc.Select(
        id={"me": "me"},
        label=_("Ich bin"),
        data=[
            {"value": one.key, "label": one.name} for one in sorted(team, key=lambda one: one.name)
        ],
        value=visit.person,
        placeholder=_("bitte wählen"),
        leftSection=icon("person"),
        clearable=False,
        allowDeselect=False,
    )
