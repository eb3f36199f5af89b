"""Whose page it is: the gate in front of us has put them into the request."""

from __future__ import annotations

from typing import Any, cast

from flask import has_request_context, request

from gebaeude.access.person import Person


def asking() -> Person | None:
    """Who asks, within a callback; None elsewhere, or where no gate stands in front."""
    if not has_request_context():
        return None
    scope: dict[str, Any] = request.environ.get("asgi.scope", {})
    return cast(Person | None, scope.get("state", {}).get("person"))


def refused(what: str) -> None:
    """Tells the gate in front that the role of whoever asks did not allow this."""
    if has_request_context() and "asgi.scope" in request.environ:
        request.environ["asgi.scope"]["state"]["refused"] = what
