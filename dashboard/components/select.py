"""A list to choose from, whose choice stands in the address."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc

from dashboard.components.basics import Part
from dashboard.visit import Visit
from gebaeude.text import _


def choice(
    name: str, label: str, options: Sequence[tuple[str, str]], visit: Visit, none: str
) -> Part:
    """`options` as (value in the address, text); `none` stands there while nothing is chosen."""
    return dmc.Select(
        id={"filter": name, "shown": visit.get(name)},
        label=label,
        data=[{"value": key, "label": text} for key, text in options],
        value=visit.get(name) or None,
        placeholder=none,
        clearable=True,
        clearButtonProps={"aria-label": _("Auswahl aufheben")},
        nothingFoundMessage=_("Nichts gefunden"),
    )
