"""Colours and type: one hue per medium, three states, everything else grey; light and dark.

Chosen by search: every colour has a contrast of at least 4.5 : 1 on both of its theme's
backgrounds (grey, which is never text: 3 : 1), and media stay apart from each other for people with
protanopia, deuteranopia and tritanopia. tests/unit/dashboard/test_theme.py computes all of this.
"""

from __future__ import annotations

from dataclasses import dataclass

from gebaeude.model import Medium
from gebaeude.reports.records import Condition

FONT = "Inter, system-ui, sans-serif"


@dataclass(frozen=True)
class Theme:
    """All colours of one scheme, as #rrggbb."""

    name: str
    page: str  # behind the cards
    card: str
    line: str  # borders and grid lines
    text: str
    quiet: str  # secondary text
    grey: str  # what stands behind for comparison; edges of controls, lines below links
    media: dict[Medium, str]
    states: dict[Condition, str]


LIGHT = Theme(
    name="light",
    page="#f4f6f8",
    card="#ffffff",
    line="#dfe3e8",
    text="#1a1f26",
    quiet="#57606c",
    grey="#828b97",
    media={
        Medium.HEAT: "#8a2b0e",
        Medium.GAS: "#906807",
        Medium.ELECTRICITY: "#633781",
        Medium.WATER: "#0042b9",
        Medium.PV: "#567445",
        Medium.CLIMATE: "#0a7d76",
    },
    states={
        Condition.GOOD: "#137e62",
        Condition.ATTENTION: "#9c6000",
        Condition.CRITICAL: "#b00b30",
    },
)
DARK = Theme(
    name="dark",
    page="#13161b",
    card="#1c2027",
    line="#323842",
    text="#eceff3",
    quiet="#a3acb8",
    grey="#707a88",
    media={
        Medium.HEAT: "#ea6134",
        Medium.GAS: "#f6cd05",
        Medium.ELECTRICITY: "#a66dff",
        Medium.WATER: "#6b96c6",
        Medium.PV: "#c5e49b",
        Medium.CLIMATE: "#6df0e2",
    },
    states={
        Condition.GOOD: "#8fd9ba",
        Condition.ATTENTION: "#fbb714",
        Condition.CRITICAL: "#ff5268",
    },
)
THEMES: dict[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK)}


def css_variables() -> str:
    """The same colours for the style sheet, so that they are written down once."""
    return "\n".join(
        f':root[data-mantine-color-scheme="{theme.name}"]{{color-scheme:{theme.name};'
        + "".join(f"--{name}:{value};" for name, value in _variables(theme).items())
        + "}"
        for theme in THEMES.values()
    )


def _variables(theme: Theme) -> dict[str, str]:
    plain = {
        name: getattr(theme, name) for name in ("page", "card", "line", "text", "quiet", "grey")
    }
    media = {f"medium-{medium}": colour for medium, colour in theme.media.items()}
    states = {f"state-{state}": colour for state, colour in theme.states.items()}
    return plain | media | states


def mix(colour: str, ground: str, share: float) -> str:
    """`share` of `colour` on `ground`, as #rrggbb."""
    parts = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in parts)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
