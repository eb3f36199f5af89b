"""Signing in, in one step or two, and out.

An unknown address is answered as a known one with a wrong password: same words, same work.
"""

from __future__ import annotations

import json
from datetime import timedelta
from math import ceil

from starlette.responses import Response

from gebaeude.access import passwords
from gebaeude.access.person import Person
from gebaeude.access.places import MOST_TOLD, Place, is_new
from gebaeude.access.roles import Role
from gebaeude.access.secrets import new_token, token_hash
from gebaeude.signin import cookies, counts, letters, throttle, trace
from gebaeude.signin.visit import Visit
from gebaeude.signin.words import browser_name
from gebaeude.store import accounts, links, mail, sessions
from gebaeude.store.accounts import Account, Secrets
from gebaeude.store.database import Connection
from gebaeude.store.links import LASTS, Purpose
from gebaeude.store.sessions import Strength
from gebaeude.text import _

TICKETS = "/auftraege"
STEP_S = int(LASTS[Purpose.SECOND_FACTOR].total_seconds())


def form(visit: Visit) -> Response:
    """Where one signs in; who has done so already goes on."""
    if visit.session is not None:
        return visit.go(visit.onward())
    return page(visit)


def sign_in(visit: Visit) -> Response:
    """E-mail and password: a session, or on to the second factor."""
    email, password = visit.field("email").strip(), visit.field("password")
    with visit.site.connect(origin=visit.origin) as connection:
        kept = accounts.secrets(connection, accounts.id_of(connection, email))
        counter = throttle.of_person(
            "password", email.lower(), visit.origin, known_browser(visit, connection, kept)
        )
        waiting = throttle.claim(connection, counter, visit.now)
        if waiting:
            refused(connection, visit, kept, counter, "sign_in.refused")
    if waiting:
        return wait(visit, waiting)
    fits = visit.site.fits(kept.password_hash if kept else None, password)
    with visit.site.connect(origin=visit.origin) as connection:
        if not fits or kept is None or kept.is_disabled:
            why = "disabled" if fits else "wrong password"
            note(connection, kept, "sign_in.failed", why)
            return page(visit, email, _("E-Mail-Adresse oder Kennwort stimmen nicht."), 401)
        throttle.forgive(connection, counter)
        if kept.password_hash and passwords.is_outdated(kept.password_hash):
            accounts.set_password(connection, kept.id, visit.site.hashed(password))
        return proceed(visit, connection, kept)


def proceed(
    visit: Visit,
    connection: Connection,
    kept: Secrets,
    strength: Strength = Strength.PASSWORD,
    onward: str | None = None,
) -> Response:
    """Somebody has shown that an account is theirs: on to its second factor, or in."""
    onward = visit.onward() if onward is None else onward
    if kept.totp_secret is None:
        return enter(visit, connection, kept.id, strength, onward)
    secret = links.create(
        connection, Purpose.SECOND_FACTOR, visit.now, account=kept.id,
        detail=json.dumps({"onward": onward}),
    )  # fmt: skip
    response = visit.go("/anmelden/code")
    visit.site.jar.put(response, cookies.STEP, secret, STEP_S)
    return response


def enter(
    visit: Visit,
    connection: Connection,
    account: int,
    strength: Strength,
    onward: str | None = None,
) -> Response:
    """A session, always a new one; whatever this browser had before ends."""
    if visit.session is not None:
        sessions.revoke(connection, visit.session.id, visit.now)
    found = accounts.one(connection, account)
    who = Person(account, found.email, found.name, found.memberships, origin=visit.origin)
    trace.act_as(connection, who)
    browser = visit.cookie(cookies.BROWSER) or new_token()
    place = Place(token_hash(browser), visit.origin, visit.agent)
    told = strength is not Strength.DEMO and _tell_of_place(visit, connection, found, place)
    token = sessions.start(
        connection, account=account, strength=strength, origin=visit.origin, agent=visit.agent,
        now=visit.now, browser=place.browser, told=told,
    )  # fmt: skip
    note(connection, accounts.secrets(connection, account), "sign_in", strength.value)
    response = visit.go(_first_page(who, visit.onward() if onward is None else onward))
    visit.site.jar.put(response, cookies.SESSION, token)
    visit.site.jar.put(response, cookies.BROWSER, browser, cookies.MONTHS_S)
    return response


def _first_page(who: Person, wanted: str) -> str:
    """Who is a technician and nothing else has come for their tickets, not for the overview."""
    return TICKETS if wanted == "/" and who.roles == {Role.TECHNICIAN} else wanted


def _tell_of_place(visit: Visit, connection: Connection, account: Account, place: Place) -> bool:
    """A mail to whoever has this account, where it is used from somewhere new; a few a day."""
    throttle.alone(connection, "told", str(account.id))
    seen = sessions.places(connection, account.id, visit.now)
    is_first = not seen and visit.now - account.created_at < sessions.REMEMBER
    if is_first or not is_new(place, seen):
        return False
    before = sessions.told(connection, account.id, visit.now - timedelta(days=1))
    if before >= MOST_TOLD:
        return False
    letter = letters.signed_in(
        visit.now, browser_name(visit.agent), is_last=before + 1 == MOST_TOLD
    )
    mail.put(connection, None, account.email, letter, visit.now)
    return True


def sign_out(visit: Visit) -> Response:
    """Ends the session."""
    visit.check_form()
    if visit.session is not None:
        with visit.site.connect(visit.person, visit.origin) as connection:
            sessions.revoke(connection, visit.session.id, visit.now)
            trace.note(connection, "sign_out", f"account/{visit.person.email}")
    response = visit.go("/anmelden?abgemeldet=1")
    visit.site.jar.drop(response, cookies.SESSION)
    return response


def known_browser(visit: Visit, connection: Connection, kept: Secrets | None) -> bytes | None:
    """The hash of the browser's cookie, where it has signed in to this account before."""
    cookie = visit.cookie(cookies.BROWSER)
    if kept is None or cookie is None:
        return None
    browser = token_hash(cookie)
    return browser if sessions.is_known(connection, kept.id, browser, visit.now) else None


def note(connection: Connection, kept: Secrets | None, action: str, why: str = "") -> None:
    """Into the audit: what was tried at which account; nothing that was typed."""
    if action in counts.ACTIONS:
        counts.count(action)
    subject = f"account/{kept.email}" if kept else "account"
    trace.note(connection, action, subject, how=why or None)


def refused(
    connection: Connection,
    visit: Visit,
    kept: Secrets | None,
    counter: throttle.Counter,
    action: str,
) -> None:
    """The same for an attempt that was not even looked at: once a minute, or whoever tries a
    thousand times would fill the audit."""
    if throttle.is_news(connection, counter, visit.now):
        note(connection, kept, action, "too many attempts")
    else:
        counts.count(action)


def page(visit: Visit, email: str = "", complaint: str = "", status: int = 200) -> Response:
    """Where one signs in, with what is wrong so far."""
    signed_out = "abgemeldet" in visit.request.query_params
    return visit.page(
        "sign_in.html", status=status, email=email, complaint=complaint, onward=visit.onward(),
        elsewhere=_elsewhere(visit), came_by=visit.cookie(cookies.CAME_BY) if signed_out else None,
        done=_("Sie sind abgemeldet.") if signed_out and not complaint else "",
    )  # fmt: skip


def _elsewhere(visit: Visit) -> str:
    """What the button says that leads to the identity provider, empty where there is none."""
    if visit.site.provider is None:
        return ""
    return visit.site.settings.oidc_name or _("Mit dem Konto der Kommune anmelden")


def wait(visit: Visit, waiting: timedelta) -> Response:
    """Where one signs in, with how long to wait for the next attempt."""
    response = page(visit, visit.field("email"), patience(waiting), 429)
    response.headers["Retry-After"] = str(ceil(waiting.total_seconds()))
    return response


def patience(waiting: timedelta) -> str:
    return _(
        "Zu viele Versuche. In {n} Sekunden geht es wieder; „Kennwort vergessen“ geht sofort."
    ).format(n=ceil(waiting.total_seconds()))
