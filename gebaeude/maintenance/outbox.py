"""When a mail that could not leave is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

_FIRST = timedelta(seconds=5)
_LONGEST = timedelta(minutes=30)
_GIVE_UP_AFTER = timedelta(days=3)


def pause(attempts: int) -> timedelta:
    """How long to wait after this many failed attempts: doubling, half an hour at most."""
    return min(_FIRST * (1 << min(attempts, 20)), _LONGEST)


def next_attempt(created_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try a mail again that the server refused; None: give it up and say so.

    A server that cannot be reached is no reason to give up: that is no answer to this mail.
    """
    if now - created_at >= _GIVE_UP_AFTER:
        return None
    return now + pause(attempts)
