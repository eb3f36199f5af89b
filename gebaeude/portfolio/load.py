"""The portfolio file → records, or every mistake in it with its line."""

from __future__ import annotations

from pathlib import Path

from gebaeude.errors import PortfolioError, UsageError
from gebaeude.portfolio import nodes, read
from gebaeude.portfolio.dump import dump
from gebaeude.portfolio.fields import Fields, Mistakes
from gebaeude.portfolio.records import Portfolio
from gebaeude.text import _

__all__ = ["NORDLIPPE", "dump", "load", "loads"]

NORDLIPPE = Path(__file__).with_name("nordlippe.yaml")


def load(path: Path | str = NORDLIPPE) -> Portfolio:
    """The portfolio a file describes.

    Raises PortfolioError with every mistake and its line, UsageError where there is no such file.
    """
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            _("Die Datei {path} lässt sich nicht lesen: {reason}").format(path=path, reason=reason)
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PortfolioError(
            [(line, _("Hier ist die Datei nicht in UTF-8 geschrieben; bitte so speichern."))]
        ) from None
    return loads(text)


def loads(text: str) -> Portfolio:
    """The portfolio a text describes. Raises PortfolioError with every mistake and its line."""
    mistakes = Mistakes()
    fields = Fields(nodes.parse(text), _("Datei"), mistakes)
    portfolio = read.portfolio(fields)
    fields.done()
    if mistakes.found:
        raise PortfolioError(mistakes.found)
    return portfolio
