"""Pictures of every page in both colour schemes and several sizes, to be looked at.

    python tests/browser/screenshots.py http://127.0.0.1:8050 DIRECTORY [--only NAME] [--wide]

Needs a running system and Debian's Chromium; knows nothing of the code behind the pages.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"desktop": (1440, 900), "phone": (390, 844), "wall": (2560, 1440)}


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


def addresses(page: Page, base: str) -> dict[str, str]:
    """Name → path of every page; a building and a ticket are taken from the first link to one."""
    found = {"uebersicht": "/", "gebaeude": "/gebaeude", "datenqualitaet": "/datenqualitaet"}
    found["auftraege"] = "/auftraege"
    for name, start, link in (
        ("haus", "/gebaeude", "#page a[href^='/gebaeude/']"),
        ("auftrag", "/auftraege", "#page a[href^='/auftraege/']"),
    ):
        page.goto(base + start)
        page.wait_for_selector("#page h1")
        first = page.query_selector(link)
        if first is not None:
            found[name] = first.get_attribute("href") or start
    return found


def settle(page: Page) -> None:
    """Until the answer and every chart stand."""
    page.wait_for_selector("#page h1")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.dash-graph')]"
        ".every(graph => graph.querySelector('.main-svg'))"
    )
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(250)


def sign_in(context: BrowserContext, base: str) -> None:
    """As one of the demo's example people."""
    context.request.post(f"{base}/anmelden/demo", form={"rolle": "gebaeudemanagerin"})


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("directory", type=Path)
    parser.add_argument(
        "--only", help="one page's name, or an own path such as /gebaeude?suche=bad"
    )
    parser.add_argument("--wide", action="store_true", help="the wall screen as well")
    asked = parser.parse_args()
    asked.directory.mkdir(parents=True, exist_ok=True)
    base = asked.address.rstrip("/")
    with browser() as chromium:
        first = chromium.new_context(locale="de-DE")
        sign_in(first, base)
        paths = addresses(first.new_page(), base)
        if asked.only:
            paths = {asked.only.strip("/").replace("/", "-"): paths.get(asked.only, asked.only)}
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                if size == "wall" and not (asked.wide and scheme == "light"):
                    continue
                context = chromium.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                    locale="de-DE",
                    device_scale_factor=1,
                )
                sign_in(context, base)
                page = context.new_page()
                for name, path in paths.items():
                    page.goto(base + path)
                    settle(page)
                    page.screenshot(
                        path=asked.directory / f"{name}-{size}-{scheme}.png",
                        full_page=size != "wall",
                    )
                context.close()


if __name__ == "__main__":
    main()
