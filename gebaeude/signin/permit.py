"""Whether whoever asks may open or send a page of ours, asked before the page is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gebaeude.access import table
from gebaeude.signin.site import Site
from gebaeude.signin.visit import Visit
from gebaeude.text import N_, _

REFUSED = N_("Das erlaubt Ihre Rolle nicht.")


def names(route: Route) -> Iterator[str]:
    """Method and path as the table names them; who may read may ask whether there is something."""
    for method in (route.methods or set()) - {"HEAD"}:
        yield f"{method} {route.path}"


def guarded(routes: list[Route], site: Site) -> list[Route]:
    """The same routes, each with its line of the table in front."""
    for route in routes:
        table.check("sign-in", [*names(route)], table.SIGN_IN)
        route.app = _permitted(route.app, route.path, site)
    return routes


def _permitted(app: ASGIApp, path: str, site: Site) -> ASGIApp:
    async def permitted(scope: Scope, receive: Receive, send: Send) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        person = scope["state"]["person"]
        scope["state"]["route"] = f"{method} {path}"  # into the audit where refused, by the gate
        if table.may(person, table.SIGN_IN[f"{method} {path}"]):
            await app(scope, receive, send)
            return
        visit = Visit(site, Request(scope), {}, datetime.now(UTC))
        refused = visit.page("oops.html", status=403, text=_(REFUSED))
        await refused(scope, receive, send)

    return permitted
