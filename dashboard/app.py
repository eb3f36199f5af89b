"""The dashboard as one Dash application: assets, security policy, layout, callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dash import Dash

from dashboard.callbacks import register
from dashboard.figures.base import LOCALES
from dashboard.pages import PAGES
from dashboard.permit import guard
from dashboard.shell import shell
from dashboard.theme import css_variables
from gebaeude.access import table
from gebaeude.config import Settings
from gebaeude.store.database import Pool
from gebaeude.text import _, language

# Everything comes from here and goes nowhere else. Mantine and Plotly write style elements and
# style attributes; sparklines are data: pictures, and a chart is saved by way of a blob: picture.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_INDEX = (Path(__file__).parent / "index.html").read_text(encoding="utf-8")


class _Dashboard(Dash):
    """Dash with its own page around it: a still outline while loading, no inline script."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        """The page everything starts from."""
        wanted = {name: parts[name] for name in ("metas", "css", "config", "scripts", "title")}
        words = {
            "lang": LOCALES[language()],
            "skip": _("Zum Inhalt springen"),
            "loading": _("Wird geladen"),
            "no_script": _("Diese Seiten brauchen JavaScript. Bitte im Browser einschalten."),
        }
        page = _INDEX.replace("{colours}", css_variables())
        for name, text in {**wanted, **words}.items():
            page = page.replace("{" + name + "}", text)
        return page


def create_dash(pool: Pool, settings: Settings) -> Dash:
    """The dashboard over this database; its `server` is a WSGI application."""
    app = _Dashboard(
        __package__,
        assets_ignore=r"early\.js|renderer\.js",
        title=_("Gebäudemanagement"),
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        compress=False,
        use_async=False,  # no event loop and no thread for every answer
        description=_("Gebäude, Verbräuche, Datenqualität und Aufträge"),
    )
    app.layout = shell
    register(app, pool, settings)
    guard(app)
    table.check("pages", PAGES, table.PAGES)
    return app
