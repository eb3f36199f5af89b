"""Hot queries keep to their index: reading the whole table would make pages take seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gebaeude.store import series, summary
from gebaeude.store.database import Connection, connect

NOW = datetime.now(UTC)
WEEK = {"start": NOW - timedelta(days=7), "end": NOW}
DAYS = {
    "from_1": NOW - timedelta(days=8), "to_1": NOW - timedelta(days=7),
    "from_2": NOW - timedelta(days=1), "to_2": NOW, "reach": timedelta(days=2), "building": None,
}  # fmt: skip

# Query → what it is asked with, and whether the index alone must answer.
HOT: dict[str, tuple[str, dict[str, Any], bool]] = {
    "around": (series._sql.around.sql, WEEK | {"reach": timedelta(days=2)}, True),
    "pixels": (series._sql.pixels.sql, WEEK | {"step": timedelta(hours=1)}, True),
    "hourly_means": (series._sql.hourly_means.sql, WEEK, True),
    "page": (series._sql.page.sql, {"after": WEEK["start"], "end": NOW, "limit": 1000}, False),
    "span": (series._sql.span.sql, {}, True),
    "points": (summary._sql.points.sql, {"building": None, "point": None, "medium": None}, False),
    "heard": (summary._sql.heard.sql, {}, True),
    "counters": (summary._sql.counters_on_two_days.sql, DAYS, True),
}


@pytest.fixture(scope="module")
def filled(stocked_url: str) -> Iterator[Connection]:
    with connect(stocked_url, name="test") as connection:
        yield connection


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def explained(connection: Connection, query: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}", asked).fetchone()  # type: ignore[call-overload]
    return list(nodes(row[0][0]["Plan"]))


@pytest.mark.parametrize("name", HOT)
def test_readings_are_found_by_their_key(filled: Connection, name: str) -> None:
    query, asked, index_only = HOT[name]
    row = filled.execute("SELECT id FROM point WHERE key = 'waerme' LIMIT 1").fetchone()
    assert row is not None
    filled.execute("SET LOCAL enable_bitmapscan = off")  # worth it on ten days, not on a year
    plan = explained(filled, query, {"point_id": row[0]} | asked)
    chunks = [node for node in plan if node.get("Relation Name", "").startswith("_hyper_")]
    assert chunks, "the plan reads no readings at all"
    for node in chunks:
        assert node["Node Type"] in ("Index Scan", "Index Only Scan"), (name, node)
        assert "point_id" in node["Index Cond"], (name, node)
        if index_only:
            assert node["Node Type"] == "Index Only Scan", (name, node)


def test_quarantine_by_reason_reads_no_message_but_the_examples(filled: Connection) -> None:
    filled.execute("SET LOCAL enable_seqscan = off")  # a few hundred rows are read either way
    plan = explained(filled, summary._sql.quarantine_by_reason.sql, {})
    scans = {(node["Node Type"], node["Index Name"]) for node in plan if "Index Name" in node}
    assert ("Index Only Scan", "quarantine_by_reason") in scans
    assert not any(node["Node Type"] == "Seq Scan" for node in plan)
