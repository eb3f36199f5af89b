"""What the browser sends, taken apart."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.render import find
from dashboard.theme import DARK, LIGHT
from dashboard.visit import link, visit

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_address_is_taken_apart_and_put_together_again() -> None:
    asked = visit("/gebaeude", "?suche=b%C3%BCcherei&kommune=extertal", NOW, {})
    assert asked.get("suche") == "bücherei"
    assert (
        asked.link(kommune=None, sortiert="name") == "/gebaeude?suche=b%C3%BCcherei&sortiert=name"
    )
    assert link("/", {"a": None, "b": ""}) == "/"


def test_the_browser_tells_width_and_scheme() -> None:
    assert visit("/", "", NOW, {"width": 380, "scheme": "dark"}).theme is DARK
    assert visit("/", "", NOW, {"width": 380, "scheme": "dark"}).width == 380


def test_nonsense_from_the_browser_is_something_sensible() -> None:
    asked = visit(None, None, NOW, {"width": "viel", "scheme": 7})
    assert (asked.path, asked.width, asked.theme) == ("/", 1_000, LIGHT)
    assert visit("/", "", NOW, {"width": 10**9}).width == 3_000


def test_pages_are_found_by_their_path() -> None:
    found = find("/gebaeude/barntrup-rathaus")
    assert found is not None
    assert found[1] == ("barntrup-rathaus",)
    assert find("/") is not None
    assert find("/gebaeude/") is not None
    assert find("/gibt-es-nicht") is None
    assert find("/gebaeude/a/b") is None
