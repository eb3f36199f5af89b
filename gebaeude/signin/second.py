"""One's own second factor: setting it up, replacing it, new recovery codes."""

from __future__ import annotations

import hmac
import io
from base64 import b32encode

import segno
from markupsafe import Markup
from starlette.responses import Response

from gebaeude.access import totp
from gebaeude.access.roles import needs_second_factor
from gebaeude.access.secrets import new_recovery_codes, recovery_hash
from gebaeude.signin import code, cookies, entry, password, throttle
from gebaeude.signin.visit import Refused, Visit
from gebaeude.store import accounts
from gebaeude.store.accounts import Secrets
from gebaeude.store.database import Connection
from gebaeude.store.sessions import Strength
from gebaeude.text import _


def form(visit: Visit) -> Response:
    """A QR code to scan, and the field that proves it was."""
    with visit.site.connect() as connection:
        return _page(visit, connection)


def keep(visit: Visit) -> Response:
    """The second factor, once its code proves it; this session becomes a new, stronger one."""
    visit.check_form()
    account, secret = visit.account, _offered(visit)
    with visit.site.connect(visit.person, visit.origin) as connection:
        kept = _secrets(connection, account)
        _claim(visit, connection, kept)
        if kept.totp_secret and not code.takes(connection, kept, visit.field("old"), visit):
            text = _("Der Code der bisherigen App stimmt nicht; ein Notfallcode geht auch.")
            return _page(visit, connection, text)
        step = totp.matching_step(secret, visit.field("code"), visit.now)
        if step is None:
            text = _("Der Code stimmt nicht. Geht die Uhr des Telefons richtig?")
            return _page(visit, connection, text)
        codes = new_recovery_codes()
        hashes = [recovery_hash(account, code) for code in codes]
        sealed = visit.site.sealer.seal(account, secret)
        accounts.set_second_factor(connection, account, sealed, step, hashes)
        _forgive(visit, connection, kept)
        entry.note(connection, kept, "second_factor.set")
        password.tell(visit, connection, kept.email, _("Ihr Konto hat einen neuen zweiten Faktor."))
        entered = entry.enter(visit, connection, account, Strength.SECOND_FACTOR)
    return _show(visit, codes, entered)


def renew_codes(visit: Visit) -> Response:
    """Ten new recovery codes; the old ones count no more."""
    visit.check_form()
    account = visit.account
    with visit.site.connect(visit.person, visit.origin) as connection:
        kept = _secrets(connection, account)
        _claim(visit, connection, kept)
        if not code.takes(connection, kept, visit.field("old"), visit):
            return _page(visit, connection, _("Dieser Code stimmt nicht."))
        codes = new_recovery_codes()
        accounts.set_recovery_codes(
            connection, account, [recovery_hash(account, code) for code in codes]
        )
        _forgive(visit, connection, kept)
        entry.note(connection, kept, "recovery_codes.renewed")
        password.tell(visit, connection, kept.email, _("Ihr Konto hat neue Notfallcodes."))
    return _show(visit, codes, None)


def drop(visit: Visit) -> Response:
    """No second factor any more, where none is needed."""
    visit.check_form()
    account = visit.account
    if needs_second_factor(visit.person.roles, visit.site.settings.second_factor):
        raise Refused(403, _("Mit Ihrer Rolle ist der zweite Faktor nötig."))
    with visit.site.connect(visit.person, visit.origin) as connection:
        kept = _secrets(connection, account)
        _claim(visit, connection, kept)
        if not code.takes(connection, kept, visit.field("old"), visit):
            return _page(visit, connection, _("Dieser Code stimmt nicht."))
        accounts.drop_second_factor(connection, account)
        _forgive(visit, connection, kept)
        entry.note(connection, kept, "second_factor.removed")
        password.tell(visit, connection, kept.email, _("Ihr Konto hat keinen zweiten Faktor mehr."))
    return visit.go("/konto?neu=ohne-faktor")


def _offered(visit: Visit) -> str:
    """The secret we offer, made from the session's own: the same until it is used, kept nowhere."""
    session = (visit.cookie(cookies.SESSION) or "").encode("utf-8", "replace")
    return b32encode(hmac.new(session, b"gebaeude second factor", "sha1").digest()).decode()


def _page(visit: Visit, connection: Connection, complaint: str = "") -> Response:
    kept = _secrets(connection, visit.account)
    secret = _offered(visit)
    return visit.page(
        "second.html", status=400 if complaint else 200, complaint=complaint,
        has_one=kept.totp_secret is not None,
        is_needed=needs_second_factor(visit.person.roles, visit.site.settings.second_factor),
        left=accounts.recovery_codes_left(connection, kept.id),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=_picture(totp.address(secret, kept.email, _("Gebäudemanagement"))),
    )  # fmt: skip


def _picture(address: str) -> Markup:
    """The QR code as SVG that stands in the page: no file, no other host, no script."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False, svgns=False,
        svgclass="qr", lineclass=None, omitsize=True, title=_("QR-Code für die App"),
    )  # fmt: skip
    return Markup(out.getvalue().decode("utf-8"))


def _show(visit: Visit, codes: tuple[str, ...], entered: Response | None) -> Response:
    """The recovery codes, once; with the cookies of the session that has just begun."""
    page = visit.page("codes.html", codes=codes, form_token="")
    if entered is not None:
        cookies_set = [pair for pair in entered.raw_headers if pair[0] == b"set-cookie"]
        page.raw_headers.extend(cookies_set)
    return page


def _secrets(connection: Connection, account: int) -> Secrets:
    kept = accounts.secrets(connection, account)
    assert kept is not None
    return kept


def _counter(visit: Visit, connection: Connection, kept: Secrets) -> throttle.Counter:
    known = entry.known_browser(visit, connection, kept)
    return throttle.of_person("code", str(kept.id), visit.origin, known)


def _claim(visit: Visit, connection: Connection, kept: Secrets) -> None:
    if throttle.claim(connection, _counter(visit, connection, kept), visit.now):
        raise Refused(429, _("Zu viele Versuche. Bitte in einer Minute noch einmal."))


def _forgive(visit: Visit, connection: Connection, kept: Secrets) -> None:
    throttle.forgive(connection, _counter(visit, connection, kept))
