"""One's own account, and those of others as administrators see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gebaeude.access.roles import Role
from gebaeude.store import accounts
from gebaeude.store.database import Connection

New = Callable[..., Any]


@pytest.fixture
def signed(browser: New, somebody: New) -> New:
    """Somebody with these roles, signed in: (browser, somebody)."""

    def new(**roles: Role) -> tuple[Any, Any]:
        one, who = browser(), somebody(second=True, **roles)
        one.sign_in(who)
        one.fill("/anmelden/code", {"code": who.codes[0]})
        return one, who

    return new


@pytest.fixture
def keeper(somebody: New) -> Any:
    """Administers Barntrup too, so that others there can be changed."""
    return somebody(barntrup=Role.ADMINISTRATOR, kalletal=Role.ADMINISTRATOR)


def test_the_name_is_changed_and_shown_as_text(signed: New, db: Connection) -> None:
    one, anna = signed(kalletal=Role.READER)
    name = "<script>alert(1)</script>'; DROP TABLE account; --"
    assert one.fill("/konto/name", {"name": name}, of="/konto").status_code == 303
    page = one.get("/konto").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert accounts.one(db, anna.id).name == name
    assert one.fill("/konto/name", {"name": ""}, of="/konto").status_code == 409


@pytest.mark.parametrize("path", ["/konto/name", "/konto/kennwort", "/konto/sitzungen",
                                  "/konto/schluessel", "/konto/schluessel/ende", "/abmelden",
                                  "/konto/zweiter-faktor", "/konto/zweiter-faktor/codes",
                                  "/konto/zweiter-faktor/ende", "/benutzer", "/benutzer/gast",
                                  "/benutzer/gast/ende"])  # fmt: skip
def test_a_form_without_this_sessions_token_changes_nothing(signed: New, path: str) -> None:
    one, _who = signed(kalletal=Role.ADMINISTRATOR)
    other, _other = signed(kalletal=Role.ADMINISTRATOR)
    foreign = re.findall(r'name="form" value="([^"]+)"', other.get("/konto").text)[0]
    for token in ("", "x", foreign):
        assert one.post(path, data={"form": token, "name": "x"}).status_code == 403
    assert one.get("/api/v1/buildings").status_code == 200


def test_sessions_are_listed_and_ended(signed: New, browser: New) -> None:
    one, anna = signed(kalletal=Role.READER)
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    other = browser()
    other.headers["User-Agent"] = agent
    other.sign_in(anna)
    other.fill("/anmelden/code", {"code": anna.codes[1]})
    page = one.get("/konto").text
    assert "Firefox, Windows" in page
    number = re.findall(r'name="sitzung" value="(\d+)"', page)[0]
    stranger, _who = signed(kalletal=Role.READER)
    stranger.fill("/konto/sitzungen", {"sitzung": number}, of="/konto")
    assert other.get("/api/v1/buildings").status_code == 200
    one.fill("/konto/sitzungen", {"sitzung": number}, of="/konto")
    assert other.get("/api/v1/buildings").status_code == 401
    assert one.get("/api/v1/buildings").status_code == 200


def test_a_key_is_made_shown_once_used_and_ended(signed: New, browser: New) -> None:
    one, _anna = signed(kalletal=Role.READER)
    told = {"name": "Excel", "tage": "30", "recht": "see_buildings"}
    page = one.fill("/konto/schluessel", told, of="/konto").text
    token = re.findall(r'id="token">(geb_[\w-]+)<', page)[0]
    assert token not in one.get("/konto").text
    assert "Excel" in one.get("/konto").text
    headers = {"Authorization": f"Bearer {token}"}
    program = browser()
    assert program.get("/api/v1/buildings", headers=headers).status_code == 200
    number = re.findall(r'name="schluessel" value="(\d+)"', one.get("/konto").text)[0]
    one.fill("/konto/schluessel/ende", {"schluessel": number}, of="/konto")
    assert program.get("/api/v1/buildings", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "told",
    [{"tage": "9999", "recht": "see_buildings"}, {"tage": "30"}, {"tage": "x"},
     {"tage": "30", "recht": "manage_accounts"}, {"tage": "30", "recht": "see_audit"},
     {"tage": "30", "recht": "see_buildings", "kommune": "999"}],
)  # fmt: skip
def test_nobody_makes_a_key_for_more_than_they_may(signed: New, told: dict[str, str]) -> None:
    one, _anna = signed(kalletal=Role.READER)
    answer = one.fill("/konto/schluessel", {"name": "x"} | told, of="/konto")
    assert answer.status_code == 400
    assert "geb_" not in answer.text


def test_only_administrators_see_others(signed: New, somebody: New) -> None:
    other = somebody(kalletal=Role.READER)
    for role in (Role.FACILITY_MANAGER, Role.TECHNICIAN, Role.TREASURER, Role.READER):
        one, _who = signed(kalletal=role)
        for path in ("/benutzer", f"/benutzer/{other.id}"):
            assert one.get(path).status_code == 403


def test_an_administrator_invites_and_gives_roles(signed: New, db: Connection, keeper: Any) -> None:
    one, _boss = signed(barntrup=Role.ADMINISTRATOR)
    told = {"email": "neu@barntrup.example", "name": "Neue", "kommune": "barntrup"}
    told["rolle"] = "technician"
    assert one.fill("/benutzer", told).status_code == 303
    account = accounts.by_email(db, "neu@barntrup.example")
    assert account.roles == {Role.TECHNICIAN}
    body = db.execute("SELECT body FROM mail WHERE recipient = %s", [account.email]).fetchone()
    assert body is not None
    assert "/kennwort/" in body[0]
    assert "eingeladen" in one.get("/benutzer").text
    assert one.fill("/benutzer", told).status_code == 409
    page = f"/benutzer/{account.id}"
    change = {"kommune": "barntrup", "rolle": "treasurer"}
    assert one.fill(f"{page}/rolle", change, of=page).status_code == 303
    assert accounts.one(db, account.id).roles == {Role.TREASURER}


@pytest.mark.parametrize(
    ("kommune", "rolle"),
    [("kalletal", "administrator"), ("barntrup", "guest"), ("barntrup", "king"), ("", "reader")],
)
def test_nobody_gives_roles_elsewhere_or_such_as_are_none(
    signed: New, somebody: New, db: Connection, keeper: Any, kommune: str, rolle: str
) -> None:
    one, boss = signed(barntrup=Role.ADMINISTRATOR)
    other = somebody(barntrup=Role.READER)
    told = {"kommune": kommune, "rolle": rolle, "email": "x@y.example", "name": "X"}
    for who in (other, boss):
        page = f"/benutzer/{who.id}"
        assert one.fill(f"{page}/rolle", told, of=page).status_code == 400
    assert one.fill("/benutzer", told).status_code == 400
    assert accounts.one(db, other.id).roles == {Role.READER}


def test_accounts_of_other_municipalities_are_not_there(signed: New, somebody: New) -> None:
    one, _boss = signed(barntrup=Role.ADMINISTRATOR)
    foreign = somebody(kalletal=Role.READER)
    assert foreign.email not in one.get("/benutzer").text
    for number in (foreign.id, 999_999, 2**40):
        page = f"/benutzer/{number}"
        assert one.get(page).status_code == 404
        assert one.fill(page, {"was": "gesperrt"}, of="/benutzer").status_code == 404


def test_a_shared_account_is_not_one_administrators_alone(
    signed: New, somebody: New, db: Connection, keeper: Any
) -> None:
    one, _boss = signed(barntrup=Role.ADMINISTRATOR)
    shared = somebody(barntrup=Role.TECHNICIAN, kalletal=Role.TECHNICIAN)
    page = f"/benutzer/{shared.id}"
    for action in ("gesperrt", "faktor", "mail", "abgemeldet"):
        assert one.fill(page, {"was": action}, of=page).status_code == 403
    assert accounts.one(db, shared.id).disabled_at is None


def test_an_account_is_disabled_signed_out_and_opened(
    signed: New, somebody: New, browser: New, db: Connection, keeper: Any
) -> None:
    one, boss = signed(barntrup=Role.ADMINISTRATOR)
    other, their = somebody(barntrup=Role.READER), browser()
    their.sign_in(other)
    page = f"/benutzer/{other.id}"
    assert one.fill(page, {"was": "gesperrt"}, of=page).status_code == 303
    assert their.get("/api/v1/buildings").status_code == 401
    assert one.fill(page, {"was": "offen"}, of=page).status_code == 303
    assert their.sign_in(other).status_code == 303
    assert one.fill(page, {"was": "abgemeldet"}, of=page).status_code == 303
    assert their.get("/api/v1/buildings").status_code == 401
    assert one.fill(page, {"was": "nosuch"}, of=page).status_code == 400
    own = f"/benutzer/{boss.id}"
    assert one.fill(own, {"was": "gesperrt"}, of=own).status_code == 400


def test_a_lost_phone_is_helped_with(
    signed: New, somebody: New, db: Connection, keeper: Any
) -> None:
    one, _boss = signed(barntrup=Role.ADMINISTRATOR)
    other = somebody(second=True, barntrup=Role.FACILITY_MANAGER)
    page = f"/benutzer/{other.id}"
    assert one.fill(page, {"was": "faktor"}, of=page).status_code == 303
    assert not accounts.one(db, other.id).has_second_factor


def test_somebody_always_administers(signed: New, db: Connection) -> None:
    db.execute("DELETE FROM account_role WHERE role = 'administrator'")
    one, boss = signed(extertal=Role.ADMINISTRATOR)
    page = f"/benutzer/{boss.id}"
    told = {"kommune": "extertal", "rolle": "keine"}
    answer = one.fill(f"{page}/rolle", told, of=page)
    assert answer.status_code == 409
    assert "Extertal" in answer.text
    assert accounts.one(db, boss.id).roles == {Role.ADMINISTRATOR}


def test_guest_links_are_made_for_ones_own_buildings(
    signed: New, browser: New, keeper: Any
) -> None:
    one, _boss = signed(barntrup=Role.ADMINISTRATOR)
    told = {"gebaeude": "barntrup-rathaus", "tage": "7"}
    page = one.fill("/benutzer/gast", told, of="/benutzer").text
    path = "/" + re.findall(r'id="link">http[^<]*/(gast/[\w-]+)<', page)[0]
    guest = browser()
    assert guest.post(path).status_code == 303
    foreign = {"gebaeude": "kalletal-rathaus", "tage": "7"}
    assert one.fill("/benutzer/gast", foreign, of="/benutzer").status_code == 403
    assert one.fill("/benutzer/gast", told | {"tage": "999"}, of="/benutzer").status_code == 400
    number = re.findall(r'name="gast" value="(\d+)"', one.get("/benutzer").text)[0]
    one.fill("/benutzer/gast/ende", {"gast": number}, of="/benutzer")
    assert guest.get("/api/v1/buildings").status_code == 401


def test_the_demo_page_is_there_in_a_demo_alone(
    browser: New, start_gate: New, db: Connection
) -> None:
    assert (
        browser().get("/anmelden/demo").headers["location"] == "/anmelden?weiter=%2Fanmelden%2Fdemo"
    )
    assert browser().post("/anmelden/demo", data={"rolle": "kaemmerer"}).status_code == 401
    account = accounts.add(db, "kaemmerer@demo.invalid", "Jens", datetime.now(UTC))
    accounts.give_role(db, account, "barntrup", Role.TREASURER)
    with start_gate(demo=True) as address:
        one = browser(address)
        page = one.get("/anmelden/demo").text
        assert "Demo" in page
        assert "Als Hausmeisterin ansehen" in page
        assert one.post("/anmelden/demo", data={"rolle": "nosuch"}).status_code == 400
        assert one.post("/anmelden/demo", data={"rolle": "kaemmerer"}).status_code == 303
        assert one.get("/api/v1/buildings").status_code == 200
        cookie = one.cookies["gebaeude"]
    later = browser()
    later.cookies.set("gebaeude", cookie, domain="127.0.0.1", path="/")
    assert later.get("/api/v1/buildings").status_code == 401  # outside of a demo it is nothing
