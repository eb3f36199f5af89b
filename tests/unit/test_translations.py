"""English beside German: complete, nothing left over, and what is said with it."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from gebaeude import text
from gebaeude.config import settings
from gebaeude.maintenance import wording
from gebaeude.maintenance.wording import LimitEvidence, Place
from gebaeude.model import Medium, Use
from gebaeude.reports.answers import building_answer, portfolio_answer, quality_answer
from gebaeude.reports.records import BuildingLine, Condition, Consumption, Freshness

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "gebaeude" / "locale" / "en.po"
TEMPLATES = ROOT / "gebaeude" / "signin" / "templates"
IN_TEMPLATE = re.compile(r'_\("([^"]+)"\)')
PACKAGES = ("dashboard", "gebaeude", "ingest", "simulators")
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


Message = tuple[str, str]  # context, German


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Where a text is translated or marked, and how."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ("_", "N_")
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _texts() -> dict[Message, str]:
    """Every German text, and where it stands first."""
    found: dict[Message, str] = {}
    for place, call in _calls():
        said = [one.value for one in call.args if isinstance(one, ast.Constant)]
        if said and said[0]:
            found.setdefault((str(said[1]) if said[1:] else "", str(said[0])), place)
    for path in sorted(TEMPLATES.glob("*.html")):
        for german in IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
            found.setdefault(("", german), path.name)
    return found


def _catalogue() -> dict[Message, str]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en", abort_invalid=True)
    return {(one.context or "", str(one.id)): str(one.string) for one in catalogue if one.id}


def _places(sentence: str) -> list[str]:
    """The names in braces; of a chart's `{x|%d. %b}` without how it is written."""
    fields = string.Formatter().parse(sentence)
    return sorted(name.partition("|")[0] for _before, name, _spec, _conversion in fields if name)


def test_every_text_is_there_in_english() -> None:
    english = _catalogue()
    assert {place: said for said, place in _texts().items() if not english.get(said)} == {}


def test_nothing_is_translated_that_nobody_says() -> None:
    assert set(_catalogue()) - set(_texts()) == set()


def test_nothing_is_translated_twice() -> None:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("msgid ") for line in lines) == len(_catalogue()) + 1  # its head


def test_what_is_filled_in_is_the_same_in_both() -> None:
    different = {
        german: english
        for (_context, german), english in _catalogue().items()
        if _places(german) != _places(english)
    }
    assert different == {}


def test_no_text_is_put_together_before_it_is_translated() -> None:
    assert [place for place, call in _calls() if isinstance(call.args[0], ast.JoinedStr)] == []


def test_english_has_no_german_quotation_marks_or_umlauts() -> None:
    foreign = set("„äöüßÄÖÜ")
    names = ("Gebäude",)  # the program's own
    odd = []
    for english in _catalogue().values():
        rest = english
        for name in names:
            rest = rest.replace(name, "")
        if foreign & set(rest):
            odd.append(english)
    assert odd == []


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GEBAEUDE_LANGUAGE", "en")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("english")
def test_numbers_days_and_times_are_english() -> None:
    assert text.number(1234.5, "kWh", 1) == "1,234.5\u202fkWh"
    assert text.number(1_234_567.0, "kWh") == "1.23\u202fGWh"
    assert text.ago(None, NOW) == "never"
    assert text.ago(NOW - timedelta(seconds=20), NOW) == "just now"
    assert text.ago(NOW - timedelta(minutes=5), NOW) == "5 minutes ago"
    assert text.duration(timedelta(days=3)) == "3 days"
    assert text.when(datetime(2026, 11, 22, 13, 10, tzinfo=UTC), NOW) == "today 14:10"
    assert text.when(datetime(2026, 11, 21, 13, 10, tzinfo=UTC), NOW) == "yesterday 14:10"
    assert text.when(datetime(2026, 3, 2, 13, 10, tzinfo=UTC), NOW) == "Mon 2 March 14:10"
    assert text.day(date(2025, 3, 3)) == "Mon 3 March 2025"
    assert text.day_short(date(2026, 12, 31)) == "31 Dec 2026"


HEARD = Freshness(points=305, fresh=302, silent=1, never=2, newest=NOW)
HOUSE = BuildingLine(
    key="rathaus",
    name="Rathaus",
    municipality="barntrup",
    municipality_name="Barntrup",
    use=Use.TOWN_HALL,
    floor_area_m2=1_200.0,
    built=1978,
    latitude=52.0,
    longitude=9.1,
    condition=Condition.GOOD,
    reason="",
    findings=0,
    warnings=0,
    critical=0,
    tickets=0,
    points=8,
    silent=0,
    newest=NOW,
    consumption=(
        Consumption(Medium.HEAT, "kWh", 1_234.0, 1_000.0, 0.234, 1, 1, 1, 1.0),
        Consumption(Medium.WATER, "m3", 3.5, 3.5, 0.0, 1, 1, 1, 1.0),
    ),
)  # fmt: skip


@pytest.mark.usefixtures("english")
def test_reports_answer_in_english() -> None:
    assert portfolio_answer([], 0, None, HEARD, 42, NOW) == (
        "Yes, everything is all right: 42 buildings without findings, "
        "302 of 305 points are sending."
    )
    assert quality_answer(HEARD, 1, NOW) == (
        "Of 305 points, one has gone silent and 2 have never sent. One message is in quarantine."
    )
    assert building_answer(HOUSE, [], date(2026, 11, 21), date(2026, 11, 14)) == (
        "Yesterday 1,234\u202fkWh heat and 3.50\u202fm³ water. "
        "Heat: 23\u202f% more than on Saturday the week before. Apart from that nothing stands out."
    )


@pytest.mark.usefixtures("english")
def test_findings_are_told_in_english() -> None:
    room = Place("Schule", "Raum 204 Temperatur", "Raum 204", Medium.CLIMATE, "temperature", "°C")
    began = NOW - timedelta(minutes=35)
    seen = LimitEvidence("high", limit=28.0, value=29.0, extreme=29.5, since=began, at=NOW)
    assert wording.sentence(room, seen, NOW) == (
        "Raum 204 above 28\u202f°C for 35 minutes (last 29\u202f°C)"
    )
