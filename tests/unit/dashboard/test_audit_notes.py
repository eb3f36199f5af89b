"""Refusals and sign-ins of the audit in words."""

from __future__ import annotations

import pytest

from dashboard.components.audit_notes import section, words
from dashboard.components.audit_words import ACTIONS
from gebaeude.access import table
from gebaeude.store.audit import REFUSALS


def test_a_refusal_says_where_why_and_how_often() -> None:
    told = {
        "what": "GET /buildings/{building}", "path": "/api/v1/buildings/x", "status": 404,
        "times": 4999, "paths": ["/a", "/b"],
    }  # fmt: skip
    assert dict(words(told)) == {
        "Bereich": "Gebäude",
        "aufgerufen": "/api/v1/buildings/x",
        "Grund": "gibt es nicht oder gehört einer anderen Kommune",
        "weitere Male in einer Minute": "4.999",
        "außerdem aufgerufen": "/a, /b",
    }


def test_what_has_no_words_is_left_out() -> None:
    assert list(words({"how": "novelty", "which": "all", "path": "", "paths": []})) == []


def test_every_refusal_has_its_word() -> None:
    assert set(REFUSALS) <= set(ACTIONS)


@pytest.mark.parametrize("name", [*table.API, *(f"page {one}" for one in table.PAGES)])
def test_every_place_has_a_name(name: str) -> None:
    assert section(name) != "andere Seite" or name.startswith(("GET /openapi", "GET /health"))
