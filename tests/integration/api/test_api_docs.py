"""docs/api.md lists what there is, and its examples work as they stand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gebaeude.store.database import connect

DOCS = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8050"
Serve = Callable[[str], AbstractContextManager[httpx.Client]]


def examples() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def call(client: httpx.Client, words: list[str]) -> httpx.Response:
    """What curl does with these words."""
    method, headers, body, address = "GET", {}, None, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _colon, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(rest).encode()
        elif word == "-o":
            assert next(rest).endswith(".csv")
        else:
            assert word.startswith(HOST), word
            address = word.removeprefix(HOST)
    return client.request(method, address, headers=headers, content=body)


def test_the_examples_work(portfolio_db: str, serve: Serve) -> None:
    with connect(portfolio_db, name="test") as connection:
        connection.execute(
            "INSERT INTO reading (point_id, time, value) SELECT p.id, t, 1 FROM point p"
            " JOIN building b ON b.id = p.building_id, generate_series(%s, %s, INTERVAL '15min') t"
            " WHERE b.key = 'barntrup-rathaus' AND p.key = 'waerme'",
            (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)),
        )
        connection.execute(
            "INSERT INTO ticket (building_id, title, task, priority, skill, opened_at)"
            " SELECT id, 'Heizung kalt', 'Bitte prüfen.', 'high', 'heating', %s FROM building"
            " WHERE key = 'barntrup-rathaus'",
            (datetime(2026, 11, 21, tzinfo=UTC) - timedelta(days=1),),
        )
    with serve(portfolio_db) as client:
        answers = [(words, call(client, words)) for words in examples()]
    assert len(answers) >= 8
    for words, answer in answers:
        assert answer.status_code == 200, (words, answer.text)
        if "-o" in words:
            assert answer.text.count("\r\n") > 90
        else:
            assert answer.json(), words
    assert json.loads(answers[-1][1].text)["state"] == "done"


def test_every_address_is_listed_and_there_is_no_other(stocked: httpx.Client) -> None:
    listed = set(re.findall(r"^\| `(GET|POST) (\S+)`", DOCS, re.MULTILINE))
    paths = stocked.get("/api/v1/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    actions = {one for one in there if one[0] == "POST"}
    assert listed - actions == there - actions
    for _method, path in actions:
        assert f"`{path.rpartition('/')[2]}`" in DOCS or path in DOCS


def test_every_status_is_explained(stocked: httpx.Client) -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", DOCS, re.MULTILINE)
    explained = set(re.findall(r"\d{3}", " ".join(rows)))
    paths = stocked.get("/api/v1/openapi.json").json()["paths"]
    used = {
        status
        for methods in paths.values()
        for operation in methods.values()
        for status in operation["responses"]
        if status >= "400"
    }
    assert used <= explained
