"""What was found a moment ago for whoever sees the same: for what takes long and changes rarely.

Connections that a scoped pool hands out remember together, one memory for each scope: who sees
other municipalities, or one building alone, finds nothing of it. Any other connection remembers
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from gebaeude.store.database import Connection, Pool

KEPT = timedelta(minutes=1)

R = TypeVar("R")
Kept = dict[tuple[Hashable, Hashable], tuple[datetime, Any]]

_kept: WeakKeyDictionary[Pool, Kept] = WeakKeyDictionary()
_seeing: WeakKeyDictionary[Connection, tuple[Kept, Hashable]] = WeakKeyDictionary()


@contextmanager
def seeing(pool: Pool, connection: Connection, view: Hashable) -> Iterator[None]:
    """Inside, the connection remembers with those of the pool that have the same view.

    view: everything on which it depends what the connection can see.
    """
    _seeing[connection] = _kept.setdefault(pool, {}), view
    try:
        yield
    finally:
        _seeing.pop(connection, None)


def remembered(connection: Connection, name: Hashable, now: datetime, find: Callable[[], R]) -> R:
    """What `find` says, or said up to `KEPT` before `now` under this name; not to be changed."""
    if connection not in _seeing:
        return find()
    kept, view = _seeing[connection]
    known = kept.get((view, name))
    if known is not None and _counts(known[0], now):
        found: R = known[1]
        return found
    found = find()
    for key, (at, _found) in list(kept.items()):
        if not _counts(at, now):
            kept.pop(key, None)
    kept[view, name] = now, found
    return found


def _counts(at: datetime, now: datetime) -> bool:
    return timedelta() <= now - at < KEPT
