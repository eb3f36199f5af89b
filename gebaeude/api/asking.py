"""Who asks: the gate in front of us has put them into the request."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from gebaeude.access.person import Person


def asking(request: Request) -> Person | None:
    """Who asks, to be depended on by a route; None where no gate stands in front."""
    return cast(Person | None, request.scope.get("state", {}).get("person"))
