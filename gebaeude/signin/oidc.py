"""Signing in at the municipality's identity provider (OpenID Connect, code flow with PKCE).

Whoever comes back is let in to an account that exists here: the one they have used before, else
the one of their verified address. What we remember meanwhile is in one cookie; state, nonce and
verifier are made from it, so that none of them is kept, and a changed cookie fits nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

import msgspec
from starlette.responses import Response

from gebaeude.access.secrets import new_token, same
from gebaeude.signin import cookies, entry, letters, throttle
from gebaeude.signin.idtoken import Claims, Unproven
from gebaeude.signin.provider import Away, Provider
from gebaeude.signin.visit import Visit, safe_path
from gebaeude.store import accounts, mail
from gebaeude.store.accounts import Secrets
from gebaeude.store.database import Connection
from gebaeude.store.sessions import Strength
from gebaeude.text import N_, _

log = logging.getLogger(__name__)

LASTS = timedelta(minutes=10)
TRUE = (True, "true", "1")  # 1 is True; as text it comes from Entra ID

# Why somebody is refused, as the audit has it → status, and what they read.
REFUSALS: dict[str, tuple[int, str]] = {
    "no such step": (
        400,
        N_(
            "Diese Anmeldung ist abgelaufen oder wurde in einem anderen Browser begonnen. "
            "Bitte noch einmal."
        ),
    ),
    "refused elsewhere": (401, N_("Der Anmeldedienst hat die Anmeldung nicht bestätigt.")),
    "unproven": (
        401,
        N_("Die Antwort des Anmeldedienstes ließ sich nicht prüfen. Bitte noch einmal anmelden."),
    ),
    "unverified address": (
        403,
        N_(
            "Der Anmeldedienst bestätigt keine E-Mail-Adresse für Sie. Bitte die IT der Kommune "
            "ansprechen oder mit Kennwort anmelden."
        ),
    ),
    "foreign address": (
        403,
        N_(
            "Der Anmeldedienst ist für Ihre E-Mail-Adresse nicht zuständig. Bitte mit Kennwort "
            "anmelden."
        ),
    ),
    "unknown account": (
        403,
        N_(
            "Für Ihre E-Mail-Adresse gibt es hier noch kein Konto. Die Verwaltung Ihrer Kommune "
            "kann Sie einladen."
        ),
    ),
    "somebody else's account": (
        403,
        N_(
            "Das Konto mit Ihrer E-Mail-Adresse gehört beim Anmeldedienst zu einer anderen "
            "Person. Bitte die Verwaltung Ihrer Kommune ansprechen."
        ),
    ),
    "disabled": (403, N_("Ihr Konto ist hier gesperrt.")),
}


class Turned(Exception):
    """Whoever came back is not let in; `why` is one of REFUSALS."""

    def __init__(self, why: str, kept: Secrets | None = None) -> None:
        self.why, self.kept = why, kept
        super().__init__(why)


class Step(msgspec.Struct, frozen=True):
    """Somebody on their way to the provider and back; `cookie` is all there is of it."""

    cookie: str

    @classmethod
    def new(cls, onward: str, now: datetime) -> Step:
        return cls(f"{new_token()}.{int(now.timestamp())}.{quote(onward, safe='')}")

    @property
    def onward(self) -> str:
        """Where to after signing in."""
        return safe_path(unquote(self.cookie.split(".", 2)[2]))

    @property
    def state(self) -> str:
        return self._made("state")

    @property
    def nonce(self) -> str:
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """Of the verifier, as S256 of RFC 7636 has it."""
        return _letters(hashlib.sha256(self.verifier.encode()).digest())

    def is_good(self, state: str, now: datetime) -> bool:
        """Whether this is the answer to it, and in time."""
        begun = self.cookie.split(".", 2)[1:2]
        if not same(state, self.state) or not begun:
            return False
        return now - datetime.fromtimestamp(int(begun[0]), UTC) < LASTS

    def _made(self, what: str) -> str:
        return _letters(
            hmac.digest(self.cookie.encode("utf-8", "replace"), what.encode(), "sha256")
        )


def begin(visit: Visit) -> Response:
    """On to the provider."""
    provider = visit.site.provider
    if provider is None:
        return visit.go("/anmelden")
    step = Step.new(visit.onward(), visit.now)
    try:
        there = provider.sign_in_address(
            state=step.state, nonce=step.nonce, challenge=step.challenge
        )
    except Away as away:
        return _away(visit, away)
    response = visit.go(there)
    visit.site.jar.put(response, cookies.ELSEWHERE, step.cookie, int(LASTS.total_seconds()))
    return response


def back(visit: Visit) -> Response:
    """Back from the provider: in, on to the second factor, or refused."""
    provider = visit.site.provider
    if provider is None:
        return visit.go("/anmelden")
    try:
        response = _let_in(visit, provider)
    except Away as away:
        response = _away(visit, away)
    except Turned as turned:
        with visit.site.connect(origin=visit.origin) as connection:
            entry.note(connection, turned.kept, "sign_in.refused", f"oidc: {turned.why}")
        visit.request.scope["state"]["noted"] = True
        status, text = REFUSALS[turned.why]
        response = entry.page(visit, complaint=_(text), status=status)
    visit.site.jar.drop(response, cookies.ELSEWHERE)
    return response


def end(visit: Visit) -> Response:
    """On to signing out at the provider too, after signing out here."""
    here = visit.go("/anmelden?abgemeldet=1")
    if visit.site.provider is not None and visit.session is None:
        try:
            there = visit.site.provider.sign_out_address(
                f"{visit.site.settings.public_url}/anmelden"
            )
            here = visit.go(there) if there else here
        except Away as away:
            log.warning("the identity provider: %s", away)
    visit.site.jar.drop(here, cookies.CAME_BY)
    return here


def _let_in(visit: Visit, provider: Provider) -> Response:
    counter = throttle.Counter((("oidc_origin", visit.origin),))
    with visit.site.connect(origin=visit.origin) as connection:
        waiting = throttle.claim(connection, counter, visit.now)
        if waiting:
            entry.refused(connection, visit, None, counter, "sign_in.refused")
            return entry.wait(visit, waiting)
    step = Step(visit.cookie(cookies.ELSEWHERE) or "")
    said = _answer(visit, provider, step)
    with visit.site.connect(origin=visit.origin) as connection:
        kept = _account(visit, connection, provider.issuer, said)
        throttle.forgive(connection, counter)
        if visit.site.settings.oidc_second_factor == "provider":
            response = entry.enter(visit, connection, kept.id, Strength.OIDC, step.onward)
        else:
            response = entry.proceed(visit, connection, kept, Strength.OIDC, step.onward)
    visit.site.jar.put(response, cookies.CAME_BY, "oidc")
    return response


def _answer(visit: Visit, provider: Provider, step: Step) -> Claims:
    """What the provider says of whoever came back; Turned where it does not count."""
    given = visit.request.query_params
    if not step.is_good(given.get("state", ""), visit.now):
        raise Turned("no such step")
    told = provider.addresses()
    issuer = given.get("iss", None if told.authorization_response_iss_parameter_supported else "")
    if issuer not in ("", provider.issuer):  # somebody else's answer (RFC 9207)
        raise Turned("unproven")
    if "code" not in given:
        log.info("the identity provider refused: %s", given.get("error", "")[:60])
        raise Turned("refused elsewhere")
    try:
        return provider.claims(
            given["code"], verifier=step.verifier, nonce=step.nonce, now=visit.now
        )
    except Unproven as unproven:
        log.warning("an answer of the identity provider does not count: %s", unproven)
        raise Turned("unproven") from None


def _account(visit: Visit, connection: Connection, issuer: str, said: Claims) -> Secrets:
    """The account of whoever this is; Turned where there is none for them."""
    account = accounts.id_of_subject(connection, issuer, said["sub"])
    if account is not None:
        return _not_disabled(accounts.secrets(connection, account))
    settings, email = visit.site.settings, said.get("email")
    if not isinstance(email, str) or said.get(settings.oidc_verified_claim) not in TRUE:
        raise Turned("unverified address")
    domains = settings.oidc_domains.lower().split()
    if domains and email.rpartition("@")[2].lower() not in domains:
        raise Turned("foreign address")
    kept = _not_disabled(accounts.secrets(connection, accounts.id_of(connection, email)))
    if not accounts.bind_subject(connection, kept.id, issuer, said["sub"]):
        raise Turned("somebody else's account", kept)
    entry.note(connection, kept, "account.bound", "oidc")
    what = _("Ihr Konto ist jetzt mit dem Anmeldedienst der Kommune verbunden.")
    mail.put(connection, None, kept.email, letters.changed(what), visit.now)
    return kept


def _not_disabled(kept: Secrets | None) -> Secrets:
    if kept is None:
        raise Turned("unknown account")
    if kept.is_disabled:
        raise Turned("disabled", kept)
    return kept


def _away(visit: Visit, away: Away) -> Response:
    log.warning("the identity provider: %s", away)
    text = _("Der Anmeldedienst antwortet gerade nicht. Mit Kennwort können Sie sich anmelden.")
    return entry.page(visit, complaint=text, status=503)


def _letters(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
