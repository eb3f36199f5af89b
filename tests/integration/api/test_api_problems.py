"""Every error is application/problem+json with a German sentence, and tells nothing it must not."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from psycopg_pool import ConnectionPool
from starlette.types import Receive, Scope, Send

from gebaeude.access.person import SYSTEM
from gebaeude.api.app import create_api
from gebaeude.api.parameters import now
from gebaeude.api.problems import MISTAKES
from gebaeude.config import Settings

API = "/api/v1"
READINGS = "/points/barntrup-rathaus/waerme/readings"

MISTAKEN: list[tuple[str, str, int]] = [
    ("GET", "/nosuch", 404),
    ("GET", "/", 404),
    ("GET", "/buildings/", 404),
    ("GET", "/buildings/nosuch", 404),
    ("GET", "/buildings/nosuch%00", 422),
    ("GET", "/buildings/%ff", 422),
    ("GET", "/buildings/%0A", 404),
    ("GET", "/buildings/%F0%9F%94%A5", 422),
    ("GET", "/buildings/" + "x" * 101, 422),
    ("GET", "/buildings?sort=price", 422),
    ("GET", "/buildings?use=castle", 422),
    ("GET", "/buildings?municipality=%00", 422),
    ("GET", "/buildings?q=%00", 422),
    ("GET", "/buildings?q=" + "x" * 101, 422),
    ("PUT", "/buildings", 405),
    ("DELETE", "/quarantine/1", 405),
    ("GET", "/points/barntrup-rathaus/nosuch", 404),
    ("GET", "/points/nosuch/waerme/latest", 404),
    ("GET", "/points/nosuch/waerme/readings?format=csv", 404),
    ("GET", f"{READINGS}?from=yesterday", 422),
    ("GET", f"{READINGS}?from=2026-11-22", 422),
    ("GET", f"{READINGS}?from=2026-11-22T00:00:00", 422),
    ("GET", f"{READINGS}?from=2026-02-30T00:00:00Z", 422),
    ("GET", f"{READINGS}?from=99999-01-01T00:00:00Z", 422),
    ("GET", f"{READINGS}?from=1770000000", 422),
    ("GET", f"{READINGS}?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", 400),
    ("GET", f"{READINGS}?limit=0", 422),
    ("GET", f"{READINGS}?limit=10001", 422),
    ("GET", f"{READINGS}?limit=1e3", 422),
    ("GET", f"{READINGS}?limit=999999999999999999999999999", 422),
    ("GET", f"{READINGS}?format=xlsx", 422),
    ("GET", f"{READINGS}?dialect=fr", 422),
    ("GET", "/quarantine/0", 422),
    ("GET", "/quarantine/99999999", 404),
    ("GET", "/quarantine/9223372036854775808", 422),
    ("GET", "/quarantine?before=-1", 422),
    ("GET", "/quarantine?limit=1001", 422),
    ("GET", "/quarantine?reason=bad", 422),
    ("GET", "/findings?open=perhaps", 422),
    ("GET", "/tickets/17", 422),
    ("GET", "/tickets/A-2026-9999999", 404),
    ("GET", "/tickets?state=lost", 422),
    ("POST", "/tickets/A-2026-9999999/take", 422),
]


def check(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert problem["status"] == status
    assert re.fullmatch(r"[A-ZÄÖÜ].*[.“]", problem["detail"]), problem["detail"]
    return problem


@pytest.mark.parametrize(("method", "path", "status"), MISTAKEN)
def test_mistakes_are_problems(stocked: httpx.Client, method: str, path: str, status: int) -> None:
    problem = check(stocked.request(method, f"{API}{path}"), status)
    assert bool(problem["errors"]) == (status == 422)
    for mistake in problem["errors"]:
        assert mistake["where"].partition(".")[0] in ("path", "query", "body")
        assert mistake["message"].endswith(".")


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nosuch", "/api/v2/buildings", "/api/v1x", "/api/%0A"]
)
def test_other_addresses_under_api_are_problems_and_not_the_dashboard(
    stocked: httpx.Client, path: str
) -> None:
    check(stocked.get(path), 404)


def test_a_method_that_is_not_there_names_those_that_are(stocked: httpx.Client) -> None:
    answer = stocked.delete(f"{API}/buildings")
    assert answer.headers["allow"] == "GET"
    assert "DELETE" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000, b'{"technician": NaN}'],
)
def test_a_body_that_cannot_be_read_is_a_problem(stocked: httpx.Client, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = stocked.post(f"{API}/tickets/A-2026-0001/take", content=body, headers=headers)
    check(answer, answer.status_code)
    assert answer.status_code in (400, 422)


def test_every_mistake_that_can_be_made_has_words(stocked: httpx.Client) -> None:
    unknown = MISTAKES["extra_forbidden"]
    answer = stocked.post(f"{API}/tickets/A-2026-0001/take", json={"technician": "x", "y": 1})
    assert [one["message"] for one in answer.json()["errors"]] == [unknown]
    answer = stocked.get(f"{API}/quarantine", params={"limit": "1001"})
    assert answer.json()["errors"] == [{"where": "query.limit", "message": "Höchstens 1000."}]


def test_an_error_of_ours_tells_nothing_of_the_inside(
    stocked_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("password=hunter2")

    with ConnectionPool(stocked_url, min_size=1, max_size=1) as pool:
        api = create_api(pool, Settings(database_url=stocked_url))
        api.dependency_overrides[now] = broken

        async def asked_by_us(scope: Scope, receive: Receive, send: Send) -> None:
            await api({**scope, "state": {"person": SYSTEM}}, receive, send)

        transport = httpx.ASGITransport(asked_by_us, raise_app_exceptions=False)
        problem = check(_get(transport, "/buildings"), 500)
    assert "hunter2" not in str(problem)
    assert "hunter2" in caplog.text  # whoever looks after the system must find the cause


def _get(transport: httpx.ASGITransport, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path)

    # A thread of its own: a browser's test may have left its event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()
