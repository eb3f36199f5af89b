"""Readings through the API: paged without loss, streamed, the same in JSON and CSV."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gebaeude.store.database import connect
from gebaeude.text import BERLIN
from gebaeude.web import POOL

POINT = "/api/v1/points/barntrup-rathaus/waerme"
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
RANGE = {"from": "2026-06-01T12:00:00Z", "to": "2026-12-01T00:00:00Z"}
Serve = Callable[[str], AbstractContextManager[httpx.Client]]

INSERT = """
INSERT INTO reading (point_id, time, value)
SELECT p.id, %s::timestamptz + make_interval(mins => n), n / 8.0
FROM point p JOIN building b ON b.id = p.building_id, generate_series(%s::int, %s::int) n
WHERE b.key = 'barntrup-rathaus' AND p.key = 'waerme'
ON CONFLICT (point_id, time) DO UPDATE SET value = EXCLUDED.value
"""


def insert(url: str, first: int, last: int) -> None:
    """Readings of the minutes `first` … `last` after START."""
    with connect(url, name="test") as connection:
        connection.execute(INSERT, (START, first, last))


def pages(client: httpx.Client, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
    response = client.get(f"{POINT}/readings", params=RANGE | parameters)
    while True:
        page = response.raise_for_status().json()
        yield page["readings"]
        if page["next"] is None:
            assert "link" not in response.headers
            return
        assert response.headers["link"] == f'<{page["next"]}>; rel="next"'
        response = client.get(page["next"])


def minutes(readings: list[dict[str, Any]]) -> list[int]:
    return [
        (datetime.fromisoformat(one["time"]) - START) // timedelta(minutes=1) for one in readings
    ]


def test_pages_hold_every_reading_exactly_once(portfolio_db: str, serve: Serve) -> None:
    insert(portfolio_db, 0, 999)
    with serve(portfolio_db) as client:
        found = list(pages(client, limit=100))
        assert [len(page) for page in found] == [100] * 10
        assert [minute for page in found for minute in minutes(page)] == list(range(1000))
        assert found[0][8] == {"time": "2026-06-01T12:08:00Z", "value": 1.0, "quality": 0}


def test_pages_hold_every_reading_exactly_once_while_others_arrive(
    portfolio_db: str, serve: Serve
) -> None:
    insert(portfolio_db, 0, 1999)
    stop = threading.Event()

    def arrive() -> None:
        minute = 2000
        while not stop.is_set():
            insert(portfolio_db, minute, minute + 9)
            insert(portfolio_db, minute % 1000, minute % 1000 + 50)  # corrections
            minute += 10

    writer = threading.Thread(target=arrive)
    writer.start()
    try:
        with serve(portfolio_db) as client:
            seen = [minute for page in pages(client, limit=97) for minute in minutes(page)]
    finally:
        stop.set()
        writer.join()
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert set(range(2000)) <= set(seen)


def test_a_page_that_began_without_an_end_ends(portfolio_db: str, serve: Serve) -> None:
    insert(portfolio_db, 0, 9)
    with serve(portfolio_db) as client:
        first = client.get(f"{POINT}/readings", params={"from": RANGE["from"], "limit": 5}).json()
    query = parse_qs(urlsplit(first["next"]).query)
    assert datetime.fromisoformat(query["to"][0]) - datetime.now(UTC) < timedelta(seconds=1)


@pytest.mark.parametrize("limit", [None, 700])
def test_csv_equals_json(portfolio_db: str, serve: Serve, limit: int | None) -> None:
    insert(portfolio_db, 0, 699)
    with serve(portfolio_db) as client:
        answer = client.get(f"{POINT}/readings", params={**RANGE, "limit": 700})
        table = client.get(
            f"{POINT}/readings",
            params={**RANGE, "format": "csv"} | ({"limit": limit} if limit else {}),
        )
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "barntrup-rathaus-waerme.csv" in table.headers["content-disposition"]
    rows = [
        {"time": row["time"], "value": float(row["value"]), "quality": int(row["quality"])}
        for row in csv.DictReader(io.StringIO(table.text))
    ]
    assert rows == answer.json()["readings"]
    assert len(rows) == 700


def test_german_csv_has_semicolons_decimal_commas_and_both_clocks(
    portfolio_db: str, serve: Serve
) -> None:
    insert(portfolio_db, 0, 9)
    with connect(portfolio_db, name="test") as connection:  # a value that needs powers of ten
        connection.execute("UPDATE reading SET value = 1e-5 WHERE value = 0.125")
    with serve(portfolio_db) as client:
        answer = client.get(f"{POINT}/readings", params={**RANGE, "format": "csv", "dialect": "de"})
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == ["Zeit", "Zeit (UTC)", "Wert [kWh]", "Güte"]
    assert rows[1] == ["01.06.2026 14:00:00", "01.06.2026 12:00:00", "0,0", "gemessen"]
    assert rows[2][2] == "0,0000100000"
    assert rows[10][2] == "1,125"
    local = datetime.strptime(rows[10][0], "%d.%m.%Y %H:%M:%S").replace(tzinfo=BERLIN)
    assert local == START + timedelta(minutes=9)


def test_a_long_range_comes_as_one_stream(portfolio_db: str, serve: Serve) -> None:
    insert(portfolio_db, 0, 12_345)
    with serve(portfolio_db) as client:
        table = client.get(f"{POINT}/readings", params={**RANGE, "format": "csv"})
    lines = table.text.splitlines()
    assert len(lines) == 1 + 12_346
    assert lines[-1] == "2026-06-10T01:45:00Z,1543.125,0"
    assert len(set(lines)) == len(lines)


def test_readers_that_do_not_read_hold_nobody_up(portfolio_db: str, serve: Serve) -> None:
    insert(portfolio_db, 0, 150_000)
    with serve(portfolio_db) as client, ExitStack() as stack:
        for _reader in range(POOL + 3):
            stack.enter_context(
                client.stream("GET", f"{POINT}/readings", params={**RANGE, "format": "csv"})
            )
        assert client.get("/api/v1/municipalities", timeout=4).status_code == 200


def test_the_end_is_left_out_and_the_beginning_is_not(portfolio_db: str, serve: Serve) -> None:
    insert(portfolio_db, 0, 10)
    with serve(portfolio_db) as client:
        found = client.get(
            f"{POINT}/readings",
            params={"from": "2026-06-01T14:03:00+02:00", "to": "2026-06-01T12:05:00Z"},
        ).json()
    assert minutes(found["readings"]) == [3, 4]


def test_times_before_and_after_everything_are_no_error(portfolio_db: str, serve: Serve) -> None:
    insert(portfolio_db, 0, 10)
    extremes = {"from": "0001-01-01T00:00:00+14:00", "to": "9999-12-31T23:59:60-14:00"}
    with serve(portfolio_db) as client:
        assert len(client.get(f"{POINT}/readings", params=extremes).json()["readings"]) == 11


def test_a_reading_is_the_latest_as_soon_as_it_is_stored(portfolio_db: str, serve: Serve) -> None:
    with serve(portfolio_db) as client:
        assert client.get(f"{POINT}/latest").status_code == 404
        insert(portfolio_db, 8, 8)
        expected = {"time": "2026-06-01T12:08:00Z", "value": 1.0, "quality": 0}
        assert client.get(f"{POINT}/latest").json() == expected
        assert client.get(POINT).json()["latest"] == expected
