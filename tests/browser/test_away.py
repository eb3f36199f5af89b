"""While the database is away: what a page says, and how one gets back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from bench import access
from gebaeude.config import Settings
from gebaeude.store.database import connect
from tests.browser.axe import violations
from tests.webprocess import served

Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def page(chromium: Browser, portfolio_db: str, as_web: Callable[[str], str]) -> Iterator[Page]:
    """Somebody's phone on the overview, of a web process and a database that nobody else needs."""
    settings = Settings(web_database_url=as_web(portfolio_db), web_port=0)
    name, value = access.cookie(portfolio_db)
    with served(settings) as address:
        context = chromium.new_context(
            base_url=address, viewport={"width": 390, "height": 844}, locale="de-DE"
        )
        context.add_cookies([{"name": name, "value": value, "url": address}])
        shown = context.new_page()
        shown.goto("/")
        shown.wait_for_selector("#page:not(.page-busy) h1")
        yield shown
        context.close()


@pytest.fixture
def away(portfolio_db: str, server_url: str) -> Away:
    """with away(): nobody reaches the database."""
    name = urlsplit(portfolio_db).path.lstrip("/")

    @contextmanager
    def gone() -> Iterator[None]:
        with connect(server_url, name="test", autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            try:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [name],
                )
                yield
            finally:
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())

    return gone


def asks_until(page: Page, again: Locator, heading: str) -> None:
    """Asks again, as a person would, until the page of this heading is there."""
    there = page.locator("#page:not(.page-busy) h1", has_text=heading)
    for _try in range(30):
        expect(there.or_(again).first).to_be_visible()
        if there.is_visible():
            return
        with suppress(Error):  # it has come in between
            again.click(timeout=3_000)
        page.wait_for_timeout(1_000)
    expect(there).to_be_visible()


def test_a_click_while_the_database_is_away_is_answered(page: Page, away: Away) -> None:
    with away():
        page.get_by_role("link", name="Aufträge", exact=True).first.click()
        note = page.locator(".unwell-note")
        expect(note).to_be_visible()
        expect(note).to_contain_text("Messwerte werden weiter gesammelt")
        assert violations(page) == []
    asks_until(page, page.get_by_role("button", name="Noch einmal versuchen"), "Aufträge")
    expect(note).to_be_hidden()


def test_who_comes_while_the_database_is_away_is_told_so_on_a_page(page: Page, away: Away) -> None:
    with away():
        answer = page.goto("/geraete?zustand=stumm")
        assert answer is not None
        assert answer.status == 503
        expect(page.locator("h1")).to_have_text("Gerade nicht erreichbar")
        expect(page.get_by_role("alert")).to_contain_text("Datenbank")
        again = page.get_by_role("link", name="Noch einmal versuchen")
        expect(again).to_have_attribute("href", "/geraete?zustand=stumm")
        assert violations(page) == []
    asks_until(page, again, "Geräte")
