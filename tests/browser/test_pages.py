"""Every page answers its question, in German, by itself, on every screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

DEVICE = "/geraete/chirpstack/24e124707c044108"
PAGES = [
    "/", "/gebaeude", "/gebaeude/barntrup-rathaus", "/datenqualitaet", "/auftraege", "ticket",
    "/geraete", DEVICE, "/quarantaene",
]  # fmt: skip
HOUSE = "/gebaeude/barntrup-rathaus"
ENGLISH = re.compile(
    r"\b(the|and|loading|updating|search|filter by|sort|reset|clear|submit|cancel|close|open in|"
    r"download|share|today|yesterday|week|month|year|error|warning|unknown|value|building|reading|"
    r"sensor id|settings|dashboard|no data|select|pick|previous|next|light|dark|toggle)\b",
    re.IGNORECASE,
)
MACHINE = re.compile(r"\b(NaN|null|None|undefined|Infinity|inf|\[object|True|False)\b")


def path_of(page_of: Page, address: str, path: str) -> str:
    if path != "ticket":
        return path
    page_of.goto(address + "/auftraege")
    link = page_of.wait_for_selector("#page a[href^='/auftraege/']")
    assert link is not None
    return link.get_attribute("href") or ""


@pytest.fixture(params=PAGES)
def path(request: pytest.FixtureRequest, tab: Any) -> str:
    """Each page's path; the ticket's is looked up on the board."""
    if request.param != "ticket":
        return str(request.param)
    one = tab()
    return path_of(one.page, one.address, "ticket")


def test_a_page_answers_in_german_and_asks_nobody_else(tab: Any, path: str) -> None:
    one = tab()
    response = one.page.goto(one.address + path)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    page = one.settled()
    expect(page).to_have_title(re.compile("Gebäudemanagement$"))
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator("#page h1").inner_text().strip()
    assert page.locator("#page .question").inner_text().endswith("?")
    text = page.locator("body").inner_text()
    labels = page.eval_on_selector_all(
        "[aria-label],[title],[placeholder]",
        "all => all.map(e => [e.ariaLabel, e.title, e.placeholder].join(' '))",
    )
    for shown in (text, *labels):
        assert not ENGLISH.findall(shown), shown
        assert not MACHINE.findall(shown), shown
    assert one.asked
    assert one.foreign() == []


def test_pages_with_an_answer_say_it_above_the_fold(tab: Any) -> None:
    one = tab(width=1280, height=720)
    for where in ("/", HOUSE, "/datenqualitaet", "/auftraege", "/geraete", DEVICE, "/posteingang"):
        page = one.open(where)
        box = page.locator(".answer").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 720
        assert len(page.locator(".answer-text").inner_text()) > 20
        assert re.search(r"\d", page.locator(".answer-figure").inner_text())


def test_a_phone_scrolls_down_and_never_sideways(tab: Any, path: str) -> None:
    page = tab(width=360, height=740).open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.eval_on_selector_all(
        "button:not([tabindex='-1']), .nav-link, .choice, .button, .tile, summary, input",
        """all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
                     .map(e => e.outerHTML.slice(0, 120))""",
    )
    assert small == []


def test_text_may_be_twice_as_large(tab: Any, path: str) -> None:
    one = tab(width=1280, height=800)
    browser = one.page.context.new_cdp_session(one.page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page = one.open(path)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_wall_screen_is_filled(tab: Any) -> None:
    page = tab(width=2560, height=1440).open("/")
    box = page.locator("#page").bounding_box()
    assert box is not None
    assert box["width"] > 1800


def test_dark_and_light_follow_the_system_and_then_the_switch(tab: Any) -> None:
    one = tab(scheme="dark")
    seen = "document.documentElement.getAttribute('data-mantine-color-scheme')"
    one.page.goto(one.address + HOUSE, wait_until="commit")
    one.page.wait_for_selector(".bone", state="attached")
    assert one.page.evaluate(seen) == "dark"  # before any of the application runs
    page = one.settled()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    chart = "() => document.querySelector('#verlauf .js-plotly-plot').layout.paper_bgcolor"
    assert page.evaluate(chart) == "#1c2027"
    page.get_by_label("Hell oder dunkel").click()
    page.wait_for_function(f"() => {seen} === 'light'")
    page.wait_for_function(f"() => ({chart})() === '#ffffff'")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.reload()
    one.settled()
    assert page.evaluate(seen) == "light"


def test_keys_alone_lead_to_everything(tab: Any) -> None:
    one = tab()
    page = one.open("/gebaeude")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Zum Inhalt springen"
    reached = set()
    for _press in range(30):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.getAttribute('href') || document.activeElement.placeholder"
                " || document.activeElement.textContent"
            )
        )
    assert {"/", "/datenqualitaet", "/auftraege", "Name, Ort oder Nutzung"} <= reached
    assert any(str(one).startswith("/gebaeude/") for one in reached)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.placeholder") == "Name, Ort oder Nutzung"


def test_a_step_to_another_page_starts_at_its_heading(tab: Any) -> None:
    one = tab()
    page = one.open("/")
    page.get_by_role("link", name="Datenqualität", exact=True).click()
    page.wait_for_function("() => document.activeElement.textContent === 'Datenqualität'")
    assert page.url.endswith("/datenqualitaet")
    page.go_back()
    expect(page.locator("#page h1")).to_have_text("Übersicht")


def test_the_data_s_age_stands_on_every_page(tab: Any, path: str) -> None:
    page = tab().open(path)
    expect(page.locator("#freshness")).to_contain_text("Messwert")


def test_what_is_not_there_is_said_so(tab: Any) -> None:
    page = tab().open("/gebaeude/gibt-es-nicht")
    expect(page.locator("#page")).to_contain_text("Dieses Gebäude gibt es nicht.")
    page.get_by_role("link", name="Zur Übersicht", exact=True).click()
    expect(page.locator("#page h1")).to_have_text("Übersicht")


def test_a_lost_server_is_told_and_forgotten_when_it_is_back(tab: Any) -> None:
    one = tab()
    page = one.open("/")
    page.context.set_offline(True)
    page.get_by_role("button", name="aktualisieren").click()
    expect(page.locator(".offline-note")).to_be_visible()
    assert "bleibt stehen" in page.locator(".offline-note").inner_text()
    page.context.set_offline(False)
    page.get_by_role("button", name="aktualisieren").click()
    expect(page.locator(".offline-note")).to_be_hidden()
    cut = re.compile("ERR_INTERNET_DISCONNECTED|Failed to fetch|the server did not respond")
    one.wrong = [text for text in one.wrong if not cut.search(text)]
