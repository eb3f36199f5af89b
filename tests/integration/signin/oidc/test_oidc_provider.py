"""The provider itself: asked as little as possible, and not trusted with everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from gebaeude.access.roles import Role
from gebaeude.signin import provider as asking
from gebaeude.signin.provider import Away, Provider
from tests.identity import CLIENT, SECRET, Relay, identity_provider
from tests.integration.signin.oidc.steps import (
    HOUSE,
    is_in,
    login,
    sign_in,
)

New = Callable[..., Any]


def test_addresses_and_keys_are_asked_for_once(client: Any, there: Relay, somebody: New) -> None:
    anna = somebody(kalletal=Role.READER)
    who = login(anna.email)
    sign_in(client, who)
    there.asked.clear()
    sign_in(client, who)
    ours = [path for path in there.asked if not path.startswith(("/auth", "/interaction"))]
    assert ours == ["/token"]


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
