"""The main tasks with the keyboard alone: what has the focus is seen, nothing is a trap."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

HOUSE = "/gebaeude/barntrup-rathaus"
MOST = 90  # presses until something must have been reached
# How the element with the focus shows it, and whether it lies in view and below nothing else.
SEEN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return 'nothing';
  const style = getComputedStyle(e);
  const around = e.closest('.mantine-Input-input');
  const frame = around ? getComputedStyle(around) : style;
  const ring = [style, frame].some(
    s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2);
  if (!ring) return 'no ring: ' + e.outerHTML.slice(0, 160);
  const box = e.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.2], [0.5, 0.8]];
  const seen = points.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (e.contains(top) || top.contains(e) || e.labels && [...e.labels].includes(top));
  });
  return seen ? '' : 'hidden: ' + e.outerHTML.slice(0, 160);
}"""


def step(page: Page, key: str = "Tab") -> str:
    """One press; a name of what has the focus then. It must be seen."""
    page.keyboard.press(key)
    assert page.evaluate(SEEN) == ""
    return str(
        page.evaluate(
            "(document.activeElement.ariaLabel || document.activeElement.innerText || '').trim()"
        )
    )


def reach(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Presses Tab until `wanted` has the focus."""
    for _press in range(MOST):
        if wanted.evaluate("e => e === document.activeElement"):
            return
        step(page, key)
    pytest.fail(f"{wanted} cannot be reached by {key}")


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    """The page has come; its heading has the focus and its name is announced."""
    expect(page.locator("#page h1:focus")).to_have_text(text)
    expect(page.locator("#announced")).to_have_text(page.title())


def test_from_the_skip_link_to_a_building_and_another_range(tab: Any) -> None:
    one = tab()
    page = one.open("/")
    assert step(page) == "Zum Inhalt springen"
    page.keyboard.press("Enter")
    step(page)
    assert page.evaluate("document.activeElement.closest('#page') !== null")
    reach(page, page.locator("#navigation a[href='/gebaeude']"), "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebaeude")
    heading(page, "Gebäude")
    page.keyboard.press("/")
    page.keyboard.type("rathaus barntrup")
    expect(page.locator("#gebaeude-liste td.lead a")).to_have_count(1)
    reach(page, page.locator("#gebaeude-liste td.lead a"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HOUSE}")
    heading(page, "Rathaus Barntrup")
    one.settled()
    reach(page, page.get_by_role("link", name="Monat", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**zeitraum=monat**")
    expect(page.locator(".choice[aria-current]")).to_have_text("Monat")
    one.settled()
    # A list opens and closes with Escape, and the focus stays where it was.
    chooser = page.get_by_label("Messpunkt", exact=True).first
    reach(page, chooser)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option").first).to_be_hidden()
    expect(chooser).to_be_focused()
    calendar = page.get_by_label("Spanne")
    reach(page, calendar)
    page.keyboard.press("Enter")
    expect(page.locator(".mantine-DatePickerInput-month").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".mantine-DatePickerInput-month").first).to_be_hidden()
    expect(calendar).to_be_focused()
    summary = page.locator("#verlauf-karte summary", has_text="Als Tabelle anzeigen")
    reach(page, summary)
    page.keyboard.press("Enter")
    expect(page.locator("#verlauf-karte table")).to_be_visible()


def test_nothing_on_a_page_holds_the_focus(tab: Any) -> None:
    """From the first to the last and out again, in the order in which things stand there."""
    page = tab(width=390, height=844).open("/auftraege")
    tops: list[float] = []
    for _press in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(SEEN) == ""
        inside = page.evaluate(
            "document.activeElement.closest('#page') ?"
            " document.activeElement.getBoundingClientRect().top + scrollY : null"
        )
        tops += [inside] if inside is not None else []
    else:
        pytest.fail("the focus never leaves the page")
    assert len(tops) > 5
    assert tops[-1] == max(tops)


def test_a_ticket_is_commented(tab: Any) -> None:
    one = tab()
    page = one.open("/auftraege")
    reach(page, page.locator("#page a.ticket").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/auftraege/A-**")
    heading(page, re.compile("."))
    one.settled()
    reach(page, page.get_by_label("Bemerkung"))
    page.keyboard.type("Mit der Tastatur geschrieben.")
    reach(page, page.get_by_role("button", name="Kommentieren"))
    page.keyboard.press("Enter")
    expect(page.locator(".history")).to_contain_text("Mit der Tastatur geschrieben.")


def test_a_wrong_entry_in_the_claim_form_gets_the_focus(tab: Any) -> None:
    one = tab()
    page = one.open("/posteingang/wmbusmeters/71540900?gebaeude=barntrup-rathaus")
    since = page.get_by_label("Gilt ab")
    reach(page, since)
    page.keyboard.press("Control+a")
    page.keyboard.type("am Dienstag")
    reach(page, page.get_by_role("button", name="Übernehmen"))
    page.keyboard.press("Enter")
    expect(since).to_be_focused()
    expect(since).to_have_attribute("aria-invalid", "true")
    told = str(since.get_attribute("aria-describedby"))
    expect(page.locator(", ".join(f"[id='{one}']" for one in told.split())).first).to_be_visible()
