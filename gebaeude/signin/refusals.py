"""What was not let through, for the audit: the first of its kind at once, more of it as a count.

Of one kind is what somebody (who has not signed in: an address of the network) asks of one route,
for the same reason, within a minute. So neither a flood fills the audit nor is one hidden in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
from starlette.types import Scope

from gebaeude.access import table
from gebaeude.access.person import Person
from gebaeude.signin import counts, trace
from gebaeude.signin.site import Site
from gebaeude.store.scope import NOBODY

WINDOW_S = 60.0
KINDS = 1000  # at once; what comes beyond is counted together
PATHS = 5  # of what was asked for, as many are named
PATH_LIMIT = 200  # characters
# Status → what it is in the audit; what is missing here is no refusal of ours.
ACTIONS: dict[int, str] = {
    400: "input.refused",
    403: "access.refused",
    404: "access.missing",
    405: "request.refused",
    410: "link.refused",
    411: "request.refused",
    413: "request.refused",
    415: "request.refused",
    421: "request.refused",
    422: "input.refused",
    429: "request.refused",
}
# Our forms are answered with 409 where something else is in the way, and note themselves where
# somebody has to wait.
FORMS = {status: action for status, action in ACTIONS.items() if status != 429} | {
    409: "input.refused"
}
# What the dashboard tells of an answer that says so in words, and the status that it stands for.
SAID: dict[str, int] = {"refused": 403, "missing": 404, "unusable": 400}
BEYOND = ("", "request.refused", "", 0)


class Refusal(msgspec.Struct, frozen=True):
    """One request that was refused."""

    action: str  # as the audit calls it
    what: str  # route, page or callback, as the table of rights names it; "": none of these
    status: int
    path: str = ""  # what was asked for; "": it could hold a secret, or a stranger asked
    subject: str = "route"  # table/key
    how: str = ""  # why, where the status does not say it


class _Kind:
    """What has come of one kind since it was first noted."""

    def __init__(self, person: Person, refusal: Refusal, now: float) -> None:
        self.person, self.refusal, self.begun = person, refusal, now
        self.more = 0
        self.paths: list[str] = []

    def add(self, path: str) -> None:
        self.more += 1
        if path and path not in self.paths and len(self.paths) < PATHS:
            self.paths.append(path)


class Ledger:
    """What was refused, of which the audit does not know all yet. For threads.

    steady: seconds of a clock that nobody sets.
    """

    def __init__(self, site: Site, steady: Callable[[], float] = time.monotonic) -> None:
        self._site, self._steady = site, steady
        self._kinds: dict[tuple[str, str, str, int], _Kind] = {}
        self._lock = threading.Lock()

    def note(self, person: Person, refusal: Refusal) -> None:
        """Into the audit, unless the same was noted a moment ago: then it is counted."""
        if not self.is_news(person, refusal):
            return
        try:
            self._write(person, refusal, _told(refusal))
        except psycopg.Error:  # away: told when it is back
            self._add(person, refusal)

    def is_news(self, person: Person, refusal: Refusal) -> bool:
        """Whether this is the first of its kind; if not, it is counted."""
        counts.count(refusal.action)
        return self._add(person, refusal)

    def _add(self, person: Person, refusal: Refusal) -> bool:
        key = (_who(person), refusal.action, refusal.what or refusal.subject, refusal.status)
        with self._lock:
            is_known = key in self._kinds
            is_beyond = not is_known and len(self._kinds) >= KINDS
            if is_beyond:
                key, person, refusal = BEYOND, NOBODY, Refusal(BEYOND[1], "", 0)
            kind = self._kinds.setdefault(key, _Kind(person, refusal, self._steady()))
            if is_known or is_beyond:
                kind.add(refusal.path)
            return not (is_known or is_beyond)

    def note_stranger(self, origin: str, refusal: Refusal, find: Callable[[], Person]) -> None:
        """The same where nobody has asked yet who it is; `find` is called for news alone."""
        if self.is_news(msgspec.structs.replace(NOBODY, origin=origin), refusal):
            with suppress(psycopg.Error):
                person = find()
                shown = refusal if person.account or person.session else _hidden(refusal)
                self._write(person, shown, _told(shown))

    def flush(self, *, everything: bool = False) -> None:
        """Writes down what was only counted, of the minutes that are over."""
        now = self._steady()
        with self._lock:
            over = [
                key for key, kind in self._kinds.items()
                if everything or now - kind.begun >= WINDOW_S
            ]  # fmt: skip
            ended = [self._kinds.pop(key) for key in over]
        for kind in ended:
            if kind.more:
                detail = _told(kind.refusal) | {"times": kind.more, "paths": kind.paths}
                with suppress(psycopg.Error):
                    self._write(kind.person, kind.refusal, detail)

    def _write(self, person: Person, refusal: Refusal, detail: dict[str, Any]) -> None:
        with self._site.connect(person) as connection:
            trace.note(
                connection, refusal.action, refusal.subject, building=person.building, **detail
            )


def of(scope: Scope, status: int) -> Refusal | None:
    """What the answer to a request refused, None where it refused nothing."""
    state = scope["state"]
    what = state.get("route", "")
    for said, meant in SAID.items():
        if said in state:
            what, status = state[said], meant
    action = FORMS.get(status) if what in table.SIGN_IN else ACTIONS.get(status)
    if action is None or "noted" in state:  # by the page itself, with more than we know
        return None
    path = state.get("asked", scope["path"]) if state["person"] is not None else ""
    return Refusal(action, what[:PATH_LIMIT], status, shown(path))


def _hidden(refusal: Refusal) -> Refusal:
    """What strangers have typed is not kept."""
    return msgspec.structs.replace(refusal, path="")


def shown(path: str) -> str:
    """An address as the audit may have it: without the secrets of links, and not endless."""
    if path.startswith(("/kennwort", "/gast")):
        return ""
    return "".join(one if one.isprintable() else "?" for one in path[:PATH_LIMIT])


def _who(person: Person) -> str:
    if person.account is not None:
        return f"account {person.account} {person.token or ''}"
    return f"guest {person.session}" if person.session is not None else f"at {person.origin}"


def _told(refusal: Refusal) -> dict[str, Any]:
    told = {
        "what": refusal.what, "path": refusal.path, "status": refusal.status, "how": refusal.how,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}
