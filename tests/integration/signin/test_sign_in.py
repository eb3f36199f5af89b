"""Signing in and out against a real server: passwords, second factors, cookies, limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gebaeude.access.delays import WITHIN
from gebaeude.access.roles import Role
from gebaeude.signin.throttle import Counter, of_person
from gebaeude.store import attempts, sessions
from gebaeude.store.database import Connection

New = Callable[..., Any]


def test_a_reader_signs_in_and_out(browser: New, somebody: New) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    answer = one.sign_in(anna, weiter="/gebaeude?kommune=kalletal")
    assert (answer.status_code, answer.headers["location"]) == (303, "/gebaeude?kommune=kalletal")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "gebaeude=" in one)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert one.get("/api/v1/buildings").status_code == 200
    assert one.get("/").status_code == 200
    out = one.fill("/abmelden", {}, of="/konto")
    assert (out.status_code, one.cookies.get("gebaeude")) == (303, None)
    assert one.get("/api/v1/buildings").status_code == 401


def test_a_technician_begins_with_the_tickets(browser: New, somebody: New) -> None:
    both = {"kalletal": Role.TECHNICIAN, "extertal": Role.FACILITY_MANAGER}
    for roles, wanted, shown in (
        ({"kalletal": Role.TECHNICIAN}, "/", "/auftraege"),
        ({"kalletal": Role.TECHNICIAN}, "/gebaeude", "/gebaeude"),
        (both, "/", "/"),
    ):
        answer = browser().sign_in(somebody(**roles), weiter=wanted)
        assert (answer.status_code, answer.headers["location"]) == (303, shown)


def test_a_cookie_kept_after_signing_out_is_worthless(browser: New, somebody: New) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    one.sign_in(anna)
    stolen = one.cookies["gebaeude"]
    one.fill("/abmelden", {}, of="/konto")
    thief = browser()
    thief.cookies.set("gebaeude", stolen, domain="127.0.0.1", path="/")
    assert thief.get("/api/v1/buildings").status_code == 401


def test_each_sign_in_is_a_new_session(browser: New, somebody: New, db: Connection) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    one.cookies.set("gebaeude", "planted", domain="127.0.0.1", path="/")
    one.sign_in(anna)
    first = one.cookies["gebaeude"]
    assert first != "planted"
    one.sign_in(anna)
    assert one.cookies["gebaeude"] != first
    assert sessions.find(db, first, datetime.now(UTC)) is None


@pytest.mark.parametrize(
    "weiter",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb",
     "/anmelden", "/anmelden/demo"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(browser: New, somebody: New, weiter: str) -> None:
    answer = browser().sign_in(somebody(kalletal=Role.READER), weiter=weiter)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_an_unknown_address_is_answered_like_a_wrong_password(browser: New, somebody: New) -> None:
    anna, nobody = somebody(kalletal=Role.READER), somebody()
    nobody.email = "nobody@nordlippe.example"
    answers = [browser().sign_in(who, "falsch falsch falsch") for who in (anna, nobody)]
    assert [one.status_code for one in answers] == [401, 401]
    shown = [
        one.text.replace(who.email, "") for one, who in zip(answers, (anna, nobody), strict=True)
    ]
    assert shown[0] == shown[1]


def test_a_disabled_account_is_refused_like_a_wrong_password(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    db.execute("UPDATE account SET disabled_at = now() WHERE id = %s", [anna.id])
    assert browser().sign_in(anna).status_code == 401


def test_the_second_factor_is_asked_for_and_counts_once(browser: New, somebody: New) -> None:
    one, boss = browser(), somebody(second=True, kalletal=Role.ADMINISTRATOR)
    answer = one.sign_in(boss, weiter="/auftraege")
    assert answer.headers["location"] == "/anmelden/code"
    assert one.get("/api/v1/buildings").status_code == 401
    assert one.fill("/anmelden/code", {"code": "000000"}).status_code == 401
    code = boss.code()
    entered = one.fill("/anmelden/code", {"code": code})
    assert (entered.status_code, entered.headers["location"]) == (303, "/auftraege")
    assert one.get("/api/v1/buildings").status_code == 200
    other = browser()
    other.sign_in(boss)
    assert other.fill("/anmelden/code", {"code": code}).status_code == 401
    assert other.fill("/anmelden/code", {"code": boss.code(1)}).status_code == 303


def test_a_recovery_code_counts_once(browser: New, somebody: New) -> None:
    boss = somebody(second=True, kalletal=Role.ADMINISTRATOR)
    statuses = []
    for _turn in range(2):
        one = browser()
        one.sign_in(boss)
        statuses.append(one.fill("/anmelden/code", {"code": boss.codes[0].upper()}).status_code)
    assert statuses == [303, 401]


def test_the_step_between_needs_its_own_cookie(browser: New, somebody: New) -> None:
    boss = somebody(second=True, kalletal=Role.ADMINISTRATOR)
    one = browser()
    one.sign_in(boss)
    answer = browser().post("/anmelden/code", data={"code": boss.code(), "form": "x"})
    assert answer.status_code == 403
    without_token = one.post("/anmelden/code", data={"code": boss.code()})
    assert without_token.status_code == 403


def tried(db: Connection, counter: Counter, times: int = 20) -> None:
    """As if somebody had just been wrong that often."""
    for kind, key in counter.keys[:1]:
        for _n in range(times):
            attempts.note(db, kind, key, datetime.now(UTC))


def test_wrong_passwords_wait_but_a_known_browser_and_a_session_go_on(
    browser: New, somebody: New, db: Connection
) -> None:
    home, anna = browser(), somebody(kalletal=Role.READER)
    home.sign_in(anna)
    attacker = browser()
    statuses = {attacker.sign_in(anna, f"geraten {n} geraten").status_code for n in range(4)}
    assert statuses == {401}
    tried(db, of_person("password", anna.email, "", None))
    refused = attacker.sign_in(anna)
    assert refused.status_code == 429  # even the right one
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert home.get("/api/v1/buildings").status_code == 200
    assert home.sign_in(anna).status_code == 303
    assert browser().sign_in(somebody(kalletal=Role.READER)).status_code == 303


def test_wrong_codes_wait_too(browser: New, somebody: New, db: Connection) -> None:
    one, boss = browser(), somebody(second=True, kalletal=Role.ADMINISTRATOR)
    one.sign_in(boss)
    tried(db, of_person("code", str(boss.id), "", None))
    assert one.fill("/anmelden/code", {"code": boss.code()}).status_code == 429


def test_a_thousand_wrong_passwords_at_once_are_few_guesses(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    statuses: list[int] = []

    def guess(client: Any) -> None:
        statuses.extend(client.sign_in(anna, f"wort {n}").status_code for n in range(100))

    guessers = [threading.Thread(target=guess, args=(browser(),)) for _n in range(10)]
    for one in guessers:
        one.start()
    for one in guessers:
        one.join()
    assert len(statuses) == 1000
    assert set(statuses) == {401, 429}
    assert statuses.count(401) < 20
    # Afterwards the owner gets in, by waiting or by a link; the account is as it was.
    kept = db.execute("SELECT disabled_at FROM account WHERE id = %s", [anna.id]).fetchone()
    assert kept == (None,)
    db.execute("UPDATE attempt SET at = at - %s", [WITHIN + timedelta(seconds=1)])
    assert browser().sign_in(anna).status_code == 303


def test_one_origin_cannot_try_many_accounts(browser: New, somebody: New, db: Connection) -> None:
    tried(db, Counter((("password_origin", "203.0.113.9"),)), times=40)
    anna = somebody(kalletal=Role.READER)
    assert browser(origin="203.0.113.9").sign_in(anna).status_code == 429
    assert browser().sign_in(anna).status_code == 303


def test_a_form_from_another_site_is_refused(browser: New, somebody: New) -> None:
    anna = somebody(kalletal=Role.READER)
    told = {"email": anna.email, "password": "x"}
    answer = browser().post("/anmelden", data=told, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"email=" + b"x" * 70_000, b"a=1&" * 500, b"email=%00&password=%00"]
)
def test_a_form_that_is_none_is_refused(browser: New, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser().post("/anmelden", content=body, headers=headers).status_code in (400, 401)


def test_pages_cannot_be_framed_cached_or_scripted(browser: New) -> None:
    answer = browser().get("/anmelden")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in answer.text


def test_with_https_cookies_are_bound_to_host_and_line(
    start_gate: New, somebody: New, browser: New
) -> None:
    anna = somebody(kalletal=Role.READER)
    with start_gate(public_url="https://haus.example") as address:
        answer = browser(address).sign_in(anna)
        health = browser(address).get("/api/v1/health/live")
    set_cookies = answer.headers.get_list("set-cookie")
    assert len(set_cookies) == 2
    assert all(one.startswith("__Host-gebaeude") and "Secure" in one for one in set_cookies)
    assert all("Path=/" in one and "Domain" not in one for one in set_cookies)
    assert health.headers["strict-transport-security"].startswith("max-age=")
