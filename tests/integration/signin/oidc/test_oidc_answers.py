"""What a provider may answer, and everything that must not get in by it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gebaeude.access.roles import Role
from gebaeude.store import attempts
from gebaeude.store.database import Connection
from tests.identity import Relay
from tests.integration.signin.oidc.steps import (
    altered,
    at_provider,
    back,
    is_in,
    last_note,
    login,
    sign_in,
    start,
)

New = Callable[..., Any]


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


def test_whoever_says_no_there_is_told_so(client: Any, db: Connection) -> None:
    address = start(client)
    state = parse_qs(urlsplit(address).query)["state"][0]
    told = {"error": "access_denied", "state": state, "iss": address.partition("/auth")[0]}
    answer = client.get("/anmelden/oidc/zurueck", params=told)
    assert (answer.status_code, last_note(db)[2]) == (401, "oidc: refused elsewhere")
    assert "nicht bestätigt" in answer.text
    assert "access_denied" not in answer.text


def test_many_wrong_answers_wait(client: Any, db: Connection) -> None:
    for _n in range(50):
        attempts.note(db, "oidc_origin", client.headers["X-Forwarded-For"], datetime.now(UTC))
    answer = client.get("/anmelden/oidc/zurueck", params={"state": "x", "code": "x"})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
