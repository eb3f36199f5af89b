"""How long somebody waits after wrong attempts: it grows, and nobody is locked out for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

WITHIN = timedelta(minutes=15)  # attempts older than this are forgotten
LONGEST = timedelta(seconds=60)


class Failures(msgspec.Struct, frozen=True):
    """Wrong attempts of one kind and key within `WITHIN`."""

    count: int
    last: datetime | None


def wait(failures: Failures, free: int, now: datetime) -> timedelta:
    """How long the next attempt must wait: nothing for `free` of them, then 1, 2, 4 … 60 s.

    A clock that was set back must not make it longer than that.
    """
    over = failures.count - free
    if over < 0 or failures.last is None:
        return timedelta(0)
    delay = min(timedelta(seconds=2 ** min(over, 6)), LONGEST)
    return min(max(failures.last + delay - now, timedelta(0)), delay)
