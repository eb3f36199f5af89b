"""Rate limits: wrong attempts make the next one wait, and nobody can lock somebody else out.

What counts is the account and the address of the network. A browser in which the account has been
signed in to before has a count of its own, so that whoever tries passwords from elsewhere does not
keep its owner out; and a link for a new password, sent by mail, always works.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec

from gebaeude.access.delays import wait
from gebaeude.store import attempts
from gebaeude.store.database import Connection

# Kind of attempt → how many are free before each waits.
FREE: dict[str, int] = {
    "password": 5,
    "password_origin": 30,
    "code": 5,
    "reset": 3,
    "reset_origin": 10,
    "oidc_origin": 30,
}


class Counter(msgspec.Struct, frozen=True):
    """What is counted for one attempt: kind and key of each counter."""

    keys: tuple[tuple[str, str], ...]


def of_person(kind: str, who: str, origin: str, known_browser: bytes | None) -> Counter:
    """Counters for an attempt at an account: its own and the origin's, or a known browser's."""
    if known_browser is not None:
        return Counter(((kind, _short(f"{who} {known_browser.hex()}")),))
    own = ((kind, _short(who)),)
    return Counter(own + (((f"{kind}_origin", origin),) if f"{kind}_origin" in FREE else ()))


def claim(connection: Connection, counter: Counter, now: datetime) -> timedelta:
    """Counts an attempt as wrong until it turns out right, and lets it go on; or says how long
    it must wait, and counts nothing.

    Counting first, under a lock, is what makes a thousand at once no cheaper than one by one.
    """
    for kind, key in sorted(counter.keys):
        alone(connection, kind, key)
    longest = max(
        wait(attempts.failures(connection, kind, key, now), FREE[kind], now)
        for kind, key in counter.keys
    )
    if not longest:
        for kind, key in counter.keys:
            attempts.note(connection, kind, key, now)
    return longest


def alone(connection: Connection, kind: str, key: str) -> None:
    """Whoever does the same to the same waits until this transaction is over."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 70))", [f"{kind} {key}"])


def is_news(connection: Connection, counter: Counter, now: datetime) -> bool:
    """Whether a refusal of this counter has not been noted during the last minute."""
    kind, key = counter.keys[0]
    alone(connection, kind, key)
    noted = attempts.failures(connection, f"{kind}_refused", key, now)
    if noted.last is not None and abs(now - noted.last) < timedelta(minutes=1):
        return False
    attempts.note(connection, f"{kind}_refused", key, now)
    return True


def forgive(connection: Connection, counter: Counter) -> None:
    """It was the right one: the account's count begins anew. The origin's one attempt goes too."""
    kind, key = counter.keys[0]
    attempts.forgive(connection, kind, key)
    for kind, key in counter.keys[1:]:
        attempts.forgive_last(connection, kind, key)


def _short(text: str) -> str:
    """People type passwords into the wrong field: what they typed is not kept."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
