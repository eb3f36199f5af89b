"""The carpet: hours down, days across, colour is how much; days off are marked along the top."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from dashboard.figures.base import Figure, layout, ticks
from dashboard.theme import Theme, mix
from gebaeude.reports.records import Carpet
from gebaeude.text import N_, _, unit_name

# what a day is → share of the text colour on the card in the strip along the top
DAYS_OFF: dict[str, tuple[str, float]] = {
    "work": (N_("Werktag"), 0.0),
    "school": (N_("Schulferien"), 0.22),
    "weekend": (N_("Wochenende"), 0.45),
    "holiday": (N_("Feiertag"), 0.95),
}
_ORDER = tuple(DAYS_OFF)
NARROW = 520  # px


def carpet_figure(carpet: Carpet, theme: Theme, width: int) -> Figure:
    """Hours × days in shades of the medium's hue; `width` of the page [px]."""
    return {
        "data": [_carpet(carpet, theme, width < NARROW), _strip(carpet, theme)],
        "layout": layout(
            theme,
            hovermode="closest",
            xaxis={
                "type": "date",
                "tickformat": _("%-d. %b\n%Y"),
                "nticks": ticks(width),
                "tickangle": 0,
                "ticks": "outside",
                "anchor": "y",
            },
            yaxis={
                "range": [23.5, -0.5],
                "tickvals": [0, 6, 12, 18, 23],
                "ticktext": [_("{hour} Uhr").format(hour=hour) for hour in (0, 6, 12, 18, 23)],
                "showgrid": False,
                "zeroline": False,
                "domain": [0, 0.93],
            },
            yaxis2={
                "domain": [0.955, 1],
                "showticklabels": False,
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
                "range": [-0.5, 0.5],
            },
        ),
    }


def day_kind(day: date, carpet: Carpet) -> str:
    """What this day is: a key of DAYS_OFF, the strongest that holds."""
    if day in carpet.holidays:
        return "holiday"
    if day.weekday() >= 5:
        return "weekend"
    return "school" if day in carpet.school_holidays else "work"


def kind_colour(kind: str, theme: Theme) -> str:
    """The grey in which the strip shows this kind of day."""
    return mix(theme.text, theme.line, DAYS_OFF[kind][1])


def _carpet(carpet: Carpet, theme: Theme, narrow: bool) -> dict[str, Any]:
    hue = theme.media[carpet.medium]
    unit = unit_name(carpet.unit)
    return {
        "type": "heatmap",
        "x": [day.isoformat() for day in carpet.days],
        "y": list(range(24)),
        "z": carpet.value,
        "colorscale": _scale(hue, theme),
        "zmin": _floor(carpet),
        "zmax": _ceiling(carpet),
        "hoverongaps": False,
        "xgap": 1 if len(carpet.days) <= 120 else 0,
        "ygap": 0,
        "colorbar": _colour_bar(unit, theme, narrow),
        "hovertemplate": _("%{x|%a %-d. %b %Y}, %{y} Uhr: ")
        + f"%{{z:,.{_digits(carpet)}f}} {unit}<extra></extra>",
    }


def _colour_bar(unit: str, theme: Theme, narrow: bool) -> dict[str, Any]:
    """Beside the carpet; below it where the page is narrow."""
    quiet = {"color": theme.quiet, "size": 12}
    bar: dict[str, Any] = {"thickness": 10, "outlinewidth": 0, "tickfont": quiet, "nticks": 6}
    if narrow:
        return {**bar, "orientation": "h", "y": -0.14, "yanchor": "top", "ticksuffix": f" {unit}"}
    return {**bar, "title": {"text": unit, "side": "top", "font": quiet}, "len": 1, "xpad": 4}


def _strip(carpet: Carpet, theme: Theme) -> dict[str, Any]:
    kinds = [day_kind(day, carpet) for day in carpet.days]
    steps = len(_ORDER) - 1
    scale: list[list[Any]] = [
        [i / steps, kind_colour(kind, theme)] for i, kind in enumerate(_ORDER)
    ]
    names = [
        carpet.holidays.get(day) or _(DAYS_OFF[kind][0])
        for day, kind in zip(carpet.days, kinds, strict=True)
    ]
    return {
        "type": "heatmap",
        "x": [day.isoformat() for day in carpet.days],
        "y": [0],
        "z": [[_ORDER.index(kind) for kind in kinds]],
        "customdata": [names],
        "zmin": 0,
        "zmax": steps,
        "colorscale": scale,
        "showscale": False,
        "yaxis": "y2",
        "xgap": 1 if len(carpet.days) <= 120 else 0,
        "hovertemplate": _("%{x|%a %-d. %b %Y}: ") + "%{customdata}<extra></extra>",
    }


def _floor(carpet: Carpet) -> float | None:
    """Power and flow begin at nothing; temperatures where they begin."""
    known = carpet.value[np.isfinite(carpet.value)]
    return 0.0 if carpet.unit in ("kW", "m3/h") and len(known) and known.min() >= 0 else None


def _ceiling(carpet: Carpet) -> float | None:
    """One spike must not bleach everything else: the highest half percent share the last shade."""
    known = carpet.value[np.isfinite(carpet.value)]
    return float(np.percentile(known, 99.5)) if len(known) else None


def _scale(hue: str, theme: Theme) -> list[list[Any]]:
    """From almost the ground to the hue and past it, so that light and dark order everything."""
    far = "#000000" if theme.name == "light" else "#ffffff"
    return [
        [0.0, mix(hue, theme.card, 0.08)],
        [0.45, mix(hue, theme.card, 0.55)],
        [0.8, hue],
        [1.0, mix(far, hue, 0.35)],
    ]


def _digits(carpet: Carpet) -> int:
    known = carpet.value[np.isfinite(carpet.value)]
    most = float(np.abs(known).max()) if len(known) else 0.0
    return 0 if most >= 100 else 1 if most >= 10 else 2
