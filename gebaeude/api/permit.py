"""Whether whoever asks may do what a route does, asked before the route is."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, HTTPException, Request
from fastapi.routing import APIRoute

from gebaeude.access import table
from gebaeude.api.asking import asking
from gebaeude.errors import NotAllowed
from gebaeude.store.scope import act_as
from gebaeude.text import N_, _

REFUSED = N_("Ihre Rolle oder Ihr Schlüssel erlaubt das nicht.")


def names(router: APIRouter) -> Iterator[str]:
    """Method and path of each route, as the table names them."""
    for route in router.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            yield f"{method} {route.path}"


async def permit(request: Request) -> None:
    """To be depended on by every route, first: what follows sees what the right reaches to.

    Not a plain function: those run in a thread, and what they say of who asks stays there.
    """
    name = f"{request.method} {request.scope['route'].path}"
    request.scope["state"]["route"] = name  # into the audit where it is refused, by the gate
    needed = table.API[name]
    person = asking(request)
    if not table.may(person, needed):
        if person is None:
            raise HTTPException(401)
        raise NotAllowed(_(REFUSED))
    if person is not None:
        act_as(table.narrowed(person, needed))
