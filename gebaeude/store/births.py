"""What devices said once and do not repeat with their values: Sparkplug's births, Homie's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)


class Born(NamedTuple):
    """A birth that says something new. Times in µs since 1970-01-01 UTC."""

    node: bytes
    device: bytes
    since: int
    doubted: int | None
    reach: int
    metrics: bytes


class State(NamedTuple):
    """Where a node stands."""

    node: bytes
    heard: int
    state: bytes


class Described(NamedTuple):
    """What a Homie device says of its properties."""

    device: bytes
    heard: int
    properties: bytes


MOST_DESCRIBED = 10_000


class News(NamedTuple):
    """What is to be written together with the messages that told it."""

    born: Sequence[Born] = ()
    states: Sequence[State] = ()
    forgotten: Sequence[bytes] = ()  # nodes
    described: Sequence[Described] = ()


def keep(connection: Connection, news: News) -> None:
    """Writes it; twice is once. Does not commit."""
    if news.forgotten:
        _sql.forget(connection, nodes=list(news.forgotten))
    if news.born:
        _sql.in_order(connection)
        _sql.keep_born(connection, **_columns(Born, news.born))
        _sql.prune(connection, nodes=list({one.node for one in news.born}))
    if news.states:
        _sql.keep_states(connection, **_columns(State, news.states))
    if news.described:
        _sql.keep_described(connection, **_columns(Described, news.described))
        _sql.prune_described(connection, most=MOST_DESCRIBED)


def born(connection: Connection, after: int) -> list[tuple[int, Born]]:
    """(number, birth) of all whose number is greater than `after`, in the order of numbers."""
    return [(row[0], Born(*row[1:])) for row in _sql.born(connection, after=after)]


def states(connection: Connection, after: int, most: int) -> list[State]:
    """Of the nodes heard last, `most` of those heard later than `after`; the last one last."""
    return [State(*row) for row in _sql.states(connection, after=after, most=most)][::-1]


def described(connection: Connection, after: int) -> list[Described]:
    """Of the devices that described themselves later than `after`; the last one last."""
    found = _sql.described(connection, after=after, most=MOST_DESCRIBED)
    return [Described(*row) for row in found][::-1]


def _columns(
    kind: type[Born | State | Described], rows: Sequence[Born | State | Described]
) -> dict[str, list[object]]:
    return {name: [row[at] for row in rows] for at, name in enumerate(kind._fields)}
