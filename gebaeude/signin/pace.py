"""How often somebody may ask for what takes long, or do what concerns others: a program that has
run wild shall not take the database from everybody else, and an account in the wrong hands shall
not send a thousand invitations. Ordinary use never meets it.

A bucket for each person and each kind of route: full at first, one token a request, filled again at
a steady pace. In memory, for one web process; nobody is locked out longer than a token takes.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import msgspec

from gebaeude.access.person import Person

PREFIX = "/api/v1"
MOST = 10_000  # buckets; all begin anew beyond


class Allowance(msgspec.Struct, frozen=True):
    """What one person may ask of a kind of route."""

    asked: re.Pattern[str]  # method and path
    burst: float  # requests at once
    per_s: float  # and then in the long run


ALLOWANCES: dict[str, Allowance] = {
    "readings": Allowance(re.compile(rf"\w+ {PREFIX}/points/[^/]+/[^/]+/readings"), 300, 10),
    "metrics": Allowance(re.compile(rf"\w+ {PREFIX}/metrics"), 60, 2),
    "pages": Allowance(re.compile(r"\w+ /_dash-update-component"), 1000, 50),
    "tickets": Allowance(re.compile(rf"POST {PREFIX}/tickets/.+"), 600, 2),
    "devices": Allowance(re.compile(rf"POST {PREFIX}/inbox/.+"), 600, 2),
    # A mail to whatever address, a link or a key that lets somebody in.
    "access": Allowance(re.compile(r"POST /(benutzer(/\d+|/gast)?|konto/schluessel)"), 100, 1 / 30),
}


class Pace:
    """For one event loop or several threads. steady: seconds of a clock that nobody sets."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._left: dict[tuple[str, str], tuple[float, float]] = {}  # tokens, when it was
        self._lock = threading.Lock()

    def wait(self, person: Person | None, path: str, method: str = "GET") -> float:
        """Seconds until this may be asked again; 0: now, and it counts."""
        asked = f"{method} {path}"
        kind = next((one for one, told in ALLOWANCES.items() if told.asked.fullmatch(asked)), None)
        if kind is None or person is None:
            return 0.0
        told, now = ALLOWANCES[kind], self._steady()
        key = (kind, f"{person.account} {person.session if person.account is None else ''}")
        with self._lock:
            if len(self._left) > MOST:
                self._left.clear()
            left, was = self._left.get(key, (told.burst, now))
            left = min(told.burst, left + (now - was) * told.per_s)
            if left < 1:
                return (1 - left) / told.per_s
            self._left[key] = left - 1, now
            return 0.0
