"""Says to the store who asks: whoever the gate in front has found."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from gebaeude.store.scope import asking


class Scoped:
    """Middleware: for the length of a request, connections are those of the person who asks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with asking(scope.get("state", {}).get("person")):
            await self.app(scope, receive, send)
