"""docs/threats.md names places that are there, and says of every threat what is left."""

from __future__ import annotations

import re
from pathlib import Path

from gebaeude.config import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| (?!threat|---|\|)(.+?) \| (.+?) \| (.+?) \|$", TEXT.split("## 1 ")[1])


def test_every_place_is_there() -> None:
    plain = re.sub(r"(?s)```.*?```", "", TEXT)
    named = {one for one in re.findall(r"`([^`\n]+)`", plain) if "/" in one}
    assert len(named) > 20
    assert {one for one in named if not (ROOT / one).exists()} == set()


def test_every_setting_is_one() -> None:
    named = set(re.findall(r"GEBAEUDE_(\w+)", TEXT))
    assert named <= {name.upper() for name in Settings.model_fields}


def test_each_threat_says_what_stands_against_it_and_what_is_left() -> None:
    assert len(ROWS) >= 25
    assert [row for row in ROWS if row[1] == "–" and row[2] == "–"] == []
