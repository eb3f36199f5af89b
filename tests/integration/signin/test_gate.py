"""Nothing but health and the way in can be reached without a session or a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gebaeude.access.roles import Right, Role
from gebaeude.store import accounts, sessions, tokens
from gebaeude.store.database import Connection

New = Callable[..., Any]


@pytest.mark.parametrize("path", ["/api/v1/health/live", "/api/v1/health/ready", "/anmelden",
                                  "/anmelden/vergessen", "/anmelden/stil.css"])  # fmt: skip
def test_health_and_the_way_in_are_open(browser: New, path: str) -> None:
    assert browser().get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "onward"),
    [
        ("/", "/anmelden"),
        ("/gebaeude?kommune=kalletal", "/anmelden?weiter=%2Fgebaeude%3Fkommune%3Dkalletal"),
        ("/konto", "/anmelden?weiter=%2Fkonto"),
        ("/benutzer/1", "/anmelden?weiter=%2Fbenutzer%2F1"),
        ("/anmelden/stil.css/x", "/anmelden?weiter=%2Fanmelden%2Fstil.css%2Fx"),
        ("/nosuch", "/anmelden?weiter=%2Fnosuch"),
    ],
)
def test_a_page_leads_to_signing_in(browser: New, path: str, onward: str) -> None:
    answer = browser().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, onward)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/buildings", "/api/v1/openapi.json", "/api/v1/metrics", "/api/nosuch", "/api",
     "/api/v1/health/../buildings", "/api/v1/health%2F..%2Fbuildings", "/_dash-layout",
     "/_dash-dependencies", "/assets/base.css", "/_dash-component-suites/dash/deps/x.js",
     "//api/v1/buildings", "/API/v1/buildings/"],
)  # fmt: skip
def test_nothing_else_answers(browser: New, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code in (303, 401)
    if answer.status_code == 401:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TAKEN = {
    "/_dash-update-component": JSON, "/api/v1/tickets/A-2026-0001/take": JSON, "/konto/name": FORM,
    "/benutzer": FORM, "/abmelden": FORM,
}  # fmt: skip


@pytest.mark.parametrize(("path", "kind"), TAKEN.items())
def test_nothing_changes_without_a_session(browser: New, path: str, kind: str) -> None:
    assert browser().post(path, content=b"{}", headers={"Content-Type": kind}).status_code == 401
    assert browser().post(path).status_code == 401


@pytest.mark.parametrize(
    ("path", "taken"), [*TAKEN.items(), ("/anmelden", FORM), ("/kennwort/x", FORM)]
)
@pytest.mark.parametrize(
    "told",
    ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx",
     JSON, FORM],
)  # fmt: skip
def test_bodies_of_another_kind_are_refused(browser: New, path: str, taken: str, told: str) -> None:
    body = b"email=anna&password=x"
    answer = browser().post(path, content=body, headers={"Content-Type": told} if told else {})
    if told == taken:
        assert answer.status_code != 415
        return
    assert answer.status_code == answer.json()["status"] == 415
    assert answer.headers["content-type"] == "application/problem+json"
    assert taken in answer.json()["detail"]


def test_a_body_of_two_kinds_is_of_none(browser: New) -> None:
    twice = [("Content-Type", FORM), ("Content-Type", "text/plain")]
    assert browser().post("/anmelden", content=b"a=1", headers=twice).status_code == 415
    told = {"Content-Type": "Application/X-WWW-Form-Urlencoded ; charset=utf-8"}
    assert browser().post("/anmelden", content=b"a=1", headers=told).status_code == 401


def test_every_route_of_the_description_asks_who(browser: New, somebody: New) -> None:
    one = browser()
    one.sign_in(somebody(kalletal=Role.READER))
    described = one.get("/api/v1/openapi.json").json()["paths"]
    assert len(described) > 20
    stranger = browser()
    for path, operations in described.items():
        for method in operations:
            filled = path.replace("{", "").replace("}", "")
            answer = stranger.request(method, f"/api/v1{filled}")
            open_one = path.startswith("/health/")
            assert (answer.status_code == 401) != open_one, (method, path)


@pytest.fixture
def token(db: Connection, somebody: New) -> Callable[..., str]:
    def new(*scopes: Right, **more: Any) -> str:
        owner = somebody(kalletal=Role.READER)
        told = {"now": datetime.now(UTC), "lasts": timedelta(days=1)} | more
        return tokens.create(db, owner.id, "Test", scopes or {Right.SEE_BUILDINGS}, **told)

    return new


def asked(one: Any, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return int(one.get("/api/v1/buildings", headers=headers).status_code)


def test_a_token_opens_the_api(browser: New, token: New) -> None:
    assert asked(browser(), token()) == 200


def test_a_token_that_was_touched_is_over_or_nobodys_is_refused(
    browser: New, token: New, db: Connection
) -> None:
    one, good = browser(), token()
    old = token(now=datetime.now(UTC) - timedelta(days=2))
    for bad in (good[:-1], good + "x", good.upper(), old, "geb_", "x" * 5000):
        assert asked(one, bad) == 401
    assert asked(one, good) == 200
    db.execute("UPDATE api_token SET revoked_at = now() WHERE revoked_at IS NULL")
    assert asked(one, good) == 401


def test_a_token_does_not_ride_on_a_session(browser: New, somebody: New, token: New) -> None:
    one = browser()
    one.sign_in(somebody(kalletal=Role.READER))
    assert asked(one, "geb_wrong") == 401


def test_a_token_cannot_reach_pages_of_accounts(browser: New, token: New) -> None:
    headers = {"Authorization": f"Bearer {token(Right.SEE_READINGS)}"}
    assert browser().get("/konto", headers=headers).status_code == 403


def test_who_needs_a_second_factor_can_only_set_it_up(browser: New, somebody: New) -> None:
    one, boss = browser(), somebody(kalletal=Role.FACILITY_MANAGER)
    one.sign_in(boss)
    assert one.get("/").headers["location"] == "/konto/zweiter-faktor"
    assert one.get("/api/v1/buildings").status_code == 403
    assert one.get("/konto/zweiter-faktor").status_code == 200


def test_the_policy_decides_who_needs_one(start_gate: New, browser: New, somebody: New) -> None:
    boss, reader = somebody(kalletal=Role.ADMINISTRATOR), somebody(kalletal=Role.READER)
    with start_gate(second_factor="nobody") as address:
        one = browser(address)
        one.sign_in(boss)
        assert one.get("/api/v1/buildings").status_code == 200
    with start_gate(second_factor="everybody") as address:
        one = browser(address)
        one.sign_in(reader)
        assert one.get("/api/v1/buildings").status_code == 403


def test_revoking_disabling_and_idling_end_a_session(
    browser: New, somebody: New, db: Connection
) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    now = datetime.now(UTC)
    one.sign_in(anna)
    assert sessions.revoke_all(db, anna.id, now) == 1
    assert one.get("/api/v1/buildings").status_code == 401
    one.sign_in(anna)
    accounts.disable(db, anna.id, now)
    assert one.get("/api/v1/buildings").status_code == 401
    accounts.enable(db, anna.id)
    one.sign_in(anna)
    db.execute("UPDATE session SET expires_at = now() WHERE account_id = %s", [anna.id])
    answer = one.get("/gebaeude")
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    browser: New, somebody: New, db: Connection
) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    one.sign_in(anna)
    earlier = datetime.now(UTC) - timedelta(minutes=5)
    db.execute("UPDATE session SET seen_at = %s WHERE account_id = %s", [earlier, anna.id])
    seen = "SELECT seen_at > %s FROM session WHERE account_id = %s"
    body = b'{"output":"freshness.children","outputs":{},"inputs":[],"changedPropIds":[]}'
    headers = {"Content-Type": "application/json"}
    one.post("/_dash-update-component", content=body, headers=headers)
    assert db.execute(seen, [earlier, anna.id]).fetchone() == (False,)
    one.get("/gebaeude")
    assert db.execute(seen, [earlier, anna.id]).fetchone() == (True,)


@pytest.mark.parametrize(
    "path", ["/anmelden/", "/anmelden/nosuch", "/kennwort/a/b", "/gast/", "/kennwort/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_what_is_open_is_never_the_dashboards_to_answer(
    browser: New, path: str, method: str
) -> None:
    answer = browser().request(method, path)
    assert answer.status_code in (303, 401, 404, 405, 410)
    assert "react-entry-point" not in answer.text
