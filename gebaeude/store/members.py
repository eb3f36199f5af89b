"""Which ingests share the messages, and by which generation each of their sessions goes.

Those who share have one broker, and their client ids one beginning: the *base*. Ingests of several
brokers write into the same database with a base each, and know nothing of each other.
"""

from __future__ import annotations

from typing import NamedTuple

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Generation(NamedTuple):
    """One way of dealing the messages out."""

    number: int  # no two generations have the same, whosever they are
    members: tuple[str, ...]  # client ids, in the order that counts


def latest(connection: Connection, base: str | None = None) -> Generation | None:
    """The newest generation of this base, or of all; None where there was no ingest yet."""
    return _read(_sql.newest(connection, number=None, base=base))


def generation(connection: Connection, number: int, base: str | None = None) -> Generation | None:
    """The generation of this number, if there is one, and it is of this base."""
    return _read(_sql.newest(connection, number=number, base=base))


def of_session(connection: Connection, client: str, base: str | None = None) -> Generation | None:
    """The generation a session goes by; None for an unknown one."""
    number = _sql.generation(connection, client=client)
    return None if number is None else generation(connection, number, base)


def enter(connection: Connection, client: str, base: str, *, alone: bool) -> Generation:
    """The newest generation, with this member: made where there is none.

    alone: it takes the place of all others. A session that is new goes by what was there before;
    where nothing was, by this one.
    """
    with connection.transaction():
        _sql.lock(connection)
        before = latest(connection, base)
        if before is None:
            first = _add(connection, base, (client,))
            _sql.go_by(connection, client=client, generation=first.number)
            return first
        if client in before.members:
            return before
        known = of_session(connection, client, base)
        after = _add(connection, base, (client,) if alone else (*before.members, client))
        _sql.go_by(connection, client=client, generation=(known or before).number)
        return after


def leave(connection: Connection, client: str, base: str) -> Generation | None:
    """The newest generation, without this member; None where it is the only one."""
    with connection.transaction():
        _sql.lock(connection)
        before = latest(connection, base)
        if before is None or before.members == (client,):
            return None
        if client not in before.members:
            return before
        rest = tuple(member for member in before.members if member != client)
        return _add(connection, base, rest)


def go_by(connection: Connection, client: str, number: int) -> None:
    """From now on the session goes by this generation."""
    _sql.go_by(connection, client=client, generation=number)


def forget(connection: Connection, client: str) -> None:
    """Forgets a session that has ended for good, and its ledger."""
    _sql.forget(connection, client=client)


def _add(connection: Connection, base: str, members: tuple[str, ...]) -> Generation:
    newest = latest(connection)
    number = 1 if newest is None else newest.number + 1
    _sql.add(connection, number=number, base=base, members=list(members))
    return Generation(number, members)


def _read(row: tuple[int, list[str]] | None) -> Generation | None:
    return None if row is None else Generation(row[0], tuple(row[1]))
