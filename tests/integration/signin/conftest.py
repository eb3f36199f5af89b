"""One real web process with its gate for all tests of signing in, and people to sign in as."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from gebaeude.access import passwords, totp
from gebaeude.access.roles import Role
from gebaeude.access.secrets import new_recovery_codes, recovery_hash
from gebaeude.config import Settings
from gebaeude.store import accounts
from gebaeude.store.database import Connection, connect
from tests.databases import as_web, database
from tests.webprocess import TLS, served

PASSWORD = "vier Wörter im Heizungskeller"
# What the effort is for is not tried here; test_access_secrets.py holds us to it.
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_number = count(1)


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hundreds of passwords are hashed for these tests, each for a tenth of a second otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP)
        yield


@pytest.fixture(scope="session")
def sign_in_database(server_url: str, portfolio_template: str) -> Iterator[str]:
    """The example portfolio, without readings."""
    with database(server_url, portfolio_template) as url:
        yield url


def _settings(url: str, **more: Any) -> Settings:
    ours = {"web_database_url": as_web(url), "web_port": 0, "trusted_proxies": "127.0.0.1"}
    return Settings.model_validate(ours | more)


@pytest.fixture(scope="session")
def gate(sign_in_database: str) -> Iterator[str]:
    """Where the web process is."""
    with served(_settings(sign_in_database)) as address:
        yield address


@pytest.fixture(scope="session")
def start_gate(sign_in_database: str) -> Callable[..., AbstractContextManager[str]]:
    """Starts another one, with settings of its own."""

    def start(*, demo: bool = False, **settings: Any) -> AbstractContextManager[str]:
        return served(_settings(sign_in_database, **settings), demo=demo)

    return start


@pytest.fixture
def db(sign_in_database: str) -> Iterator[Connection]:
    with connect(sign_in_database, name="test", autocommit=True) as connection:
        yield connection


class Browser(httpx.Client):
    """A browser as far as these pages need one: cookies, forms, an address of its own."""

    def fill(self, path: str, fields: dict[str, str], of: str | None = None) -> httpx.Response:
        """Sends a form to `path`, with the token of the page `of`."""
        page = self.get(of or path)
        token = re.search(r'name="form" value="([^"]*)"', page.text)
        told = {"form": token[1] if token else "", **fields}
        return self.post(path, data=told, headers={"Sec-Fetch-Site": "same-origin"})

    def sign_in(self, who: Somebody, password: str = PASSWORD, weiter: str = "") -> httpx.Response:
        told = {"email": who.email, "password": password, "weiter": weiter}
        return self.post("/anmelden", data=told)


@dataclass
class Somebody:
    """An account; `code()` is what its app shows now."""

    id: int
    email: str
    secret: str | None = None
    codes: tuple[str, ...] = field(default=())

    def code(self, ahead: int = 0) -> str:
        assert self.secret
        return totp.code(self.secret, totp.step_of(datetime.now(UTC)) + ahead)


@pytest.fixture
def browser(gate: str) -> Iterator[Callable[..., Browser]]:
    """Opens a browser somewhere of its own."""
    opened: list[Browser] = []

    def new(address: str = gate, origin: str | None = None) -> Browser:
        here = origin or f"198.51.{next(_number) // 250}.{next(_number) % 250}"
        headers = {"X-Forwarded-For": here}
        opened.append(Browser(base_url=address, headers=headers, timeout=30, verify=TLS))
        return opened[-1]

    yield new
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def kept_password() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def somebody(db: Connection, kept_password: str) -> Callable[..., Somebody]:
    """Makes an account with the password of all tests: somebody(kalletal=Role.READER)."""

    def new(second: bool = False, **roles: Role) -> Somebody:
        email = f"person{next(_number)}@nordlippe.example"
        account = accounts.add(db, email, "Eine Person", datetime.now(UTC))
        accounts.set_password(db, account, kept_password)
        for municipality, role in roles.items():
            accounts.give_role(db, account, municipality, role)
        if not second:
            return Somebody(account, email)
        secret, codes = totp.new_secret(), new_recovery_codes()
        hashes = [recovery_hash(account, one) for one in codes]
        accounts.set_second_factor(db, account, secret, 0, hashes)
        return Somebody(account, email, secret, codes)

    return new
