"""axe-core in an open page. The policy of our pages forbids scripts from elsewhere; a debugger's
are not bound by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What can change when only the colours do.
COLOURS = ("color-contrast", "link-in-text-block")
_RUN = """async rules => {
  const only = rules.colours
    ? {type: 'rule', values: rules.colours} : {type: 'tag', values: rules.tags};
  const found = await axe.run(document, {
    runOnly: only, resultTypes: ['violations'], rules: {'target-size': {enabled: true}},
  });
  return found.violations.map(one => `${one.id}: ${one.help}: `
    + one.nodes.slice(0, 4).map(node => node.html.slice(0, 200)).join(' | '));
}"""


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe-core finds wrong, each with the first elements; none where all is well."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(_SOURCE)
    rules: dict[str, Any] = {"tags": RULES, "colours": COLOURS if colours_only else None}
    found: list[str] = page.evaluate(_RUN, rules)
    return found
