"""The steps of signing in at the provider, as a browser takes them, and what is left of them."""

from __future__ import annotations

import re
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

from gebaeude.store.database import Connection
from tests.webprocess import TLS

HOUSE = "http://localhost:8050"  # where people reach us, as the provider knows it
_number = count(1)


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
    with httpx.Client(timeout=20, verify=TLS) as other:
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
