"""A list to choose from, whose choice stands in the address."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc

from dashboard.components.basics import Part
from dashboard.visit import Visit
from gebaeude.text import _

SEARCHABLE = 12  # longer lists can be searched


def choice(
    name: str,
    label: str,
    options: Sequence[tuple[str, str]],
    visit: Visit,
    none: str,
    fixed: bool = False,
) -> Part:
    """`options` as (value in the address, text); `none` stands there while nothing is chosen.

    fixed: once something is chosen it can be changed and not taken away.
    """
    cleared = {} if fixed else {"clearButtonProps": {"aria-label": _("Auswahl aufheben")}}
    return dmc.Select(
        id={"filter": name, "shown": visit.get(name)},
        label=label,
        data=[{"value": key, "label": text} for key, text in options],
        value=visit.get(name) or None,
        placeholder=none,
        clearable=not fixed,
        allowDeselect=not fixed,
        searchable=len(options) > SEARCHABLE,
        nothingFoundMessage=_("Nichts gefunden"),
        **cleared,
    )
