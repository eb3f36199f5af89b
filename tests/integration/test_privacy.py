"""The list of personal data is the database's own, and the documents say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from gebaeude.config import Settings
from gebaeude.store import disclosure
from gebaeude.store.database import Connection
from gebaeude.store.privacy import ELSEWHERE, OTHER, PERSONAL, record, until

DOCS = Path(__file__).parents[2] / "docs" / "datenschutz.md"
# Kinds of types that can say who somebody is: not numbers, moments, booleans and enumerations.
_COLUMNS = """
SELECT c.relname, a.attname,
       coalesce(e.typcategory, t.typcategory) NOT IN ('N', 'D', 'B', 'T', 'E')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE n.nspname !~ '^(pg_|_?timescaledb|information_schema)' AND c.relkind IN ('r', 'p', 'm', 'f')
    AND a.attnum > 0 AND NOT a.attisdropped
"""


def listed() -> dict[str, set[str]]:
    """table → columns that the list knows."""
    return {
        **{table: {*data.columns.split(), *data.other.split()} for table, data in PERSONAL.items()},
        **{table: {*columns.split()} for table, (columns, _why) in OTHER.items()},
    }


def test_every_column_that_can_hold_text_is_listed(connection: Connection) -> None:
    """What fails here is new: say what it is for and how long it is kept, or why it is nobody's."""
    known = listed()
    unknown = {
        f"{table}.{column}"
        for table, column, is_text in connection.execute(_COLUMNS).fetchall()
        if is_text and column not in known.get(table, ())
    }
    assert unknown == set()


def test_a_column_nobody_thought_of_is_noticed(connection: Connection) -> None:
    connection.execute("ALTER TABLE building ADD COLUMN caretaker text")
    connection.execute("CREATE TABLE visitor (seen timestamptz, who text[])")
    with pytest.raises(AssertionError, match=r"building\.caretaker|visitor\.who"):
        test_every_column_that_can_hold_text_is_listed(connection)


def test_everything_listed_is_there(connection: Connection) -> None:
    there = {(table, column) for table, column, _ in connection.execute(_COLUMNS).fetchall()}
    assert {(t, c) for t, columns in listed().items() for c in columns} - there == set()


def test_no_table_is_in_both_lists() -> None:
    assert PERSONAL.keys() & OTHER.keys() == set()


def test_a_persons_copy_accounts_for_every_table() -> None:
    assert {*disclosure.PARTS, *disclosure.TOLD_ELSEWHERE} == {*PERSONAL}
    assert disclosure.PARTS.keys() & disclosure.TOLD_ELSEWHERE.keys() == set()


def test_the_record_of_processing_has_the_same_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    table = "\n".join(record(Settings()))
    assert table in text, f"docs/datenschutz.md should have:\n{table}"
    for name, (what, how_long) in ELSEWHERE.items():
        line = f"| {name} | {what} | {how_long} |"
        assert line in text, f"docs/datenschutz.md should have: {line}"


def test_the_times_follow_the_settings() -> None:
    assert until(PERSONAL["mail"], Settings(retention_mail_days=7)).startswith("7 Tage")
    text = DOCS.read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        if name.startswith("retention_"):
            assert f"| `GEBAEUDE_{name.upper()}` | {field.default} |" in text, name
