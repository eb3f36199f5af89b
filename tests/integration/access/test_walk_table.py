"""The table of who may, the documentation, and what can be reached say the same."""

from __future__ import annotations

from typing import Any

import pytest

from gebaeude.access import table
from gebaeude.access.roles import RIGHTS, Role
from tests.integration.access.walk import API, COLUMNS, DOCUMENTED, registered

TABLES: dict[str, dict[str, Any]] = {
    "API": table.API,
    "page": table.PAGES,
    "callback": table.CALLBACKS,
    "sign-in": table.SIGN_IN,
    "command": table.COMMANDS,
    "asset": table.ASSETS,
}


def _shown(kind: str, name: str) -> str:
    """As the documentation writes it."""
    if kind == "API":
        method, _blank, path = name.partition(" ")
        return f"{method} {API}{path}"
    return {"page": "page ", "callback": "callback ", "command": "gebaeude "}.get(kind, "") + name


def test_everything_that_can_be_reached_is_in_the_table_and_nothing_else() -> None:
    found = registered()
    for kind, known in TABLES.items():
        assert found[kind] == set(known), kind


def test_the_documentation_has_every_line_and_says_the_same() -> None:
    expected = {
        _shown(kind, name): {one for one in COLUMNS if _holds(one, needed)}
        for kind, lines in TABLES.items()
        for name, needed in lines.items()
    }
    assert expected == DOCUMENTED


def _holds(column: str, needed: table.Needed) -> bool:
    """What the literal tables in the code make of it."""
    if needed is table.Need.NOTHING:
        return True
    if column == "nobody" or needed is table.Need.MACHINE:
        return False
    if needed is table.Need.ACCOUNT:
        return column != "guest"
    return needed is table.Need.SIGN_IN or needed in RIGHTS[Role(column)]


def test_something_without_a_line_does_not_start() -> None:
    with pytest.raises(LookupError, match=r"table\.py does not say who may"):
        table.check("pages", ["/neu"], table.PAGES)
