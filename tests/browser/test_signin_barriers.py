"""The pages for signing in and for accounts have no barrier a machine can find."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from gebaeude.access.table import SIGN_IN
from tests.browser.axe import violations

OUTSIDE = (
    "/anmelden", "/anmelden/vergessen", "/anmelden/demo", "/kennwort/falsch", "/gast/falsch",
    "/barrierefreiheit", "/datenschutz",
)  # fmt: skip
INSIDE = (
    "/konto", "/konto/zweiter-faktor", "/benutzer", "/benutzer/*", "/barrierefreiheit",
    "/datenschutz",
)  # fmt: skip
# Answered elsewhere: the second step, which wants a first; what the identity provider leads to.
ELSEWHERE = {"/anmelden/code", "/anmelden/oidc", "/anmelden/oidc/zurueck", "/anmelden/oidc/ende"}


def looked_at(page: Page) -> list[str]:
    """What is wrong in the light and in the dark, on a desktop and on a narrow phone."""
    wrong = violations(page)
    page.emulate_media(color_scheme="dark")
    wrong += violations(page, colours_only=True)
    page.set_viewport_size({"width": 320, "height": 640})
    wrong += violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})
    return wrong


def test_no_page_is_forgotten() -> None:
    shown = {path.partition(" ")[2] for path in SIGN_IN if path.startswith("GET ")}
    shown = {path for path in shown if not path.endswith(".css")} - ELSEWHERE
    mine = {*OUTSIDE, *INSIDE}
    mine = {path.replace("falsch", "{secret}").replace("*", "{account:int}") for path in mine}
    assert mine == shown


def test_before_signing_in(chromium: Browser, demo_address: str) -> None:
    context = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    for path in OUTSIDE:
        page.goto(demo_address + path)
        assert looked_at(page) == [], path
        expect(page.get_by_role("link", name="Erklärung zur Barrierefreiheit")).to_be_visible()
    page.goto(demo_address + "/anmelden")
    page.get_by_role("link", name="Datenschutz").click()
    expect(page.get_by_role("heading", level=1, name="Datenschutz")).to_be_visible()
    page.get_by_text("Technik-Team", exact=True).click()
    expect(page.get_by_text("Kommunen, für die jemand arbeitet")).to_be_visible()
    context.close()


def test_after_signing_in(tab: Any) -> None:
    one = tab()
    page = one.page
    for path in INSIDE:
        wanted = path
        if path.endswith("*"):
            wanted = str(page.locator("a[href^='/benutzer/']").first.get_attribute("href"))
        page.goto(one.address + wanted)
        assert looked_at(page) == [], path
    page.goto(one.address + "/gebaeude")
    page.get_by_role("link", name="Datenschutz").click()
    expect(page.get_by_role("heading", level=1, name="Datenschutz")).to_be_visible()
