"""What all charts share: type, grid, the language's numbers, and a quiet configuration."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, TypeAlias

import numpy as np
from dash import dcc
from numpy.typing import NDArray

from dashboard import html
from dashboard.components.basics import Part, extra, icon
from dashboard.theme import FONT, Theme
from gebaeude.text import _, language, unit_name

# As the browser takes it: plotly's own objects look at each property, which takes longer than
# everything else on a page; the tests have them do that.
Figure: TypeAlias = dict[str, Any]

# Our languages as browsers and charts call them; their formats are in assets/locale.js.
LOCALES = {"de": "de", "en": "en-GB"}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "₂": "2"})


def layout(theme: Theme, **more: Any) -> dict[str, Any]:
    """A layout in this theme; `more` is merged into it, axes key by key."""
    axis = {
        "gridcolor": theme.line,
        "linecolor": theme.line,
        "zerolinecolor": theme.grey,
        "tickcolor": theme.line,
        "tickfont": {"color": theme.quiet},
        "title": {"font": {"color": theme.quiet, "size": 13}},
        "automargin": True,
        "zerolinewidth": 2,
    }
    base: dict[str, Any] = {
        "font": {"family": FONT, "size": 13, "color": theme.text},
        "paper_bgcolor": theme.card,
        "plot_bgcolor": theme.card,
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8},
        "separators": ",." if language() == "de" else ".,",
        "showlegend": False,
        "hovermode": "x",
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": theme.text,
            "bordercolor": theme.text,
            "font": {"family": FONT, "size": 14, "color": theme.page},
            "align": "left",
        },
        "xaxis": {**axis, "showgrid": False, "ticks": "outside", "ticklen": 4, "fixedrange": True},
        "yaxis": {**axis, "fixedrange": True},
        "uirevision": "keep",
        "autotypenumbers": "strict",
    }
    for name, value in more.items():
        base[name] = {**base.get(name, {}), **value} if isinstance(value, dict) else value
    return base


def ticks(width: int) -> int:
    """How many labels an axis of days has room for on a page of this width [px]."""
    return max(3, min(12, width // 130))


def unit_label(unit: str, theme: Theme) -> dict[str, Any]:
    """The unit above the axis, upright, where it is read first, and where no edge cuts it."""
    return {
        "text": unit_name(unit),
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "xshift": -2,
        "yshift": 4,
        "showarrow": False,
        "font": {"color": theme.quiet, "size": 13},
    }


def config(file_name: str) -> Any:
    """One configuration for every chart: nothing leaves the machine, and it speaks our language."""
    return {
        "displayModeBar": False,
        "displaylogo": False,
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "locale": LOCALES[language()],
        "responsive": True,
        "doubleClick": False,
        "toImageButtonOptions": {"format": "png", "filename": file_name, "scale": 2},
    }


def chart(name: str, figure: Figure, spoken: Part, title: str, file_name: str, height: str) -> Part:
    """The figure on the page below `spoken`, which says what it shows."""
    graph = dcc.Graph(
        figure={**figure, "data": [_packed(trace) for trace in figure["data"]]},
        config=config(file_name),
        responsive=True,
        style={"height": height},
        className="chart",
    )
    told = f"{name}-worte"
    return html.Div(
        [
            html.P(spoken, id=told, className="quiet"),
            html.Div(
                graph, id=name, role="img", **extra({"aria-label": title, "aria-describedby": told})
            ),
        ]
    )


def _packed(trace: dict[str, Any]) -> dict[str, Any]:
    """Numbers as plotly.js reads them fastest, moments as text."""
    return {
        name: _array(value) if isinstance(value, np.ndarray) else value
        for name, value in trace.items()
    }


def _array(values: NDArray[Any]) -> Any:
    if values.dtype.kind == "M":
        return np.datetime_as_string(values).tolist()
    spec = {"dtype": "f8", "bdata": b64encode(values.astype("<f8").tobytes()).decode()}
    return spec if values.ndim == 1 else {**spec, "shape": ", ".join(map(str, values.shape))}


def picture_button(name: str, title: str, file_name: str) -> Part:
    """Saves the chart as a PNG with its title in it; assets/navigation.js does it."""
    return html.Button(
        [icon("picture"), html.Span(_("Bild speichern"))],
        type="button",
        className="button",
        **extra({"data-picture": name, "data-title": title, "data-file": file_name}),
    )


def file_name(*parts: str) -> str:
    """A speaking name for a download: letters, digits and hyphens."""
    text = "_".join(part for part in parts if part).lower().translate(_UMLAUTS)
    return re.sub(r"[^a-z0-9_]+", "-", text).strip("-")
