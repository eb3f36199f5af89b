"""What is turned away in front of everything, before anybody is asked who they are."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import anyio
import anyio.to_thread
from msgspec.structs import replace
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from gebaeude.access.person import Person
from gebaeude.signin import cookies
from gebaeude.signin.refusals import ACTIONS, Ledger, Refusal, shown
from gebaeude.signin.site import Site
from gebaeude.store import sessions, tokens
from gebaeude.store.scope import NOBODY
from gebaeude.store.sessions import Session
from gebaeude.store.tokens import Token

AT_ONCE = 2


class Door:
    """Keeps in the audit what the guard has refused."""

    def __init__(self, site: Site, ledger: Ledger) -> None:
        self._site, self._ledger = site, ledger
        self._limiter: anyio.CapacityLimiter | None = None

    async def refused(self, scope: Scope, status: int) -> None:
        """One refusal, with this status; who asks is looked up for the first of its kind."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(AT_ONCE)
        origin = self._site.origin(scope)
        refusal = Refusal(ACTIONS[status], "", status, shown(scope["path"]))
        find = partial(self._asker, scope, origin)
        note = self._ledger.note_stranger
        await anyio.to_thread.run_sync(note, origin, refusal, find, limiter=self._limiter)

    def _asker(self, scope: Scope, origin: str) -> Person:
        """Who asks, by their cookie or token; it opens nothing here."""
        now = datetime.now(UTC)
        found: Token | Session | None = None
        kind, _blank, token = Headers(scope=scope).get("authorization", "").partition(" ")
        cookie = self._site.jar.read(Request(scope), cookies.SESSION)
        with self._site.connect(origin=origin) as connection:
            if kind.lower() == "bearer":
                found = tokens.find(connection, token.strip(), now)
            elif cookie is not None:
                found = sessions.find(connection, cookie, now)
        return replace(found.person if found else NOBODY, origin=origin)
