"""Who gets in by an identity provider, and who they are here then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from gebaeude.access.roles import Role
from gebaeude.store import accounts
from gebaeude.store.database import Connection
from tests.identity import CLIENT
from tests.integration.signin.oidc.steps import (
    HOUSE,
    is_in,
    last_note,
    login,
    sign_in,
)

New = Callable[..., Any]


def test_somebody_signs_in_and_is_known_from_then_on(
    client: Any, browser: New, house: str, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    assert "Anmelden mit dem Konto der Stadt" in client.get("/anmelden").text
    who = login(anna.email.upper())
    answer = sign_in(client, who, "/gebaeude?kommune=kalletal")
    assert (answer.status_code, answer.headers["location"]) == (303, "/gebaeude?kommune=kalletal")
    assert is_in(client)
    assert last_note(db) == ("sign_in", f"account/{anna.email}", "oidc")
    assert "gebaeude-elsewhere" not in client.cookies
    # The subject stays hers, whatever address she has here or there.
    db.execute("UPDATE account SET email = 'neu@nordlippe.example' WHERE id = %s", [anna.id])
    later = browser(house)
    assert sign_in(later, who).status_code == 303
    assert later.get("/konto").text.count("neu@nordlippe.example")


def test_no_verified_address_no_account_no_way_in(
    client: Any, somebody: New, db: Connection
) -> None:
    anna = somebody(kalletal=Role.READER)
    before = len(accounts.listed(db))
    for who, why in (
        (login(anna.email, verified=False), "unverified address"),
        ("name=no-mail&email_verified=1", "unverified address"),
        (login("nobody@nordlippe.example"), "unknown account"),
    ):
        assert sign_in(client, who).status_code == 403
        assert last_note(db)[::2] == ("sign_in.refused", f"oidc: {why}")
        assert not is_in(client)
    assert len(accounts.listed(db)) == before
    assert not accounts.one(db, anna.id).signs_in_elsewhere


def test_a_disabled_account_stays_out(client: Any, somebody: New, db: Connection) -> None:
    anna, bernd = somebody(kalletal=Role.READER), somebody(kalletal=Role.READER)
    known = login(anna.email)
    sign_in(client, known)
    for one in (anna, bernd):
        accounts.disable(db, one.id, datetime.now(UTC))
    for who in (known, login(bernd.email)):
        assert sign_in(client, who).status_code == 403
        assert last_note(db)[2] == "oidc: disabled"
    assert not is_in(client)


def test_an_address_that_went_to_somebody_else_does_not_take_the_account_along(
    client: Any, browser: New, house: str, somebody: New
) -> None:
    anna = somebody(kalletal=Role.READER)
    assert sign_in(client, login(anna.email)).status_code == 303
    second = browser(house)
    answer = sign_in(second, login(anna.email))
    assert answer.status_code == 403
    assert "anderen Person" in answer.text
    assert not is_in(second)


def test_an_administrator_can_let_somebody_come_anew(
    client: Any, browser: New, house: str, somebody: New, db: Connection
) -> None:
    anna, boss = somebody(kalletal=Role.READER), somebody(True, kalletal=Role.ADMINISTRATOR)
    sign_in(client, login(anna.email))
    office = browser(house)
    office.sign_in(boss)
    office.fill("/anmelden/code", {"code": boss.code()})
    page = f"/benutzer/{anna.id}"
    told = office.get(office.fill(page, {"was": "anmeldedienst"}).headers["location"])
    assert "vom Anmeldedienst gelöst" in told.text
    assert last_note(db)[:2] == ("account.unbound", f"account/{anna.email}")
    assert not is_in(client)
    assert sign_in(client, login(anna.email)).status_code == 303


def test_another_provider_binds_anew(client: Any, somebody: New, db: Connection) -> None:
    anna = somebody(kalletal=Role.READER)
    accounts.bind_subject(db, anna.id, "https://before.example", "7")
    assert sign_in(client, login(anna.email)).status_code == 303


def test_a_provider_speaks_for_its_own_domains_alone(
    with_oidc: dict[str, str], start_gate: New, browser: New, somebody: New, db: Connection
) -> None:
    theirs, ours = somebody(kalletal=Role.READER), somebody(kalletal=Role.READER)
    db.execute("UPDATE account SET email = 'x@stadt.example' WHERE id = %s", [ours.id])
    with start_gate(**with_oidc, oidc_domains="kreis.example Stadt.example") as address:
        one = browser(address)
        for email in (theirs.email, "x@stadt.example@nordlippe.example", "stadt.example"):
            assert sign_in(one, login(email)).status_code == 403
        assert last_note(db)[2] == "oidc: unknown account"  # the domain alone is no address
        assert not is_in(one)
        assert sign_in(one, login("x@STADT.example")).status_code == 303


def test_our_second_factor_is_asked_for_all_the_same(
    client: Any, browser: New, house: str, somebody: New
) -> None:
    boss, chief = somebody(True, kalletal=Role.ADMINISTRATOR), somebody(kalletal=Role.ADMINISTRATOR)
    answer = sign_in(client, login(boss.email), "/auftraege")
    assert answer.headers["location"] == "/anmelden/code"
    assert not is_in(client)
    entered = client.fill("/anmelden/code", {"code": boss.code()})
    assert (entered.status_code, entered.headers["location"]) == (303, "/auftraege")
    assert is_in(client)
    without = browser(house)
    sign_in(without, login(chief.email))
    assert without.get("/").headers["location"] == "/konto/zweiter-faktor"
    assert not is_in(without)


def test_the_providers_second_factor_counts_where_the_setting_says_so(
    with_oidc: dict[str, str], start_gate: New, browser: New, somebody: New
) -> None:
    boss = somebody(True, kalletal=Role.ADMINISTRATOR)
    with start_gate(**with_oidc, oidc_second_factor="provider") as address:
        one = browser(address)
        assert sign_in(one, login(boss.email)).headers["location"] == "/"
        assert is_in(one)


def test_signing_out_ends_our_session_and_offers_the_other(client: Any, somebody: New) -> None:
    anna = somebody(kalletal=Role.READER)
    sign_in(client, login(anna.email))
    client.fill("/abmelden", {}, of="/konto")
    assert not is_in(client)
    assert 'href="/anmelden/oidc/ende"' in client.get("/anmelden?abgemeldet=1").text
    there = client.get("/anmelden/oidc/ende").headers["location"]
    asked = parse_qs(urlsplit(there).query)
    assert asked == {"client_id": [CLIENT], "post_logout_redirect_uri": [f"{HOUSE}/anmelden"]}
    assert httpx.get(there).status_code == 200
    assert "ende" not in client.get("/anmelden?abgemeldet=1").text
