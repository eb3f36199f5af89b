"""Signing in at a real identity provider, and everything that must not get in by it."""

from __future__ import annotations

import json
import re
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest

from gebaeude.access.roles import Role
from gebaeude.signin import provider as asking
from gebaeude.signin.provider import Away, Provider
from gebaeude.store import accounts, attempts
from gebaeude.store.database import Connection
from tests.identity import CLIENT, SECRET, Relay, identity_provider, relay

New = Callable[..., Any]
HOUSE = "http://localhost:8050"  # where people reach us, as the provider knows it
_number = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[Relay]:
    """The provider, behind a relay whose address it has."""
    with relay() as server, identity_provider(server.address, HOUSE) as port:
        server.port = port
        yield server


@pytest.fixture
def there(running: Relay) -> Relay:
    running.behave()
    return running


@pytest.fixture(scope="module")
def with_oidc(running: Relay) -> dict[str, str]:
    return {
        "oidc_issuer": running.address,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "public_url": HOUSE,
    }


@pytest.fixture(scope="module")
def house(with_oidc: dict[str, str], start_gate: New) -> Iterator[str]:
    """A web process that knows the provider."""
    with start_gate(**with_oidc, oidc_name="Anmelden mit dem Konto der Stadt") as address:
        yield address


@pytest.fixture
def client(browser: New, house: str, there: Relay) -> Any:
    return browser(house)


def login(email: str, verified: bool = True) -> str:
    """What somebody types at the provider; each is another subject."""
    said = {"name": f"subject-{next(_number)}", "email": email, "email_verified": int(verified)}
    return urlencode(said)


def start(one: Any, weiter: str = "/") -> str:
    """Where we send people."""
    answer = one.get("/anmelden/oidc", params={"weiter": weiter})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def at_provider(address: str, who: str) -> str:
    """Signs in there as a browser does, and returns where people are sent then."""
    with httpx.Client(timeout=20) as other:
        for _step in range(10):
            answer = other.get(address)
            if answer.status_code == 200:
                action = re.search(r'action="([^"]+)"', answer.text)
                assert action
                form = {"prompt": "login", "login": who, "password": "x"}
                answer = other.post(urljoin(address, action[1]), data=form)
            assert answer.is_redirect, answer.text
            address = urljoin(address, answer.headers["location"])
            if address.startswith(HOUSE):
                return address
    raise AssertionError(f"never sent back, but to {address}")


def back(one: Any, address: str) -> Any:
    """Comes back to us."""
    return one.get(address.removeprefix(HOUSE))


def sign_in(one: Any, who: str, weiter: str = "/") -> Any:
    return back(one, at_provider(start(one, weiter), who))


def altered(address: str, **parameters: str) -> str:
    """The address with other parameters."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return address.partition("?")[0] + "?" + urlencode(asked | parameters)


def is_in(one: Any) -> bool:
    return bool(one.get("/api/v1/buildings").status_code == 200)


def last_note(db: Connection) -> tuple[Any, ...]:
    row = db.execute(
        "SELECT action, subject, after->>'how' FROM audit WHERE action !~ '^(insert|update|delete)'"
        " ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert row
    return tuple(row)


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


def test_new_keys_and_an_address_that_must_be_asked_for(
    client: Any, there: Relay, somebody: New
) -> None:
    anna, bernd = somebody(kalletal=Role.READER), somebody(kalletal=Role.READER)
    assert sign_in(client, login(anna.email)).status_code == 303
    old = there.port
    try:
        with identity_provider(there.address, HOUSE, "userinfo") as there.port:
            there.asked.clear()
            answer = sign_in(client, login(bernd.email))
    finally:
        there.port = old
    assert answer.headers["location"] == "/"
    assert there.asked[-3:] == ["/token", "/jwks", "/me"]  # addresses are known


def test_addresses_and_keys_are_asked_for_once(client: Any, there: Relay, somebody: New) -> None:
    anna = somebody(kalletal=Role.READER)
    who = login(anna.email)
    sign_in(client, who)
    there.asked.clear()
    sign_in(client, who)
    ours = [path for path in there.asked if not path.startswith(("/auth", "/interaction"))]
    assert ours == ["/token"]


@pytest.mark.parametrize("change", [{"state": "x"}, {"state": ""}])
def test_an_answer_to_nobodys_question_is_refused(
    client: Any, somebody: New, db: Connection, change: dict[str, str]
) -> None:
    anna = somebody(kalletal=Role.READER)
    address = at_provider(start(client), login(anna.email))
    assert back(client, altered(address, **change)).status_code == 400
    assert not is_in(client)
    assert last_note(db) == ("sign_in.refused", "account", "oidc: no such step")


def test_an_answer_to_somebody_else_is_refused(
    client: Any, browser: New, house: str, somebody: New
) -> None:
    address = at_provider(start(client), login(somebody(kalletal=Role.READER).email))
    victim = browser(house)
    start(victim)
    for other in (victim, browser(house)):
        assert back(other, address).status_code == 400
        assert not is_in(other)


def test_an_answer_counts_once(client: Any, browser: New, house: str, somebody: New) -> None:
    there = start(client)
    cookie = client.cookies["gebaeude-elsewhere"]
    address = at_provider(there, login(somebody(kalletal=Role.READER).email))
    assert back(client, address).status_code == 303
    assert back(client, address).status_code == 400
    thief = browser(house)
    thief.cookies.set("gebaeude-elsewhere", cookie, domain="127.0.0.1", path="/")
    answer = back(thief, address)  # with everything the browser had: the provider says no
    assert answer.status_code == 401
    assert "nicht prüfen" in answer.text
    assert not is_in(thief)


def test_an_old_answer_is_refused(client: Any) -> None:
    there = start(client)
    secret, begun, onward = client.cookies["gebaeude-elsewhere"].split(".", 2)
    planted = f"{secret}.{int(begun) + 60}.{onward}"  # what we gave, with another time
    client.cookies.clear()
    client.cookies.set("gebaeude-elsewhere", planted, domain="127.0.0.1", path="/")
    assert back(client, at_provider(there, login("x@nordlippe.example"))).status_code == 400


@pytest.mark.parametrize("change", [{"nonce": "another"}, {"code_challenge": "A" * 43}])
def test_a_token_or_code_of_another_sign_in_is_refused(
    client: Any, somebody: New, db: Connection, change: dict[str, str]
) -> None:
    who = login(somebody(kalletal=Role.READER).email)
    answer = back(client, at_provider(altered(start(client), **change), who))
    assert answer.status_code == 401
    assert not is_in(client)
    assert last_note(db)[2] == "oidc: unproven"


def test_an_answer_of_another_issuer_is_refused(client: Any, somebody: New) -> None:
    address = at_provider(start(client), login(somebody(kalletal=Role.READER).email))
    assert back(client, altered(address, iss="https://evil.example")).status_code == 401
    assert not is_in(client)


def _with_token(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    def changed(body: bytes) -> bytes:
        told = json.loads(body)
        parts = change([part.encode() for part in told["id_token"].split(".")])
        return json.dumps(told | {"id_token": b".".join(parts).decode()}).encode()

    return changed


def _with_mail(email: str) -> Callable[[list[bytes]], list[bytes]]:
    def changed(parts: list[bytes]) -> list[bytes]:
        said = json.loads(urlsafe_b64decode(parts[1] + b"=="))
        return [parts[0], _packed(said | {"email": email}), parts[2]]

    return changed


def _packed(said: Any) -> bytes:
    return urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=")


def test_a_token_that_was_tampered_with_is_refused(
    client: Any, there: Relay, somebody: New
) -> None:
    boss, anna = somebody(kalletal=Role.ADMINISTRATOR), somebody(kalletal=Role.READER)
    unsigned = [_packed({"alg": "none"})]
    for change in (
        _with_mail(boss.email),
        lambda parts: [*unsigned, parts[1], b""],
        lambda parts: [parts[0], parts[1], parts[2][::-1]],
        lambda parts: parts[:2],
    ):
        there.changes["/token"] = _with_token(change)
        assert sign_in(client, login(anna.email)).status_code == 401
        assert not is_in(client)


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"id_token":7}', b"x" * 300_000])
def test_an_answer_that_is_none_is_refused(
    client: Any, there: Relay, somebody: New, answer: bytes
) -> None:
    there.changes["/token"] = lambda _body: answer
    assert sign_in(client, login(somebody(kalletal=Role.READER).email)).status_code == 503
    assert not is_in(client)


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


def test_whoever_says_no_there_is_told_so(client: Any, db: Connection) -> None:
    address = start(client)
    state = parse_qs(urlsplit(address).query)["state"][0]
    told = {"error": "access_denied", "state": state, "iss": address.partition("/auth")[0]}
    answer = client.get("/anmelden/oidc/zurueck", params=told)
    assert (answer.status_code, last_note(db)[2]) == (401, "oidc: refused elsewhere")
    assert "nicht bestätigt" in answer.text
    assert "access_denied" not in answer.text


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


def test_many_wrong_answers_wait(client: Any, db: Connection) -> None:
    for _n in range(50):
        attempts.note(db, "oidc_origin", client.headers["X-Forwarded-For"], datetime.now(UTC))
    answer = client.get("/anmelden/oidc/zurueck", params={"state": "x", "code": "x"})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)


@pytest.mark.parametrize("path", ["/token", "/me"])
def test_where_the_provider_is_away_passwords_still_work(
    client: Any, there: Relay, somebody: New, path: str
) -> None:
    anna = somebody(kalletal=Role.READER)
    there.drops.add(path)
    answer = sign_in(client, "name=no-mail")
    assert answer.status_code == 503
    assert "antwortet gerade nicht" in answer.text
    assert client.sign_in(anna).status_code == 303
    assert is_in(client)


def test_a_provider_that_was_never_there(
    start_gate: New, browser: New, somebody: New, with_oidc: dict[str, str], free_port: New
) -> None:
    nowhere = with_oidc | {"oidc_issuer": f"http://127.0.0.1:{free_port()}"}
    with start_gate(**nowhere) as address:
        one = browser(address)
        answer = one.get("/anmelden/oidc?weiter=/auftraege")
        assert (answer.status_code, "antwortet gerade nicht" in answer.text) == (503, True)
        assert one.sign_in(somebody(kalletal=Role.READER)).status_code == 303


def test_without_a_provider_there_is_no_button(browser: New) -> None:
    one = browser()
    assert "/anmelden/oidc" not in one.get("/anmelden").text
    for path in ("/anmelden/oidc", "/anmelden/oidc/zurueck?code=x&state=x"):
        assert one.get(path).headers["location"] == "/anmelden"


def _says(**other: str) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps(json.loads(body) | other).encode()


@pytest.mark.parametrize(
    "change",
    [
        _says(issuer="https://evil.example"),
        _says(token_endpoint="https://evil.example/token"),
        _says(jwks_uri="http://127.0.0.1:1/jwks"),
        _says(authorization_endpoint="javascript:alert(1)"),
        lambda _body: b"{}",
        lambda _body: b"<html>",
    ],
)
def test_what_is_not_on_the_issuers_host_is_not_asked(
    there: Relay, change: Callable[[bytes], bytes]
) -> None:
    provider = Provider(there.address, CLIENT, SECRET, HOUSE)
    there.changes["/.well-known/openid-configuration"] = change
    with pytest.raises(Away):
        provider.addresses()
    there.behave()
    assert provider.addresses().issuer == there.address


def test_a_provider_that_is_slow_or_endless_is_not_waited_for(
    there: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "STEP_S", 0.2)
    provider = Provider(there.address, CLIENT, SECRET, HOUSE)
    go_on = threading.Event()

    def late(body: bytes) -> bytes:
        go_on.wait(20)
        return body

    there.changes[asking.WELL_KNOWN] = late
    with pytest.raises(Away, match="Timeout"):
        provider.addresses()
    go_on.set()
    there.changes[asking.WELL_KNOWN] = lambda body: body + b" " * asking.LARGEST
    with pytest.raises(Away, match="too long"):
        provider.addresses()
    there.behave()
    assert provider.addresses().jwks_uri.startswith(there.address)
