"""From an address to a page: finds it, reads its report, and says in words what went wrong."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from urllib.parse import unquote

from dashboard import html
from dashboard.asking import missing, noticed
from dashboard.components.basics import Part, note
from dashboard.pages import PAGES, Page
from dashboard.permit import acting
from dashboard.visit import PATIENCE_S, Visit
from gebaeude.access import table
from gebaeude.errors import GebaeudeError, NotAllowed, NotFound
from gebaeude.reports.records import Condition
from gebaeude.store.database import LOST, Pool
from gebaeude.text import N_, _

log = logging.getLogger(__name__)

APPLICATION = N_("Gebäudemanagement")


def find(path: str) -> tuple[str, tuple[str, ...]] | None:
    """The path of the page that answers this one, and what stands where it has `<…>`."""
    parts = path.rstrip("/").split("/")
    for pattern in PAGES:
        wanted = pattern.rstrip("/").split("/")
        if len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(name.startswith("<") or name == part for name, part in pairs):
            return pattern, tuple(_plain(part) for name, part in pairs if name.startswith("<"))
    return None


def _plain(part: str) -> str:
    """What a part of the address says; devices' names may have slashes, written as %2F."""
    return unquote(part).replace("\0", "")


def render(pool: Pool, visit: Visit) -> tuple[str, Part]:
    """(title of the window, content of the page)."""
    found = find(visit.path)
    if found is None:
        missing("page", visit.path)
        return _titled(_("Nicht gefunden")), _missing(_("Diese Seite gibt es nicht."))
    pattern, keys = found
    try:
        with acting(table.PAGES[pattern], f"page {pattern}"):
            return _shown(pool, PAGES[pattern], replace(visit, keys=keys))
    except NotAllowed as error:
        return _titled(_("Nicht erlaubt")), _not_allowed(str(error))
    except NotFound as error:
        missing(f"page {pattern}", visit.path)
        return _titled(_("Nicht gefunden")), _missing(str(error))
    except GebaeudeError as error:
        noticed(error, f"page {pattern}", visit.path)
        return _titled(_("Geht so nicht")), _refused(str(error), visit)
    except LOST as error:
        log.warning("no database for %s: %s", visit.path, error)
        return _titled(_("Datenbank antwortet nicht")), _no_database()
    except Exception:
        number = uuid.uuid4().hex[:8]
        log.exception("page %s failed, error %s", visit.path, number)
        return _titled(_("Fehler")), _failed(number)


def _shown(pool: Pool, page: Page, visit: Visit) -> tuple[str, Part]:
    with pool.connection(timeout=PATIENCE_S) as connection:
        report = page.read(connection, visit)
    return _titled(page.title(report)), page.show(report, visit)


def _titled(name: str) -> str:
    return f"{name} · {_(APPLICATION)}"


def _not_allowed(what: str) -> Part:
    todo = [
        _("Wer mehr braucht, fragt die Verwaltung der eigenen Kommune. "),
        html.A(_("Zur Liste der Gebäude"), href="/gebaeude"),
    ]
    return [
        html.H1(_("Nicht erlaubt"), tabIndex="-1"),
        note(what, _("Diese Seite gehört zu einer anderen Rolle."), todo, Condition.ATTENTION),
    ]


def _missing(what: str) -> Part:
    todo = [
        html.A(_("Zur Übersicht"), href="/"),
        _(" oder "),
        html.A(_("zur Liste der Gebäude"), href="/gebaeude"),
    ]
    return [
        html.H1(_("Nicht gefunden"), tabIndex="-1"),
        note(what, _("Vielleicht hat sich die Adresse geändert."), todo, Condition.ATTENTION),
    ]


def _refused(what: str, visit: Visit) -> Part:
    return [
        html.H1(_("Das geht so nicht"), tabIndex="-1"),
        note(
            what,
            _("Es wurde nichts verändert."),
            html.A(_("Ohne diese Auswahl öffnen"), href=visit.path),
            Condition.ATTENTION,
        ),
    ]


def _no_database() -> Part:
    return [
        html.H1(_("Die Datenbank antwortet nicht"), tabIndex="-1"),
        note(
            _("Diese Seite kann gerade nicht gelesen werden."),
            _(
                "Es geht nichts verloren: Messwerte, die jetzt gesendet werden, bewahrt der "
                "Nachrichtenverteiler auf, bis die Datenbank wieder da ist."
            ),
            _retry(
                _(
                    "Bitte in einer Minute noch einmal versuchen; bleibt es dabei, die "
                    "Systembetreuung anrufen."
                )
            ),
        ),
    ]


def _failed(number: str) -> Part:
    return [
        html.H1(_("Da ist etwas schiefgegangen"), tabIndex="-1"),
        note(
            _("Diese Seite konnte nicht aufgebaut werden."),
            _("Die Daten sind unberührt; es wurde nichts verändert."),
            _retry(
                _(
                    "Bitte noch einmal versuchen; bleibt es dabei, der Systembetreuung die "
                    "Nummer {number} nennen."
                ).format(number=number)
            ),
        ),
    ]


def _retry(text: str) -> Part:
    button = html.Button(
        _("Noch einmal versuchen"), id={"refresh": "error"}, className="button", type="button"
    )
    return html.Span([html.Span(text), html.Br(), html.Br(), button])
