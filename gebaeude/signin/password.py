"""Forgotten passwords, and the links by which one chooses a new one."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import anyio.to_thread
from starlette.background import BackgroundTask
from starlette.responses import Response

from gebaeude.access import passwords
from gebaeude.access.person import Person
from gebaeude.errors import GebaeudeError
from gebaeude.signin import entry, letters, throttle
from gebaeude.signin.visit import Refused, Visit
from gebaeude.store import accounts, links, mail, sessions, summary
from gebaeude.store.accounts import Secrets
from gebaeude.store.database import LOST, Connection
from gebaeude.store.links import LASTS, PASSWORD_LINKS, Link, Purpose
from gebaeude.text import _

log = logging.getLogger(__name__)


def forgotten(visit: Visit) -> Response:
    """Where one asks for a mail."""
    return visit.page("forgotten.html", sent=False, email="")


def send(visit: Visit) -> Response:
    """Says the same whatever the address; the mail is written after the answer has left, so that
    not even the time it takes tells whether there is an account."""
    email = visit.field("email").strip()
    with visit.site.connect(origin=visit.origin) as connection:
        counter = throttle.of_person("reset", email.lower(), visit.origin, None)
        waiting = throttle.claim(connection, counter, visit.now)
    response = visit.page("forgotten.html", sent=True, email=email)
    if not waiting:
        response.background = BackgroundTask(_write, visit, email)
    return response


async def _write(visit: Visit, email: str) -> None:
    await anyio.to_thread.run_sync(_write_now, visit, email)


def _write_now(visit: Visit, email: str) -> None:
    try:
        with visit.site.connect(origin=visit.origin) as connection:
            kept = accounts.secrets(connection, accounts.id_of(connection, email))
            entry.note(connection, kept, "password.forgotten")
            if kept is not None and not kept.is_disabled:
                mail_link(visit, connection, kept.id, kept.email, Purpose.RESET)
    except (*LOST, GebaeudeError) as error:
        log.warning("the mail for a new password could not be written: %s", error)


def mail_link(
    visit: Visit, connection: Connection, account: int, email: str, purpose: Purpose
) -> str:
    """Writes a mail with a link to choose a password; returns the link."""
    asking = visit.request.scope["state"]["person"]
    secret = links.create(
        connection, purpose, visit.now, account=account,
        created_by=asking.account if asking else None,
    )  # fmt: skip
    link = f"{visit.site.settings.public_url}/kennwort/{secret}"
    until = visit.now + LASTS[purpose]
    if purpose is Purpose.INVITE and asking:
        letter = letters.invitation(link, until, asking.name)
    else:
        letter = letters.reset(link, until)
    mail.put(connection, None, email, letter, visit.now)
    return link


def choose(visit: Visit) -> Response:
    """Where one chooses a password, with a link that counts."""
    with visit.site.connect() as connection:
        found = _link(visit, connection)
        if found is None:
            return _void(visit)
        return _page(visit, found[1])


def keep(visit: Visit) -> Response:
    """The new password; all sessions end, and on it goes as after signing in."""
    password = visit.field("password")
    with visit.site.connect() as connection:
        found = _link(visit, connection)
        names = _names(connection, found[1].id) if found else ()
    if found is None:
        return _void(visit)
    link, kept = found
    complaint = check_new(password, visit.field("again"), kept.email, names)
    if complaint:
        return _page(visit, kept, complaint)
    password_hash = visit.site.hashed(password)
    owner = Person(kept.id, kept.email, kept.email, (), origin=visit.origin)
    with visit.site.connect(owner, visit.origin) as connection:
        if not links.use(connection, link, visit.now):
            return _void(visit)
        accounts.set_password(connection, kept.id, password_hash)
        sessions.revoke_all(connection, kept.id, visit.now)
        entry.note(connection, kept, "password.set", link.purpose.value)
        tell(visit, connection, kept.email, _("Das Kennwort Ihres Kontos ist neu."))
        # Its throttle is forgiven: the link has shown who this is.
        counter = throttle.of_person("password", kept.email.lower(), visit.origin, None)
        throttle.forgive(connection, counter)
        return entry.proceed(visit, connection, kept)


def check_new(password: str, again: str, email: str, names: Iterable[str]) -> str | None:
    """Why this password cannot be taken, None where it can; `names` are tried by who guesses."""
    if password != again:
        return _("Die beiden Kennwörter sind verschieden.")
    return passwords.complaint(password, email=email, names=names)


def _names(connection: Connection, account: int) -> tuple[str, ...]:
    """What somebody is called, and municipalities, sites and buildings here."""
    found = [accounts.one(connection, account).name]
    for one in summary.buildings(connection):
        found += [one.name, one.site, one.municipality_name]
    return tuple(found)


def tell(visit: Visit, connection: Connection, email: str, what: str) -> None:
    """A mail to the owner of an account in which something important changed."""
    mail.put(connection, None, email, letters.changed(what), visit.now)


def change(visit: Visit) -> Response:
    """Another password, from one's own account; all other sessions end."""
    visit.check_form()
    account = visit.account
    with visit.site.connect(visit.person, visit.origin) as connection:
        kept = accounts.secrets(connection, account)
        assert kept is not None
        known = entry.known_browser(visit, connection, kept)
        counter = throttle.of_person("password", kept.email.lower(), visit.origin, known)
        if throttle.claim(connection, counter, visit.now):
            raise Refused(429, _("Zu viele Versuche. Bitte in einer Minute noch einmal."))
        names = _names(connection, account)
    if kept.password_hash and not visit.site.fits(kept.password_hash, visit.field("old")):
        raise Refused(403, _("Das bisherige Kennwort stimmt nicht."))
    complaint = check_new(visit.field("password"), visit.field("again"), kept.email, names)
    if complaint:
        raise Refused(400, complaint)
    password_hash = visit.site.hashed(visit.field("password"))
    with visit.site.connect(visit.person, visit.origin) as connection:
        throttle.forgive(connection, counter)
        accounts.set_password(connection, account, password_hash)
        sessions.revoke_all(connection, account, visit.now, but=visit.person.session)
        entry.note(connection, kept, "password.set", "account page")
        tell(visit, connection, kept.email, _("Das Kennwort Ihres Kontos ist neu."))
    return visit.go("/konto?neu=kennwort")


def _link(visit: Visit, connection: Connection) -> tuple[Link, Secrets] | None:
    link = links.find(connection, visit.request.path_params["secret"], PASSWORD_LINKS, visit.now)
    kept = accounts.secrets(connection, link.account) if link else None
    return (link, kept) if link and kept else None


def _page(visit: Visit, kept: Secrets, complaint: str = "") -> Response:
    status = 400 if complaint else 200
    return visit.page(
        "password.html", status=status, email=kept.email, complaint=complaint,
        shortest=passwords.SHORTEST,
    )  # fmt: skip


def _void(visit: Visit) -> Response:
    text = _(
        "Dieser Link gilt nicht mehr: Er ist abgelaufen, wurde schon benutzt, oder es gibt einen "
        "neueren. Unter „Kennwort vergessen“ kommt ein neuer."
    )
    return visit.page("oops.html", status=410, text=text)
