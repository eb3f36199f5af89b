"""Which ingests share the messages, and by which generation each of their sessions goes."""

from __future__ import annotations

from typing import NamedTuple

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Generation(NamedTuple):
    """One way of dealing the messages out."""

    number: int
    members: tuple[str, ...]  # client ids, in the order that counts


def latest(connection: Connection) -> Generation | None:
    """The newest generation; None where there was no ingest yet."""
    row = _sql.latest(connection)
    return None if row is None else Generation(row[0], tuple(row[1]))


def generation(connection: Connection, number: int) -> Generation | None:
    """The generation of this number, if there is one."""
    members = _sql.members(connection, number=number)
    return None if members is None else Generation(number, tuple(members))


def of_session(connection: Connection, client: str) -> Generation | None:
    """The generation a session goes by; None for an unknown one."""
    number = _sql.generation(connection, client=client)
    return None if number is None else generation(connection, number)


def enter(connection: Connection, client: str, *, alone: bool) -> Generation:
    """The newest generation, with this member: made where there is none.

    alone: it takes the place of all others. A session that is new goes by what was there before;
    where nothing was, by this one.
    """
    with connection.transaction():
        _sql.lock(connection)
        before = latest(connection)
        if before is None:
            return _add(connection, client, Generation(1, (client,)), 1)
        if client in before.members:
            return before
        members = (client,) if alone else (*before.members, client)
        known = of_session(connection, client)
        after = Generation(before.number + 1, members)
        return _add(connection, client, after, (known or before).number)


def leave(connection: Connection, client: str) -> Generation | None:
    """The newest generation, without this member; None where it is the only one."""
    with connection.transaction():
        _sql.lock(connection)
        before = latest(connection)
        if before is None or before.members == (client,):
            return None
        if client not in before.members:
            return before
        rest = tuple(member for member in before.members if member != client)
        after = Generation(before.number + 1, rest)
        _sql.add(connection, number=after.number, members=list(after.members))
        return after


def go_by(connection: Connection, client: str, number: int) -> None:
    """From now on the session goes by this generation."""
    _sql.go_by(connection, client=client, generation=number)


def forget(connection: Connection, client: str) -> None:
    """Forgets a session that has ended for good, and its ledger."""
    _sql.forget(connection, client=client)


def _add(connection: Connection, client: str, after: Generation, own: int) -> Generation:
    _sql.add(connection, number=after.number, members=list(after.members))
    _sql.go_by(connection, client=client, generation=own)
    return after
