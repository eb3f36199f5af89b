"""docs/access.md has the table of roles and rights as the code has it."""

from __future__ import annotations

from pathlib import Path

from gebaeude.access.roles import RIGHTS, Right, Role

DOCS = Path(__file__).parents[3] / "docs" / "access.md"


def test_the_table_of_rights_is_the_codes() -> None:
    text = DOCS.read_text(encoding="utf-8")
    table = text[text.index("| right |") :].partition("\n\n")[0]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    head, _rule, *rows = lines
    assert head == ["right", *(role.value for role in Role)]
    told = {row[0].strip("`"): row[1:] for row in rows}
    assert told == {
        right.value: ["yes" if right in RIGHTS[role] else "" for role in Role] for right in Right
    }
