"""Connections that see what belongs to a person's municipalities, and nothing else.

The scope are settings of the session, which the policies of the tables read (migration 0071).
They hold from the moment a connection is handed out until it goes back, across commits and
rollbacks; a connection that nobody has scoped sees nothing. The tables' owner sees everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from gebaeude.access.person import Person
from gebaeude.access.roles import Right
from gebaeude.store.database import Connection, Pool, open_pool, queries
from gebaeude.store.webrole import SEARCH_PATH

_sql = queries(__file__)


def open_scoped_pool(url: str, *, name: str, max_size: int) -> Pool:
    """A pool for the web process; to be used by `scoped`."""
    return open_pool(url, name=name, max_size=max_size, options=f"-c search_path={SEARCH_PATH}")


@contextmanager
def scoped(pool: Pool, person: Person, timeout: float | None = None) -> Iterator[Connection]:
    """A connection that sees what the person may; commits at the end, rolls back on an error."""
    with pool.connection(timeout=timeout) as connection:
        enter(connection, person)
        try:
            yield connection
        except BaseException:
            _quietly_leave(connection)
            raise
        connection.commit()
        leave(connection)


def enter(connection: Connection, person: Person) -> None:
    """From now on the connection, which must be outside of a transaction, is the person's."""
    everything = person.system
    ids = [one.municipality for one in person.memberships]
    _outside(
        connection,
        _sql.enter,
        municipalities=None if everything else ids,
        building=person.building,
        unassigned=everything or person.may(Right.MANAGE_DEVICES),
        account=person.account,
        actor=person.name,
        origin=person.origin,
    )


def leave(connection: Connection) -> None:
    """From now on the connection is nobody's, and sees nothing."""
    _outside(connection, _sql.leave)


def _outside(connection: Connection, query: Any, **parameters: Any) -> None:
    """Runs a query on its own: what a transaction sets, its rollback takes back."""
    was = connection.autocommit
    connection.autocommit = True
    query(connection, **parameters)
    connection.autocommit = was


def _quietly_leave(connection: Connection) -> None:
    """Where the connection itself is the trouble, the pool throws it away."""
    try:
        connection.rollback()
        leave(connection)
    except psycopg.Error:
        connection.close()
