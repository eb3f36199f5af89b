"""The page about the file says what the file may say."""

from __future__ import annotations

import re
from pathlib import Path

from gebaeude.model import Kind, Medium, Severity, Skill, Use
from gebaeude.portfolio.load import loads
from gebaeude.portfolio.vocabulary import ASSET_KINDS, FORMATS
from gebaeude.units import QUANTITIES

PAGE = (Path(__file__).parents[3] / "docs" / "portfolio.md").read_text("utf-8")


def test_the_example_is_a_portfolio() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    assert [building.key for building in loads(example[1]).buildings()] == ["gymnasium"]


def test_every_word_is_explained() -> None:
    words = [*Kind, *Medium, *Severity, *Skill, *Use, *ASSET_KINDS, *FORMATS, *QUANTITIES]
    assert [word for word in words if not re.search(rf"\b{word}\b", PAGE)] == []
