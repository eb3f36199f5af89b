"""The identity provider that says who somebody is: its addresses, its keys, its answers.

Nothing is asked but the host of the configured issuer, no redirect is followed, and each answer
must come soon and be small. Calls wait for the network: for threads, not for the event loop.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx2
import msgspec

from gebaeude.config import Settings, require
from gebaeude.signin import idtoken
from gebaeude.signin.idtoken import Claims, Unproven

log = logging.getLogger(__name__)
T = TypeVar("T")

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email"
STEP_S = 4.0  # seconds for connecting, and between two parts of an answer
PATIENCE_S = 8.0  # seconds for a whole answer
LARGEST = 256 * 1024  # bytes of an answer
KEPT_S = 3600.0  # how long addresses and keys are not asked for again


class Away(Exception):
    """The provider does not answer, or not as OpenID Connect says; why, for the log."""


class Addresses(msgspec.Struct, frozen=True):
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str


class _Wrong(msgspec.Struct, frozen=True):
    error: str = ""


class Provider:
    """One provider, as settings name it. May be used by many threads."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, back: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self.back = back  # where it sends people back to
        self._secret = client_secret
        self._kept: dict[str, tuple[float, Any]] = {}

    def addresses(self) -> Addresses:
        """Where to send people, and what to ask. Away where it does not say."""
        return self._remembered("addresses", KEPT_S, self._discover)

    def sign_in_address(self, *, state: str, nonce: str, challenge: str) -> str:
        """Where somebody signs in there; `challenge`: of PKCE, S256. Raises Away."""
        asked = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.back,
            "scope": SCOPE, "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        return _with_query(self.addresses().authorization_endpoint, asked)

    def sign_out_address(self, onward: str) -> str | None:
        """Where somebody signs out there, None where it offers none. Raises Away."""
        end = self.addresses().end_session_endpoint
        asked = {"client_id": self.client_id, "post_logout_redirect_uri": onward}
        return _with_query(end, asked) if end else None

    def claims(self, code: str, *, verifier: str, nonce: str, now: datetime) -> Claims:
        """Who came back with this code; what the ID token does not say of them, the provider is
        asked for. Raises Away and Unproven."""
        tokens = self._exchange(code, verifier)
        said = self._checked(tokens.id_token, nonce, now)
        ask = self.addresses().userinfo_endpoint
        if "email" in said or not self._is_its_own(ask):
            return said
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        more = _read(self._ask("GET", ask, headers=headers), dict[str, Any])
        if more.get("sub") != said["sub"]:
            raise Unproven("the provider speaks of somebody else")
        return {**more, **said}

    def _checked(self, token: str, nonce: str, now: datetime) -> Claims:
        wanted = idtoken.Wanted(self.issuer, self.client_id, nonce, now)
        keys = self._remembered("keys", KEPT_S, self._fetch_keys)
        try:
            return idtoken.claims(token, keys, wanted)
        except idtoken.UnknownKey:
            keys = self._remembered("keys", 0, self._fetch_keys)
            return idtoken.claims(token, keys, wanted)

    def _exchange(self, code: str, verifier: str) -> _Tokens:
        where = self.addresses()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.back,
            "code_verifier": verifier,
        }  # fmt: skip
        more: dict[str, Any] = {}
        methods = where.token_endpoint_auth_methods_supported
        if "client_secret_basic" in methods or "client_secret_post" not in methods:
            # Each is encoded as in a form before (RFC 6749, section 2.3.1).
            more["auth"] = (quote_plus(self.client_id), quote_plus(self._secret))
        else:
            form |= {"client_id": self.client_id, "client_secret": self._secret}
        return _read(self._ask("POST", where.token_endpoint, data=form, **more), _Tokens)

    def _discover(self) -> Addresses:
        told = _read(self._ask("GET", self.issuer.rstrip("/") + WELL_KNOWN), Addresses)
        if told.issuer != self.issuer:
            raise Away(f"it calls itself {told.issuer!r}, not {self.issuer!r}")
        for address in (told.authorization_endpoint, told.token_endpoint, told.jwks_uri):
            if not self._is_its_own(address):
                raise Away(f"{address!r} is not on the issuer's host")
        if told.end_session_endpoint and not self._is_its_own(told.end_session_endpoint):
            return msgspec.structs.replace(told, end_session_endpoint="")
        return told

    def _fetch_keys(self) -> Any:
        told = _read(self._ask("GET", self.addresses().jwks_uri), dict[str, Any])
        return idtoken.key_set(told)

    def _is_its_own(self, address: str) -> bool:
        return _origin(address) == _origin(self.issuer)

    def _remembered(self, name: str, lasts_s: float, fetch: Callable[[], T]) -> T:
        at, value = self._kept.get(name, (0.0, None))
        if value is None or time.monotonic() - at > lasts_s:
            value = fetch()
            self._kept[name] = (time.monotonic(), value)
        found: T = value
        return found

    @cached_property
    def _tls(self) -> Any:
        return httpx2.create_ssl_context()  # the system's certificates: a town may have its own

    def _ask(self, method: str, address: str, **more: Any) -> bytes:
        """The body of an answer; Away where there is none, Unproven where it refuses a code."""
        until = time.monotonic() + PATIENCE_S
        body = bytearray()
        try:
            with (
                httpx2.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False) as client,
                client.stream(method, address, **more) as answer,
            ):
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST or time.monotonic() > until:
                        raise Away(f"its answer to {address} is too long")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise Away(f"{address}: {error!r}") from None
        if answer.status_code == 400 and _says(bytes(body)) == "invalid_grant":
            raise Unproven("the provider does not take the code")
        if answer.status_code != 200:
            raise Away(f"{address}: {answer.status_code} {_says(bytes(body))}")
        return bytes(body)


def of(settings: Settings) -> Provider | None:
    """The provider of the settings, None where none is named; SettingsError where half is."""
    if not settings.oidc_issuer:
        return None
    return Provider(
        settings.oidc_issuer,
        require(settings.oidc_client_id, "oidc_client_id"),
        require(settings.oidc_client_secret, "oidc_client_secret"),
        f"{settings.public_url}/anmelden/oidc/zurueck",
    )


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", "", None)
    return (parts.scheme, parts.hostname or "", port)


def _with_query(address: str, asked: dict[str, str]) -> str:
    return address + ("&" if "?" in address else "?") + urlencode(asked)


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Away(f"its answer cannot be read: {error}") from None


def _says(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Wrong).error[:60]
    except msgspec.DecodeError:
        return ""
