"""What happens at the door stands in the audit, without anything secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gebaeude.access.roles import Role
from gebaeude.signin.throttle import of_person
from gebaeude.store import attempts
from gebaeude.store.database import Connection

New = Callable[..., Any]


def entries(db: Connection, email: str) -> list[tuple[str, int | None, str | None]]:
    """(action, account that did it, where from) of what was noted at an account, oldest first."""
    return db.execute(
        "SELECT action, account_id, origin FROM audit WHERE subject = %s AND action LIKE '%%.%%'"
        " OR subject = %s AND action LIKE 'sign%%' ORDER BY id",
        [f"account/{email}", f"account/{email}"],
    ).fetchall()


def test_signing_in_and_out_and_failing_leave_traces(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    one = browser(origin="203.0.113.77")
    one.sign_in(anna, "ein falsches Kennwort")
    one.sign_in(anna)
    one.fill("/abmelden", {}, of="/konto")
    assert entries(db, anna.email) == [
        ("sign_in.failed", None, "203.0.113.77"),
        ("sign_in", anna.id, "203.0.113.77"),
        ("sign_out", anna.id, "203.0.113.77"),
    ]


def test_a_thousand_refusals_are_one_line(browser: New, somebody: New, db: Connection) -> None:
    anna = somebody(kalletal=Role.READER)
    kind, key = of_person("password", anna.email, "", None).keys[0]
    for _n in range(20):
        attempts.note(db, kind, key, datetime.now(UTC))
    one = browser()
    for n in range(10):
        assert one.sign_in(anna, f"wort {n}").status_code == 429
    assert [action for action, *_rest in entries(db, anna.email)] == ["sign_in.refused"]


def test_what_was_typed_or_made_stands_nowhere(browser: New, somebody: New, db: Connection) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    one.post("/anmelden", data={"email": "mein geheimes Kennwort", "password": "x"})
    one.sign_in(anna, "noch ein Geheimnis")
    one.sign_in(anna)
    told = {"name": "Excel", "tage": "30", "recht": "see_buildings"}
    page = one.fill("/konto/schluessel", told, of="/konto").text
    token = page.split('id="token">')[1].split("<")[0]
    kept = db.execute("SELECT string_agg(a::text, ' ') FROM audit a").fetchone()
    assert kept is not None
    for secret in ("mein geheimes Kennwort", "noch ein Geheimnis", token, one.cookies["gebaeude"]):
        assert secret not in kept[0]


def test_a_refused_token_leaves_a_trace(browser: New, db: Connection) -> None:
    headers = {"Authorization": "Bearer geb_tampered"}
    assert browser(origin="203.0.113.78").get("/api/v1/points", headers=headers).status_code == 401
    found = db.execute("SELECT action FROM audit WHERE origin = '203.0.113.78'").fetchall()
    assert found == [("token.refused",)]
