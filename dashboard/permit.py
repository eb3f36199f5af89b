"""Whether whoever looks may see a page or change what a callback changes, asked before it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dash import Dash
from flask import Response, abort, has_request_context, request

from dashboard.asking import asking as signed_in
from dashboard.asking import refused
from gebaeude.access import table
from gebaeude.access.roles import Right
from gebaeude.access.table import Needed
from gebaeude.errors import NotAllowed
from gebaeude.store.scope import asking, who
from gebaeude.text import N_, _

REFUSED = N_("Das erlaubt Ihre Rolle nicht.")
CALLBACK = "/_dash-update-component"
_REPEATED = re.compile(r"@[0-9a-f]{64}")  # what Dash adds where several callbacks change the same


@contextmanager
def acting(needed: Needed, what: str = "") -> Iterator[None]:
    """What is done inside reaches as far as the right does; NotAllowed where nowhere.

    what: the name of page or callback, for the audit.
    """
    person = who()
    if not table.may(person, needed):
        refused(what)
        raise NotAllowed(_(REFUSED))
    with asking(table.narrowed(person, needed)):
        yield


def may(right: Right, municipality: str | None = None) -> bool:
    """Whether whoever looks has the right in the municipality of this key, or anywhere."""
    return who().may(right, municipality)


def name(output: str) -> str:
    """A callback as the table names it: by all that it changes."""
    return " ".join(_REPEATED.sub("", output).strip(".").split("..."))


def guard(app: Dash) -> None:
    """Puts its line of the table in front of every callback that reaches the server."""
    app.server.before_request(_refuse_nonsense(app))
    asked = {one: entry for one, entry in app.callback_map.items() if "callback" in entry}
    table.check("callbacks", [name(one) for one in asked], table.CALLBACKS)
    for output, entry in asked.items():
        entry["callback"] = _guarded(
            entry["callback"], table.CALLBACKS[name(output)], f"callback {name(output)}"
        )


def _refuse_nonsense(app: Dash) -> Callable[[], None]:
    """Answers 400 to what no page of ours sends."""

    def check() -> None:
        if request.path != CALLBACK:
            return
        body = request.get_json(silent=True)
        known = isinstance(body, dict) and app.callback_map.get(str(body.get("output")), {})
        lists = isinstance(body, dict) and all(
            isinstance(body.get(part, []), list) for part in ("inputs", "state", "changedPropIds")
        )
        if not (known and "callback" in known and lists):
            abort(Response(status=400))

    return check


def _guarded(callback: Callable[..., Any], needed: Needed, what: str) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        if has_request_context() and signed_in() is None:
            abort(Response(status=401))
        try:
            with acting(needed, what):
                return callback(*arguments, **named)
        except NotAllowed as error:
            abort(Response(str(error), 403, mimetype="text/plain"))

    return guarded
