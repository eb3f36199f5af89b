"""The second step of signing in: six digits, or a recovery code."""

from __future__ import annotations

import json
import logging

from starlette.responses import Response

from gebaeude.access import totp
from gebaeude.access.sealed import Unreadable
from gebaeude.signin import cookies, letters, throttle
from gebaeude.signin.entry import enter, known_browser, note, patience, refused
from gebaeude.signin.visit import Visit, safe_path
from gebaeude.store import accounts, links, mail
from gebaeude.store.accounts import Secrets
from gebaeude.store.database import Connection
from gebaeude.store.links import Link, Purpose
from gebaeude.store.sessions import Strength
from gebaeude.text import N_, _

log = logging.getLogger(__name__)

NO_KEY = N_(
    "Codes der App lassen sich hier gerade nicht prüfen: Dem System fehlt der Schlüssel dazu. Ein "
    "Notfallcode geht; sonst entfernt die Verwaltung der Kommune den zweiten Faktor."
)


def form(visit: Visit) -> Response:
    """Where the second factor is asked for."""
    with visit.site.connect() as connection:
        step = _step(visit, connection)
    return visit.page("code.html") if step else visit.go("/anmelden")


def check(visit: Visit) -> Response:
    """Six digits or a recovery code: a session."""
    visit.check_form()
    with visit.site.connect(origin=visit.origin) as connection:
        step = _step(visit, connection)
        kept = accounts.secrets(connection, step.account) if step else None
        if step is None or kept is None or kept.totp_secret is None or kept.is_disabled:
            return visit.go("/anmelden")
        known = known_browser(visit, connection, kept)
        counter = throttle.of_person("code", str(kept.id), visit.origin, known)
        waiting = throttle.claim(connection, counter, visit.now)
        if waiting:
            refused(connection, visit, kept, counter, "second_factor.refused")
            return visit.page("code.html", status=429, complaint=patience(waiting))
        if not takes(connection, kept, visit.field("code"), visit):
            note(connection, kept, "second_factor.failed", "wrong code")
            wrong = _("Dieser Code stimmt nicht.")
            if not _is_readable(visit, kept):
                wrong = _(NO_KEY)
            return visit.page("code.html", status=401, complaint=wrong)
        throttle.forgive(connection, counter)
        if not links.use(connection, step, visit.now):
            return visit.go("/anmelden")
        onward = safe_path(json.loads(step.detail or "{}").get("onward", "/"))
        response = enter(visit, connection, kept.id, Strength.SECOND_FACTOR, onward)
    visit.site.jar.drop(response, cookies.STEP)
    return response


def takes(connection: Connection, kept: Secrets, given: str, visit: Visit) -> bool:
    """Whether the digits or the recovery code are right; either counts once."""
    if kept.totp_secret is None:
        return False
    secret = _opened(visit, kept.id, kept.totp_secret)
    step = None if secret is None else totp.matching_step(secret, given, visit.now)
    if step is not None:
        if not accounts.take_code(connection, kept.id, step):
            _tell_of_used_code(connection, kept, visit)
            return False
        if secret is not None and not visit.site.sealer.is_current(kept.totp_secret):
            accounts.reseal(connection, kept.id, visit.site.sealer.seal(kept.id, secret))
        return True
    if not accounts.take_recovery_code(connection, kept.id, given, visit.now):
        return False
    note(connection, kept, "recovery_code.used")
    return True


def _tell_of_used_code(connection: Connection, kept: Secrets, visit: Visit) -> None:
    """Somebody looked over a shoulder, or pressed twice: its owner knows which."""
    note(connection, kept, "second_factor.failed", "used code")
    letter = letters.changed(
        _("Bei der Anmeldung wurde ein Code Ihrer App angegeben, der schon benutzt war.")
    )
    mail.put(connection, None, kept.email, letter, visit.now)


def _opened(visit: Visit, account: int, kept: str) -> str | None:
    """The secret of a second factor; None where its key is gone: recovery codes still count."""
    try:
        return visit.site.sealer.open(account, kept)
    except Unreadable:
        log.error(
            "the second factor of account %d was encrypted with a key that is not in "
            "GEBAEUDE_SECOND_FACTOR_KEY",
            account,
        )
        return None


def _is_readable(visit: Visit, kept: Secrets) -> bool:
    """Whether the key of somebody's second factor is there, if they have one."""
    return kept.totp_secret is None or _opened(visit, kept.id, kept.totp_secret) is not None


def _step(visit: Visit, connection: Connection) -> Link | None:
    secret = visit.cookie(cookies.STEP)
    return links.find(connection, secret, {Purpose.SECOND_FACTOR}, visit.now) if secret else None
