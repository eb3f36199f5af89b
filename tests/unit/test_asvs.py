"""docs/asvs.md names places that are there, and counts right."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| ([0-9]+\.[0-9]+\.[0-9]+) \| (.+?) \| (.+?) \| (.+) \|$", TEXT)
# How many requirements of level 2 each chapter of version 4.0.3 has.
CHAPTERS = {
    1: 38, 2: 53, 3: 18, 4: 9, 5: 30, 6: 13, 7: 12, 8: 15, 9: 7, 10: 5, 11: 8, 12: 15, 13: 13,
    14: 23,
}  # fmt: skip


def places(where: str) -> list[str]:
    return re.findall(r"`([^`]+)`", where)


def test_every_requirement_is_there_once() -> None:
    numbers = [number for number, *_ in ROWS]
    assert len({*numbers}) == len(numbers)
    assert Counter(int(number.split(".")[0]) for number in numbers) == CHAPTERS


def test_every_place_is_there() -> None:
    missing = []
    for number, _what, status, where in ROWS:
        for place in places(where):
            if status != "met" and "/" not in place:
                continue  # a command in a sentence
            path, _colons, name = place.partition("::")
            file = ROOT / path
            if not file.exists() or (
                name and f"def {name}(" not in file.read_text(encoding="utf-8")
            ):
                missing.append((number, place))
    assert missing == []


def test_what_is_met_says_where() -> None:
    assert {status for _n, _w, status, _p in ROWS} <= {"met", "not met", "not applicable"}
    assert [n for n, _w, status, where in ROWS if status == "met" and not places(where)] == []


def test_the_sums_are_right() -> None:
    counts = Counter(status for _n, _w, status, _p in ROWS)
    sentence = (
        f"Of {len(ROWS)} requirements {counts['met']} are met, {counts['not met']} are not, "
        f"{counts['not applicable']} do not apply."
    )
    assert sentence in TEXT
