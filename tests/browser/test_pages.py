"""What pages have in common: answers, colours, keys, steps between them, a server that is away."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

DEVICE = "/geraete/chirpstack/24e124707c044108"
HOUSE = "/gebaeude/barntrup-rathaus"


def test_pages_with_an_answer_say_it_above_the_fold(tab: Any) -> None:
    one = tab(width=1280, height=720)
    for where in ("/", HOUSE, "/datenqualitaet", "/auftraege", "/geraete", DEVICE, "/posteingang"):
        page = one.open(where)
        box = page.locator(".answer").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 720
        assert len(page.locator(".answer-text").inner_text()) > 20
        assert re.search(r"\d", page.locator(".answer-figure").inner_text())


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
    chart = "document.querySelector('#verlauf .js-plotly-plot')?.layout?.paper_bgcolor"
    assert page.evaluate(chart) == "#1c2027"
    page.get_by_label("Hell oder dunkel").click()
    page.wait_for_function(f"() => {seen} === 'light'")
    page.wait_for_function(f"() => {chart} === '#ffffff'")
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
