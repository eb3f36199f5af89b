"""Who asks? Nobody gets past without a session or a token, but for health and signing in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil
from typing import TypeVar, TypeVarTuple
from urllib.parse import quote

import anyio
import anyio.to_thread
import psycopg
from msgspec.structs import replace
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gebaeude.access.person import Person
from gebaeude.access.roles import needs_second_factor
from gebaeude.api.problems import DETAILS, NOT_MIGRATED, respond
from gebaeude.signin import cookies, refusals
from gebaeude.signin.pace import PREFIX, Pace
from gebaeude.signin.refusals import Ledger, Refusal
from gebaeude.signin.site import Site
from gebaeude.signin.visit import HEADERS
from gebaeude.store import sessions, tokens
from gebaeude.store.database import LOST
from gebaeude.store.scope import NOBODY
from gebaeude.store.sessions import Session, Strength
from gebaeude.text import N_, _

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

LOOKS = 8  # sessions looked up at once
# Reachable without anybody's leave: whether we are well, and the way in.
HEALTH = re.compile(r"/api/v1/health/[^/]+")
OPEN = frozenset({"/anmelden", "/anmelden/code", "/anmelden/vergessen", "/anmelden/stil.css"})
OPEN |= {"/barrierefreiheit", "/datenschutz"}
OPEN |= {"/anmelden/oidc", "/anmelden/oidc/zurueck", "/anmelden/oidc/ende"}
OPEN_IN_DEMO = "/anmelden/demo"
LINKS = re.compile(r"/(kennwort|gast)/[^/]+")
# All that somebody can reach who still has to set up the second factor they need.
SETTING_UP = frozenset({"/konto/zweiter-faktor", "/konto/schrift.css", "/abmelden"})
CALLBACK = "/_dash-update-component"
# What the page asks by itself, every half minute: no sign that anybody is there.
BY_ITSELF = b'{"output":"freshness.children"'

# What a database says that has not been migrated.
NOT_THERE = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.InvalidSchemaName,
)
SIGN_IN = DETAILS[401]
BAD_TOKEN = N_("Dieser Schlüssel gilt nicht (mehr).")
TOO_MANY = N_("Zu viele Anfragen in kurzer Zeit; gleich geht es weiter.")
SET_UP = N_("Bitte zuerst den zweiten Faktor einrichten: /konto/zweiter-faktor")


class Gate:
    """Middleware: looks up who asks, and puts them into the request's state as `person`.

    state: `person` (Person), `session` (Session or None), `origin` (IP address).
    """

    def __init__(self, app: ASGIApp, *, site: Site, ledger: Ledger) -> None:
        self.app = app
        self.site = site
        self.ledger = ledger
        self._pace = Pace()
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state.update(person=None, session=None, origin=self.site.origin(scope))
        is_open = self._is_open(scope)
        if HEALTH.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        first = None
        if scope["path"] == CALLBACK:
            first = await receive()
        try:
            refused = await self._look(scope, counts=not _is_by_itself(first))
        except LOST:
            refused = _unavailable(self.site, scope, DETAILS[503])
        except NOT_THERE:
            refused = _unavailable(self.site, scope, NOT_MIGRATED)
        if refused is not None and not is_open:
            await refused(scope, receive, send)
            return
        if refused is None and (
            waits := self._pace.wait(state["person"], scope["path"], scope["method"])
        ):
            state["route"] = f"{scope['method']} {scope['path'].removeprefix(PREFIX)}"
            await self._note(scope, 429)
            await _too_many(scope, waits)(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._note(scope, message["status"])
            await send(message)

        await self.app(scope, receive if first is None else _again(first, receive), noted)

    def _is_open(self, scope: Scope) -> bool:
        """Whether our pages for whoever has not signed in answer this, and nothing behind them."""
        path, method = scope["path"], scope["method"]
        known = path in OPEN or (self.site.demo and path == OPEN_IN_DEMO) or LINKS.fullmatch(path)
        return bool(known) and method in ("GET", "HEAD", "POST")

    async def _look(self, scope: Scope, *, counts: bool) -> Response | None:
        """Finds out who asks; an answer for whoever must not get further."""
        headers = Headers(scope=scope)
        kind, _blank, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            found = await self._in_thread(self._token, scope, token.strip())
            return None if found else _refused(scope, BAD_TOKEN)
        cookie = self.site.jar.read(Request(scope), cookies.SESSION)
        if cookie is None:
            return _refused(scope, SIGN_IN)
        session = await self._in_thread(self._session, scope, cookie, counts)
        if session is None:
            await self._in_thread(self._note_old, scope, cookie)
            refused = _refused(scope, SIGN_IN)
            self.site.jar.drop(refused, cookies.SESSION)
            return refused
        if self._is_half_way(session) and scope["path"] not in SETTING_UP:
            return _half_way(scope)
        return None

    async def _in_thread(self, work: Callable[[*Ts], R], *arguments: *Ts) -> R:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(LOOKS)
        return await anyio.to_thread.run_sync(work, *arguments, limiter=self._limiter)

    def _session(self, scope: Scope, cookie: str, counts: bool) -> Session | None:
        now = datetime.now(UTC)
        with self.site.connect() as connection:
            session = sessions.find(connection, cookie, now)
            if session is None or (session.person.demo and not self.site.demo):
                return None
            if counts and sessions.is_to_touch(session, now):
                sessions.touch(connection, session, now)
        _remember(scope, session.person, session)
        return session

    def _note_old(self, scope: Scope, cookie: str) -> None:
        """A cookie that does not count (any more); not where somebody was merely away too long."""
        now, origin = datetime.now(UTC), scope["state"]["origin"]
        stranger = replace(NOBODY, origin=origin)
        with self.site.connect(stranger) as connection:
            ended = sessions.ended(connection, cookie)
            if ended is not None and ended.has_expired(now) and ended.origin == origin:
                return
        why = "unknown" if ended is None else "revoked" if ended.revoked_at else "expired"
        subject = f"account/{ended.email}" if ended and ended.email else "session"
        self.ledger.note(stranger, Refusal("session.refused", "", 401, subject=subject, how=why))

    def _token(self, scope: Scope, given: str) -> bool:
        now, origin = datetime.now(UTC), scope["state"]["origin"]
        with self.site.connect(origin=origin) as connection:
            token = tokens.find(connection, given, now)
            if token is not None:
                if tokens.is_to_touch(token, now):
                    tokens.touch(connection, token, now)
                _remember(scope, token.person, None)
                return True
        self.ledger.note(
            replace(NOBODY, origin=origin), Refusal("token.refused", "", 401, subject="api_token")
        )
        return False

    async def _note(self, scope: Scope, status: int) -> None:
        """Keeps what is refused, before the answer goes out."""
        refusal = refusals.of(scope, status)
        if refusal is not None:
            person = scope["state"]["person"] or replace(NOBODY, origin=scope["state"]["origin"])
            await self._in_thread(self.ledger.note, person, refusal)

    def _is_half_way(self, session: Session) -> bool:
        settings = self.site.settings
        weak = {Strength.PASSWORD, Strength.OIDC}
        if settings.oidc_second_factor == "provider":
            weak.remove(Strength.OIDC)
        roles = session.person.roles
        return session.strength in weak and needs_second_factor(roles, settings.second_factor)


def _remember(scope: Scope, person: Person, session: Session | None) -> None:
    state = scope["state"]
    state["person"] = replace(person, origin=state["origin"])
    state["session"] = session


def _is_by_itself(first: Message | None) -> bool:
    return first is not None and first.get("body", b"").startswith(BY_ITSELF)


def _again(first: Message, receive: Receive) -> Receive:
    """The message that was looked at, then the rest."""
    seen = [first]

    async def again() -> Message:
        return seen.pop() if seen else await receive()

    return again


def _is_page(scope: Scope) -> bool:
    """Whether a person is waiting for a page, and not a page for one of its parts."""
    path = scope["path"]
    return scope["method"] in ("GET", "HEAD") and not path.startswith(("/api", "/_", "/assets/"))


def _wanted(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return str(scope["path"]) + (f"?{query}" if query else "")


def _refused(scope: Scope, why: str) -> Response:
    if _is_page(scope):
        wanted = _wanted(scope)
        onward = "" if wanted == "/" else f"?weiter={quote(wanted, safe='')}"
        return RedirectResponse(f"/anmelden{onward}", 303, {"Cache-Control": "no-store"})
    headers = {"WWW-Authenticate": 'Bearer realm="Gebaeude"', "Cache-Control": "no-store"}
    return respond(401, _(why), scope["path"], headers=headers)


def _half_way(scope: Scope) -> Response:
    if _is_page(scope):
        return RedirectResponse("/konto/zweiter-faktor", 303, {"Cache-Control": "no-store"})
    return respond(403, _(SET_UP), scope["path"])


def _too_many(scope: Scope, waits: float) -> Response:
    headers = {"Retry-After": str(ceil(waits))}
    if not scope["path"].startswith(("/api", "/_")):  # a form of ours
        return Response(_(TOO_MANY), 429, headers, media_type="text/plain")
    return respond(429, _(TOO_MANY), scope["path"], headers=headers)


def _unavailable(site: Site, scope: Scope, why: str) -> Response:
    if _is_page(scope):
        shown = site.templates.get_template("away.html").render(
            text=_(why), again=_wanted(scope), demo=site.demo, path=scope["path"],
            signed_in=False, complaint="", done="",
        )  # fmt: skip
        return HTMLResponse(shown, 503, {**HEADERS, "Retry-After": "5"})
    return respond(503, _(why), scope["path"], headers={"Retry-After": "5"})
