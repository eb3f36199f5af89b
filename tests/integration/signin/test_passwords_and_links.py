"""Forgotten passwords, links, changing passwords, second factors, guests."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gebaeude.access import totp
from gebaeude.access.roles import Role
from gebaeude.store import accounts, links, sessions
from gebaeude.store.database import Connection
from gebaeude.store.links import Purpose

New = Callable[..., Any]
NEXT = "ein ganz anderes Kennwort"


def mails(db: Connection, to: str) -> list[str]:
    rows = db.execute("SELECT body FROM mail WHERE recipient = %s ORDER BY id", [to]).fetchall()
    return [str(body) for (body,) in rows]


def choose(one: Any, path: str, password: str = NEXT, again: str | None = None) -> Any:
    return one.post(path, data={"password": password, "again": again or password})


@pytest.fixture
def reset_link(db: Connection) -> Callable[..., str]:
    def new(account: int, purpose: Purpose = Purpose.RESET) -> str:
        return "/kennwort/" + links.create(db, purpose, datetime.now(UTC), account=account)

    return new


def test_a_forgotten_password_is_chosen_anew_by_mail(
    browser: New, somebody: New, db: Connection, eventually: New
) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    elsewhere = browser()
    elsewhere.sign_in(anna)
    known = one.post("/anmelden/vergessen", data={"email": anna.email.upper()})
    unknown = browser().post("/anmelden/vergessen", data={"email": "nobody@nordlippe.example"})
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.text.replace(anna.email.upper(), "") == unknown.text.replace(
        "nobody@nordlippe.example", ""
    )
    body = eventually(lambda: mails(db, anna.email))[0]
    path = "/" + re.findall(r"/(kennwort/\S+)", body)[0]
    assert anna.email in one.get(path).text
    assert choose(one, path).status_code == 303
    assert one.get("/api/v1/buildings").status_code == 200
    assert elsewhere.get("/api/v1/buildings").status_code == 401
    assert choose(one, path).status_code == 410
    assert browser().sign_in(anna).status_code == 401
    assert browser().sign_in(anna, NEXT).status_code == 303
    assert "Kennwort" in mails(db, anna.email)[-1]
    assert mails(db, "nobody@nordlippe.example") == []


def test_a_link_does_not_replace_the_second_factor(
    browser: New, somebody: New, reset_link: New
) -> None:
    one, boss = browser(), somebody(second=True, kalletal=Role.ADMINISTRATOR)
    answer = choose(one, reset_link(boss.id))
    assert answer.headers["location"] == "/anmelden/code"
    assert one.get("/api/v1/buildings").status_code == 401
    assert one.fill("/anmelden/code", {"code": boss.code()}).status_code == 303


@pytest.mark.parametrize(
    ("password", "again"), [("kurz", "kurz"), ("passwort1234", "passwort1234"), (NEXT, "x" * 12)]
)
def test_a_bad_password_uses_no_link_up(
    browser: New, somebody: New, reset_link: New, password: str, again: str
) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    path = reset_link(anna.id)
    assert choose(one, path, password, again).status_code == 400
    assert choose(one, path).status_code == 303


def test_a_link_that_is_over_tampered_with_or_of_a_disabled_account_is_void(
    browser: New, somebody: New, reset_link: New, db: Connection
) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    path = reset_link(anna.id)
    assert one.get(path[:-1]).status_code == 410
    accounts.disable(db, anna.id, datetime.now(UTC))
    assert one.get(path).status_code == 410
    accounts.enable(db, anna.id)
    db.execute("UPDATE one_time_link SET expires_at = now() WHERE account_id = %s", [anna.id])
    assert choose(one, path).status_code == 410


def test_only_few_mails_are_sent(
    browser: New, somebody: New, db: Connection, eventually: New
) -> None:
    anna = somebody(kalletal=Role.READER)
    for _turn in range(8):
        assert browser().post("/anmelden/vergessen", data={"email": anna.email}).status_code == 200
    eventually(lambda: len(mails(db, anna.email)) == 3)


def test_the_password_is_changed_with_the_old_one(browser: New, somebody: New) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    other = browser()
    one.sign_in(anna)
    other.sign_in(anna)
    told = {"old": "falsch", "password": NEXT, "again": NEXT}
    assert one.fill("/konto/kennwort", told, of="/konto").status_code == 403
    told["old"] = "vier Wörter im Heizungskeller"
    assert one.fill("/konto/kennwort", told | {"again": "x"}, of="/konto").status_code == 400
    assert one.fill("/konto/kennwort", told, of="/konto").status_code == 303
    assert one.get("/api/v1/buildings").status_code == 200
    assert other.get("/api/v1/buildings").status_code == 401


@pytest.mark.parametrize(
    ("password", "why"),
    [("Kalletal-Rathaus-26", "„Rathaus“"), ("Eine.Person.2026", "„Person“"),
     ("1QAZ2wsx3edc", "Tastatur"), ("SonyEricsson", "häufigsten")],
)  # fmt: skip
def test_a_password_of_names_from_here_is_refused(
    browser: New, somebody: New, reset_link: New, password: str, why: str
) -> None:
    one, anna = browser(), somebody(kalletal=Role.READER)
    refused = choose(one, reset_link(anna.id), password)
    assert refused.status_code == 400
    assert why in refused.text
    assert password not in refused.text
    one.sign_in(anna)
    told = {"old": "vier Wörter im Heizungskeller", "password": password, "again": password}
    refused = one.fill("/konto/kennwort", told, of="/konto")
    assert refused.status_code == 400
    assert why in refused.text


def offered(page: str) -> str:
    return re.findall(r'class="secret">([A-Z2-7 ]+)<', page)[0].replace(" ", "")


def test_a_second_factor_is_set_up_and_replaced(
    browser: New, somebody: New, db: Connection
) -> None:
    one, boss = browser(), somebody(kalletal=Role.ADMINISTRATOR)
    one.sign_in(boss)
    page = one.get("/konto/zweiter-faktor").text
    assert "<svg" in page
    assert "<script" not in page
    secret, before = offered(page), one.cookies["gebaeude"]
    assert one.fill("/konto/zweiter-faktor", {"code": "000000"}).status_code == 400
    code = totp.code(secret, totp.step_of(datetime.now(UTC)))
    done = one.fill("/konto/zweiter-faktor", {"code": code})
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", done.text)
    assert len(codes) == 10
    assert one.cookies["gebaeude"] != before
    assert one.get("/api/v1/buildings").status_code == 200
    assert sessions.find(db, before, datetime.now(UTC)) is None
    again = offered(one.get("/konto/zweiter-faktor").text)
    assert again != secret
    told = {"code": totp.code(again, totp.step_of(datetime.now(UTC)))}
    assert one.fill("/konto/zweiter-faktor", told | {"old": "wrong"}).status_code == 400
    assert "<code>" in one.fill("/konto/zweiter-faktor", told | {"old": codes[0]}).text
    ended = one.fill("/konto/zweiter-faktor/ende", {"old": codes[1]}, of="/konto/zweiter-faktor")
    assert ended.status_code == 403  # an administrator needs one


def test_recovery_codes_are_renewed(browser: New, somebody: New, db: Connection) -> None:
    one, anna = browser(), somebody(second=True, kalletal=Role.READER)
    one.sign_in(anna)
    one.fill("/anmelden/code", {"code": anna.codes[0]})
    path = "/konto/zweiter-faktor"
    assert one.fill(f"{path}/codes", {"old": "nope"}, of=path).status_code == 400
    shown = one.fill(f"{path}/codes", {"old": anna.codes[1]}, of=path)
    assert len(re.findall(r"<code>(\w{5}-\w{5})</code>", shown.text)) == 10
    assert one.fill(f"{path}/ende", {"old": anna.codes[2]}, of=path).status_code == 400
    assert one.fill(f"{path}/ende", {"old": anna.code()}, of=path).status_code == 303
    assert accounts.recovery_codes_left(db, anna.id) == 0


def test_a_guest_asks_once_and_sees_until_the_link_ends(browser: New, db: Connection) -> None:
    now = datetime.now(UTC)
    secret = links.create_guest(db, "barntrup-rathaus", timedelta(days=1), now, None)
    one = browser()
    assert one.get(f"/gast/{secret}").status_code == 200
    assert "gebaeude" not in one.cookies
    answer = one.post(f"/gast/{secret}")
    assert answer.headers["location"] == "/gebaeude/barntrup-rathaus"
    assert one.get("/gebaeude/barntrup-rathaus").status_code == 200
    assert one.get("/konto").status_code == 200
    assert one.fill("/konto/name", {"name": "X"}, of="/konto").status_code == 403
    assert one.get("/benutzer").status_code == 403
    db.execute("UPDATE one_time_link SET expires_at = now() WHERE purpose = 'guest'")
    assert one.get("/api/v1/buildings").status_code == 401
    assert browser().post(f"/gast/{secret}").status_code == 410
