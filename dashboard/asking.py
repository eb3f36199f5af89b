"""Whose page it is: the gate in front of us has put them into the request."""

from __future__ import annotations

from typing import Any, cast

from flask import has_request_context, request

from gebaeude.access.person import Person
from gebaeude.errors import NotFound, UsageError


def asking() -> Person | None:
    """Who asks, within a callback; None elsewhere, or where no gate stands in front."""
    if not has_request_context():
        return None
    scope: dict[str, Any] = request.environ.get("asgi.scope", {})
    return cast(Person | None, scope.get("state", {}).get("person"))


def refused(what: str) -> None:
    """Tells the gate in front that the role of whoever asks did not allow this."""
    _tell("refused", what)


def missing(what: str, asked: str) -> None:
    """Tells the gate that whoever asks does not see what they have asked for by this address."""
    _tell("missing", what)
    _tell("asked", asked)


def noticed(error: Exception, what: str, asked: str | None) -> None:
    """The same for an error that a callback puts into words itself."""
    if isinstance(error, NotFound):
        missing(what, asked or "")
    elif isinstance(error, UsageError):
        _tell("unusable", what)


def _tell(name: str, what: str) -> None:
    if has_request_context() and "asgi.scope" in request.environ:
        request.environ["asgi.scope"]["state"][name] = what
