"""Connections that see what belongs to a person's municipalities, and nothing else.

The scope are settings of the session, which the policies of the tables read (migration 0071).
They hold from the moment a connection is handed out until it goes back, across commits and
rollbacks; a connection that nobody has scoped sees nothing. The tables' owner sees everything.

Nobody needs to remember that: a connection of a scoped pool is the one's who asks, which `asking`
says for the length of a request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from gebaeude.access.person import SYSTEM, Person
from gebaeude.access.roles import Right
from gebaeude.store import memory
from gebaeude.store.database import Connection, Pool, open_pool, queries
from gebaeude.store.webrole import SEARCH_PATH, refuse_unbound

_sql = queries(__file__)

NOBODY = Person(None, "", "", ())
_asking: ContextVar[Person | None] = ContextVar("asking", default=None)


class ScopedPool(ConnectionPool[Connection]):
    """Hands out connections of whoever asks; where nobody is said to, of `otherwise`."""

    otherwise: Person = NOBODY

    @contextmanager
    def connection(self, timeout: float | None = None) -> Iterator[Connection]:
        person = _asking.get() or self.otherwise
        with (
            scoped(self, person, timeout) as connection,
            memory.seeing(self, connection, _view(person)),
        ):
            yield connection


class OpenPool(ScopedPool):
    """The same where there is no sign-in: whoever asks is our own process."""

    otherwise = SYSTEM


def open_scoped_pool(
    url: str,
    *,
    name: str,
    max_size: int,
    kind: type[ScopedPool] = ScopedPool,
    bound: bool = False,
) -> Pool:
    """A pool for the web process.

    bound: it hands out no connection whose role row level security does not bind, whenever the
    database comes or whatever becomes of the role.
    """
    options = f"-c search_path={SEARCH_PATH}"
    return open_pool(
        url, name=name, max_size=max_size, options=options, kind=kind,
        configure=_refuse_unbound if bound else None,
    )  # fmt: skip


def _refuse_unbound(connection: Connection) -> None:
    refuse_unbound(connection)
    connection.rollback()


@contextmanager
def asking(person: Person | None) -> Iterator[None]:
    """Who asks, in this thread or task and those that it starts; None: it is not known."""
    token = _asking.set(person)
    try:
        yield
    finally:
        _asking.reset(token)


def act_as(person: Person) -> None:
    """From here on in what `asking` encloses: who asks, narrowed to what they may do there."""
    _asking.set(person)


def who() -> Person:
    """Who asks; our own process where nobody is said to."""
    return _asking.get() or SYSTEM


@contextmanager
def scoped(
    pool: Pool, person: Person, timeout: float | None = None, *, everything: bool = False
) -> Iterator[Connection]:
    """A connection that sees what the person may; commits at the end, rolls back on an error.

    everything: it sees all, and still acts in the person's name; for finding out who asks.
    """
    with unscoped(pool, timeout) as connection:
        enter(connection, person, everything=everything)
        try:
            yield connection
        except BaseException:
            _quietly_leave(connection)
            raise
        connection.commit()
        leave(connection)


@contextmanager
def unscoped(pool: Pool, timeout: float | None = None) -> Iterator[Connection]:
    """A connection that sees nothing of any municipality; also of a database of another schema."""
    with ConnectionPool.connection(pool, timeout=timeout) as connection:
        yield connection


def enter(connection: Connection, person: Person, *, everything: bool = False) -> None:
    """From now on the connection, which must be outside of a transaction, is the person's."""
    everything = everything or person.system
    ids = [one.municipality for one in person.memberships]
    if everything:
        ids = _outside(connection, _sql.every_municipality)
    _outside(
        connection,
        _sql.enter,
        municipalities=ids,
        building=None if everything else person.building,
        unassigned=everything or person.may(Right.MANAGE_DEVICES),
        account=person.account,
        actor=person.name,
        origin=person.origin,
    )


def _view(person: Person) -> tuple[object, ...]:
    """What `enter` says of a person that decides what is seen."""
    ids = tuple(one.municipality for one in person.memberships)
    return person.system, ids, person.building, person.may(Right.MANAGE_DEVICES)


def leave(connection: Connection) -> None:
    """From now on the connection is nobody's, and sees nothing."""
    _outside(connection, _sql.leave)


def _outside(connection: Connection, query: Any, **parameters: Any) -> Any:
    """Runs a query on its own: what a transaction sets, its rollback takes back."""
    was = connection.autocommit
    connection.autocommit = True
    found = query(connection, **parameters)
    connection.autocommit = was
    return found


def _quietly_leave(connection: Connection) -> None:
    """Where the connection itself is the trouble, the pool throws it away."""
    try:
        connection.rollback()
        leave(connection)
    except psycopg.Error:
        connection.close()
