"""The owner of an account is told of sign-ins from somewhere new, and of what lets people in."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from gebaeude.access import totp
from gebaeude.access.roles import Role
from gebaeude.config import Settings, settings
from gebaeude.store.database import Connection
from gebaeude.worker.mails import send_waiting

New = Callable[..., Any]
ABOUT = "Neue Anmeldung an Ihrem Konto"
FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Firefox/145.0"}
LATER = "UPDATE account SET created_at = created_at - interval '1 year' WHERE id = %s"


def told(db: Connection, who: Any, about: str = ABOUT) -> list[str]:
    rows = db.execute(
        "SELECT body FROM mail WHERE recipient = %s AND subject = %s ORDER BY id",
        [who.email, about],
    )
    return [str(body) for (body,) in rows]


def test_a_sign_in_from_somewhere_new_is_told_once(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    at_home = browser(origin="203.0.113.4")
    at_home.sign_in(anna)
    assert told(db, anna) == []  # nobody's first place is new
    at_home.sign_in(anna)
    browser(origin="203.0.113.77").sign_in(anna)  # the same kind of browser in the same network
    assert told(db, anna) == []
    at_home.headers["X-Forwarded-For"] = "192.0.2.9"  # the same browser on the road
    at_home.sign_in(anna)
    assert told(db, anna) == []
    for _time in range(2):
        elsewhere = browser(origin="192.0.2.200")
        elsewhere.headers.update(FIREFOX)
        assert elsewhere.sign_in(anna, "falsch").status_code == 401
        assert elsewhere.sign_in(anna).status_code == 303
    [body] = told(db, anna)
    assert "Firefox, Windows" in body
    assert f"{datetime.now(UTC):%m.%Y}" in body
    assert re.search(r"192\.0\.2|https?:|/kennwort", body) is None


def test_who_was_away_for_long_is_told_as_well(browser: New, somebody: New, db: Connection) -> None:
    anna = somebody(kalletal=Role.READER)
    db.execute(LATER, [anna.id])
    browser().sign_in(anna)
    assert len(told(db, anna)) == 1


def test_the_second_factor_comes_first(browser: New, somebody: New, db: Connection) -> None:
    boss = somebody(True, kalletal=Role.ADMINISTRATOR)
    db.execute(LATER, [boss.id])
    one = browser()
    one.sign_in(boss)
    assert told(db, boss) == []
    assert one.fill("/anmelden/code", {"code": boss.code()}).status_code == 303
    assert len(told(db, boss)) == 1


def test_a_hundred_places_at_once_are_three_mails(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    db.execute(LATER, [anna.id])
    places = [browser(origin=f"100.64.{n}.1") for n in range(20)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda one: one.sign_in(anna).status_code, places))
    assert answers.count(303) >= 10
    bodies = told(db, anna)
    assert ["in den nächsten 24 Stunden nicht mehr" in body for body in bodies] == [
        False, False, True,
    ]  # fmt: skip
    db.execute(
        "UPDATE session SET created_at = created_at - interval '25 h' WHERE account_id = %s",
        [anna.id],
    )
    browser(origin="100.65.0.1").sign_in(anna)
    assert len(told(db, anna)) == 4


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_arrives(
    browser: New, somebody: New, db: Connection, mail_server: Any, language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    anna = somebody(kalletal=Role.READER)
    db.execute(LATER, [anna.id])
    db.execute("UPDATE mail SET sent_at = now() WHERE sent_at IS NULL")  # of other tests
    monkeypatch.setenv("GEBAEUDE_LANGUAGE", language)
    settings.cache_clear()
    try:
        browser().sign_in(anna)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    mail_server.start()
    send_waiting(db, Settings(smtp_url=mail_server.url), datetime.now(UTC), threading.Event())
    [letter] = [mail for mail in mail_server.mails() if mail["To"] == anna.email]
    assert letter["Subject"] == {"de": ABOUT, "en": "New sign-in to your account"}[language]
    expected = {"de": "unbekannter Browser", "en": "unknown browser"}[language]
    assert expected in letter.get_content()


def test_what_lets_somebody_in_is_told_when_it_changes(
    browser: New, somebody: New, db: Connection
) -> None:
    one, anna = browser(), somebody(kalletal=Role.TECHNICIAN)
    one.sign_in(anna)
    password = {"old": "vier Wörter im Heizungskeller", "password": "Lampe grün Esel Tee"}
    one.fill("/konto/kennwort", password | {"again": password["password"]}, of="/konto")
    secret = re.findall(r'class="secret">([A-Z2-7 ]+)<', one.get("/konto/zweiter-faktor").text)[0]
    code = totp.code(secret.replace(" ", ""), totp.step_of(datetime.now(UTC)))
    page = one.fill("/konto/zweiter-faktor", {"code": code}).text
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", page)
    path = "/konto/zweiter-faktor"
    fresh = one.fill(f"{path}/codes", {"old": codes[0]}, of=path).text
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", fresh)
    key = {"name": "Excel", "recht": "see_buildings", "tage": "7"}
    assert one.fill("/konto/schluessel", key, of="/konto").status_code == 200
    assert one.fill(f"{path}/ende", {"old": codes[0]}, of=path).status_code == 303
    said = ["Kennwort Ihres Kontos ist neu", "neuen zweiten Faktor", "neue Notfallcodes",
            "neuen Schlüssel", "keinen zweiten Faktor"]  # fmt: skip
    bodies = told(db, anna, "Änderung an Ihrem Konto")
    assert [words in body for words, body in zip(said, bodies, strict=True)] == [True] * 5
