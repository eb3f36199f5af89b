"""Colours can be read on their ground, and told apart by people who see fewer of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.theme import THEMES, Theme, css_variables, mix

Floats = NDArray[np.float64]

# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
APART = 15.0  # in CIELAB; about six times what is just noticed


def linear(colour: str) -> Floats:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: Floats) -> Floats:
    relative = (XYZ @ np.clip(light, 0, 1)) / (XYZ @ np.ones(3))
    f = np.where(relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    light = sorted((float(weights @ linear(one)), float(weights @ linear(other))))
    return (light[1] + 0.05) / (light[0] + 0.05)


def everything_written_or_drawn(theme: Theme) -> dict[str, str]:
    return {
        "text": theme.text,
        "quiet": theme.quiet,
        **{str(medium): colour for medium, colour in theme.media.items()},
        **{str(state): colour for state, colour in theme.states.items()},
    }


def test_the_measure_knows_black_and_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_colour_can_be_read_on_both_grounds(theme: Theme) -> None:
    for name, colour in everything_written_or_drawn(theme).items():
        for ground in (theme.card, theme.page):
            assert contrast(colour, ground) >= 4.5, name


@pytest.mark.parametrize("sight", VISION)
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colours_stay_apart_for_every_kind_of_sight(theme: Theme, sight: str) -> None:
    for family in (theme.media, theme.states):
        seen = {name: lab(VISION[sight] @ linear(colour)) for name, colour in family.items()}
        for one, other in combinations(seen, 2):
            assert np.linalg.norm(seen[one] - seen[other]) >= APART, f"{one} and {other}"


def test_inverted_text_can_be_read() -> None:
    for theme in THEMES.values():
        assert contrast(theme.card, theme.text) >= 4.5


def test_the_style_sheet_gets_every_colour_of_both_schemes() -> None:
    css = css_variables()
    for theme in THEMES.values():
        for colour in everything_written_or_drawn(theme).values():
            assert colour in css


def test_mixing_goes_from_ground_to_colour() -> None:
    assert mix("#ffffff", "#000000", 0) == "#000000"
    assert mix("#ffffff", "#000000", 1) == "#ffffff"
    assert mix("#ff0000", "#000000", 0.5) == "#800000"


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_edges_focus_and_drawings_stand_out(theme: Theme) -> None:
    """3 : 1, as WCAG 1.4.11 asks: controls' edges, what has the focus, everything in charts."""
    drawn = {"grey": theme.grey, "focus": theme.text, "limits": theme.quiet}
    drawn |= {str(medium): colour for medium, colour in theme.media.items()}
    for name, colour in drawn.items():
        for ground in (theme.card, theme.page):
            assert contrast(colour, ground) >= 3, name
    # A chosen button has the text's colour: its focus is drawn inside, in the card's.
    assert contrast(theme.card, theme.text) >= 3
