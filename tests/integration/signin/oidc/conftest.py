"""A real identity provider behind a relay, and a web process that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.identity import CLIENT, SECRET, Relay, identity_provider, relay
from tests.integration.signin.oidc.steps import HOUSE

New = Callable[..., Any]


@pytest.fixture(scope="session")
def running() -> Iterator[Relay]:
    """The provider, behind a relay whose address it has."""
    with relay() as server, identity_provider(server.address, HOUSE) as port:
        server.port = port
        yield server


@pytest.fixture
def there(running: Relay) -> Relay:
    running.behave()
    return running


@pytest.fixture(scope="session")
def with_oidc(running: Relay) -> dict[str, str]:
    return {
        "oidc_issuer": running.address,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "public_url": HOUSE,
    }


@pytest.fixture(scope="session")
def house(with_oidc: dict[str, str], start_gate: New) -> Iterator[str]:
    """A web process that knows the provider."""
    with start_gate(**with_oidc, oidc_name="Anmelden mit dem Konto der Stadt") as address:
        yield address


@pytest.fixture
def client(browser: New, house: str, there: Relay) -> Any:
    return browser(house)
