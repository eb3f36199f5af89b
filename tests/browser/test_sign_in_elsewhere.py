"""Signing in at an identity provider on another site, in a browser that holds back cookies and
follows policies as people's do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from gebaeude.access.roles import Role
from gebaeude.config import Settings
from gebaeude.store import accounts
from gebaeude.store.database import connect
from tests.identity import CLIENT, SECRET, identity_provider, relay
from tests.webprocess import served

EMAIL = "anna@stadt.example"


@pytest.fixture
def house(
    portfolio_db: str, as_web: Callable[[str], str], free_port: Callable[[], int]
) -> Iterator[str]:
    """A web process and its provider: 127.0.0.1 and localhost are two sites to a browser."""
    with connect(portfolio_db, name="test") as connection:
        account = accounts.add(connection, EMAIL, "Anna Adler", datetime.now(UTC))
        accounts.give_role(connection, account, "kalletal", Role.READER)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as running:
        server = running.enter_context(relay())
        issuer = server.address.replace("127.0.0.1", "localhost")
        server.port = running.enter_context(identity_provider(issuer, address))
        settings = Settings(
            web_database_url=as_web(portfolio_db), web_port=port, public_url=address,
            oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
            oidc_name="Anmelden mit dem Konto der Stadt",
        )  # fmt: skip
        yield running.enter_context(served(settings))


def test_in_at_the_provider_and_out_at_both(chromium: Browser, house: str) -> None:
    context = chromium.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(f"{house}/gebaeude?kommune=kalletal")
    page.get_by_role("link", name="Anmelden mit dem Konto der Stadt").click()
    page.get_by_placeholder("login").fill(f"email={EMAIL}&email_verified=1")
    page.get_by_placeholder("password").fill("x")
    page.get_by_role("button").click()
    page.wait_for_url(f"{house}/gebaeude?kommune=kalletal")
    page.goto(f"{house}/konto")
    expect(page.get_by_role("main")).to_contain_text(EMAIL)
    page.locator("form[action='/abmelden'] button").click()
    expect(page.get_by_role("status")).to_have_text("Sie sind abgemeldet.")
    page.get_by_role("link", name="Auch dort abmelden").click()
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url(f"{house}/anmelden")
    # Neither lets anybody in without asking again.
    page.get_by_role("link", name="Anmelden mit dem Konto der Stadt").click()
    expect(page.get_by_placeholder("password")).to_be_visible()
    context.close()
