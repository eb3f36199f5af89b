"""What people see first: their own work, where it is, and everything that is counted by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from gebaeude.access.roles import Role
from gebaeude.signin.cookies import SESSION
from gebaeude.store import accounts, sessions
from gebaeude.store.database import connect
from gebaeude.store.sessions import Strength

PHONE: Any = {"width": 390, "height": 844}


@pytest.fixture
def technician(chromium: Browser, address: str, living_database: str) -> Iterator[Page]:
    """Lena Huxoll's phone, signed in."""
    now = datetime.now(UTC)
    with connect(living_database, name="test") as connection:
        lena = accounts.add(
            connection, "lena@example.invalid", "Lena Huxoll", now, technician="l-huxoll"
        )
        for _id, key, _name in accounts.municipalities(connection):
            accounts.give_role(connection, lena, key, Role.TECHNICIAN)
        begun = sessions.start(
            connection, account=lena, strength=Strength.PASSWORD, origin="127.0.0.1", agent="test",
            now=now,
        )  # fmt: skip
    context = chromium.new_context(viewport=PHONE, locale="de-DE")
    context.add_cookies([{"name": SESSION, "value": begun, "url": address}])
    yield context.new_page()
    context.close()


def test_a_technician_sees_their_own_tickets_first_and_all_on_request(
    technician: Page, address: str
) -> None:
    technician.goto(f"{address}/auftraege")
    chosen = technician.locator(".choice[aria-current=true]")
    expect(chosen).to_have_text("Meine")
    technician.wait_for_selector("#tafel")
    names = technician.locator(".board .ticket-foot span", has_text="Lena Huxoll")
    own = technician.locator(".board a.ticket").count()
    assert names.count() == own
    technician.get_by_role("link", name="Alle", exact=True).click()
    expect(chosen).to_have_text("Alle")
    expect(technician.locator(".board a.ticket")).not_to_have_count(own)


def test_a_ticket_says_on_a_phone_where_it_is_before_anything_is_scrolled(tab: Any) -> None:
    page = tab(**PHONE).open("/auftraege")
    page.locator("a.ticket").first.click()
    where = page.locator(".facts a").first
    expect(where).to_be_visible()
    box = where.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"] / 2


def test_the_overview_names_every_building_that_it_counts(tab: Any) -> None:
    page = tab().open("/")
    counted = int(page.locator(".answer-figure").inner_text())
    first = page.locator(".card", has=page.get_by_role("heading", name="Wo zuerst?"))
    named = {one for one in first.locator(".line-title").all_inner_texts() if one}
    marked = page.locator(".municipalities .tile", has=page.locator(".reason"))
    assert marked.count() == counted == len(named) > 0


def test_the_unit_of_a_chart_is_not_cut(tab: Any) -> None:
    page = tab(**PHONE).open("/gebaeude/barntrup-rathaus?messpunkt=waerme")
    plot = page.locator("#verlauf .main-svg").first.bounding_box()
    unit = page.locator("#verlauf .annotation-text", has_text="kWh").first.bounding_box()
    assert plot is not None
    assert unit is not None
    assert unit["x"] >= plot["x"]


def test_whoever_is_signed_in_is_named(tab: Any) -> None:
    page = tab().open("/")
    account = page.locator("a.account")
    expect(account.locator("strong")).not_to_be_empty()
    expect(account).to_contain_text("Verwaltung")
