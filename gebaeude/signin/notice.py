"""What people are told about their data (Art. 13, 14 GDPR): open to everybody, signed in or not.

What is kept, what for and how long comes from gebaeude/store/privacy.py, as in the record of
processing in docs/datenschutz.md, with the times as they are set here.
"""

from __future__ import annotations

from starlette.responses import Response

from gebaeude.config import Settings
from gebaeude.signin.visit import Visit
from gebaeude.store.privacy import ELSEWHERE, PERSONAL, until


def show(visit: Visit) -> Response:
    """What is kept about whom, what for, how long, and whom to ask."""
    settings = visit.site.settings
    return visit.page(
        "notice.html",
        controller=settings.privacy_controller,
        contact=settings.privacy_contact,
        access_days=settings.retention_access_days,
        mail_days=settings.retention_mail_days,
        people_years=settings.retention_people_years,
        elsewhere=settings.oidc_issuer != "",
        kept=in_detail(settings),
    )


def in_detail(settings: Settings) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Of whom → what is kept, what for, how long; then what lies outside of the database.

    These texts are those of a document for people in Germany and are not translated.
    """
    whose: dict[str, list[tuple[str, str, str]]] = {}
    for data in PERSONAL.values():
        whose.setdefault(data.whose, []).append((data.about, data.purpose, until(data, settings)))
    outside = [(name, what, how_long) for name, (what, how_long) in ELSEWHERE.items()]
    return [*whose.items(), ("Außerhalb der Datenbank", outside)]
