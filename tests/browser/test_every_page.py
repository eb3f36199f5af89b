"""Every page in German, for everybody and on every screen: opened once on a desktop and once on a
phone, and then looked at from many sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from dashboard.pages import PAGES
from dashboard.render import find
from tests.browser.axe import violations

HOUSE = "/gebaeude/barntrup-rathaus"
DEVICE = "/geraete/chirpstack/24e124707c044108"
STRANGER = "/posteingang/wmbusmeters/71540900?gebaeude=barntrup-rathaus"
# A path ending in "/*" is the first link of its kind on the page before it.
OPENED = [
    "/", "/gebaeude", HOUSE, f"{HOUSE}?messpunkt=vorlauf&zeitraum=monat", "/datenqualitaet",
    "/auftraege", "/auftraege/*", "/geraete", DEVICE, f"{DEVICE}/umziehen", "/quarantaene",
    "/quarantaene/*", "/posteingang", STRANGER, "/protokoll",
]  # fmt: skip
ENGLISH = re.compile(
    r"\b(the|and|loading|updating|search|filter by|sort|reset|clear|submit|cancel|close|open in|"
    r"download|share|today|yesterday|week|month|year|error|warning|unknown|value|building|reading|"
    r"sensor id|settings|dashboard|no data|select|pick|previous|next|light|dark|toggle)\b",
    re.IGNORECASE,
)
MACHINE = re.compile(r"\b(NaN|null|None|undefined|Infinity|inf|\[object|True|False)\b")
# WCAG 1.4.12: nothing may be lost when somebody spaces text like this.
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"""
SCHEME = "document.documentElement.getAttribute('data-mantine-color-scheme')"
# Text of which a part is hidden, where nobody can scroll to it.
CUT = """() => [...document.querySelectorAll('#page *, nav *')].filter(e => {
  if (!e.offsetParent || !e.textContent.trim() || e.closest('.js-plotly-plot, .unseen')) return 0;
  const style = getComputedStyle(e);
  return style.overflow === 'hidden' && style.clipPath === 'none'
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 160))"""


@contextmanager
def other_colours(tab: Any) -> Iterator[Page]:
    """The same page after the switch, charts too."""
    switch(tab)
    yield tab.page
    switch(tab)


def switch(tab: Any) -> None:
    page: Page = tab.page
    with page.expect_response(is_the_page):
        page.get_by_label("Hell oder dunkel").click()
    tab.settled()


def is_the_page(answer: Response) -> bool:
    return "page.children" in (answer.request.post_data or "")


def opened(new: Callable[..., Any], path: str, **screen: Any) -> Any:
    """A tab with the page, and the policy it came with."""
    one = new(**screen)
    if path.endswith("/*"):
        page = one.open(path.removesuffix("/*"))
        link = page.locator(f"#page a[href^='{path.removesuffix('*')}']").first
        path = str(link.get_attribute("href"))
    response = one.page.goto(one.address + path)
    assert response is not None
    one.policy = response.headers["content-security-policy"]
    one.settled()
    return one


@pytest.fixture(scope="module", params=OPENED)
def desk(request: pytest.FixtureRequest, tabs: Any) -> Iterator[Any]:
    """Each page on a desktop."""
    with tabs() as new:
        yield opened(new, request.param)


@pytest.fixture(scope="module", params=OPENED)
def phone(request: pytest.FixtureRequest, tabs: Any) -> Iterator[Any]:
    """Each page on a small phone, in the dark."""
    with tabs() as new:
        yield opened(new, request.param, width=360, height=740, scheme="dark")


def test_no_page_is_forgotten() -> None:
    found = {(find(path.partition("?")[0]) or ("",))[0] for path in OPENED}
    assert found == set(PAGES)


def test_a_page_answers_in_german_and_asks_nobody_else(desk: Any) -> None:
    assert "default-src 'self'" in desk.policy
    assert "unsafe-eval" not in desk.policy
    page = desk.page
    expect(page).to_have_title(re.compile("Gebäudemanagement$"))
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator("#page h1").inner_text().strip()
    assert page.locator("#page .question").inner_text().endswith("?")
    expect(page.locator("#freshness")).to_contain_text("Messwert")
    text = page.locator("body").inner_text()
    labels = page.eval_on_selector_all(
        "[aria-label],[title],[placeholder]",
        "all => all.map(e => [e.ariaLabel, e.title, e.placeholder].join(' '))",
    )
    # What a device said stands there as it said it.
    raw = page.locator("pre, code").all_inner_texts()
    for said in raw:
        text = text.replace(said, "")
    for shown in (text, *labels):
        assert not ENGLISH.findall(shown), shown
        assert not MACHINE.findall(shown), shown
    assert desk.asked
    assert desk.foreign() == []


def test_a_machine_finds_no_barrier(desk: Any) -> None:
    assert violations(desk.page) == []


def test_a_machine_finds_no_barrier_in_the_dark(desk: Any) -> None:
    with other_colours(desk) as page:
        assert page.evaluate(SCHEME) == "dark"
        assert violations(page, colours_only=True) == []


def test_what_a_chart_shows_stands_there_in_words_and_as_a_table(desk: Any) -> None:
    page: Page = desk.page
    for name in ("verlauf", "teppich"):
        chart = page.locator(f"#{name}")
        if not page.locator(".dash-graph").count():
            return
        told = page.locator("#" + str(chart.get_attribute("aria-describedby")))
        assert re.search(r"\d.*\.$", told.inner_text())
        card = page.locator("section.card").filter(has=chart)
        table = card.locator("details.as-table")
        table.locator("summary").click()
        expect(table.locator("tbody tr").first).to_be_visible()
        expect(table.locator("caption")).to_have_text(str(chart.get_attribute("aria-label")))
        expect(card.get_by_role("link", name="Messwerte als CSV")).to_be_visible()
        table.locator("summary").click()


def test_text_may_be_twice_as_large(desk: Any) -> None:
    page: Page = desk.page
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page.wait_for_function("() => getComputedStyle(document.documentElement).fontSize === '32px'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})


def test_a_phone_scrolls_down_and_never_sideways(phone: Any) -> None:
    page: Page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.eval_on_selector_all(
        "button:not([tabindex='-1']), .nav-link, .choice, .button, .tile, summary, input",
        """all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
                     .map(e => e.outerHTML.slice(0, 120))""",
    )
    assert small == []


def test_a_machine_finds_no_barrier_on_a_phone(phone: Any) -> None:
    assert violations(phone.page) == []
    with other_colours(phone) as page:
        assert page.evaluate(SCHEME) == "light"
        assert violations(page, colours_only=True) == []


def test_text_may_be_spaced_and_enlarged_four_times(phone: Any) -> None:
    """1280 px at 400 % are 320."""
    page: Page = phone.page
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    spaced = page.add_style_tag(content=SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CUT) == []
    spaced.evaluate("style => style.remove()")
    page.set_viewport_size({"width": 360, "height": 740})
