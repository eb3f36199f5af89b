"""What is dropped when its time is over, in parts of a transaction each.

Every part can be repeated, and a crash between two leaves the rest for the next run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gebaeude.access.delays import WITHIN
from gebaeude.access.mentions import Line, nameless
from gebaeude.config import Settings
from gebaeude.maintenance.wording import ACTORS
from gebaeude.store.database import Connection, queries
from gebaeude.text import N_, _

_sql = queries(__file__)

PART = 500  # rows a transaction
NOBODY = N_("nicht mehr genannt")
PERSON = N_("Person {n}")

Forget = Callable[[Connection, Settings, datetime], int]


def forget(connection: Connection, settings: Settings, now: datetime) -> Iterator[tuple[str, int]]:
    """Drops everything whose time is over: (kind, rows) after each part. Needs autocommit."""
    for kind, work in KINDS.items():
        while rows := work(connection, settings, now):
            yield kind, rows


def forget_traces(connection: Connection, now: datetime) -> None:
    """Empties what this transaction has left in the audit, which would keep what it removes."""
    _sql.forget_traces(connection, now=now)


def _sessions(connection: Connection, settings: Settings, now: datetime) -> int:
    return int(_sql.sessions(connection, before=_access(settings, now), count=PART))


def _links(connection: Connection, settings: Settings, now: datetime) -> int:
    return int(_sql.links(connection, before=_access(settings, now), now=now, count=PART))


def _tokens(connection: Connection, settings: Settings, now: datetime) -> int:
    return int(_sql.tokens(connection, before=_access(settings, now), count=PART))


def _attempts(connection: Connection, _settings: Settings, now: datetime) -> int:
    return int(_sql.attempts(connection, before=now - WITHIN, count=PART))


def _mails(connection: Connection, settings: Settings, now: datetime) -> int:
    before = now - timedelta(days=settings.retention_mail_days)
    return int(_sql.mails(connection, before=before, count=PART))


def _ticket_names(connection: Connection, settings: Settings, now: datetime) -> int:
    """Who did it becomes „Person 1“ and so on; that it was done, and when, stays."""
    with connection.transaction():
        found = _sql.closed_tickets(connection, before=_people(settings, now), count=PART)
        tickets = [row[0] for row in found]
        _rewrite(connection, tickets)
        _sql.mark(connection, tickets=tickets, now=now)
        forget_traces(connection, now)
    return len(tickets)


def _rewrite(connection: Connection, tickets: list[int]) -> None:
    histories: defaultdict[int, list[Line]] = defaultdict(list)
    for ticket, *line in _sql.lines(connection, tickets=tickets):
        histories[ticket].append(Line(*line))
    machinery = {*ACTORS.values(), *map(_, ACTORS.values())}
    changed = [line for of in histories.values() for line in nameless(of, machinery, _(PERSON))]
    _sql.rewrite(
        connection,
        ids=[line.id for line in changed],
        actors=[line.actor for line in changed],
        comments=[line.comment for line in changed],
    )


def _device_names(connection: Connection, settings: Settings, now: datetime) -> int:
    before = _people(settings, now)
    return int(_sql.device_names(connection, before=before, nobody=_(NOBODY), count=PART))


def _audit(connection: Connection, settings: Settings, now: datetime) -> int:
    return int(_sql.audit(connection, before=_people(settings, now), now=now, count=PART))


def _access(settings: Settings, now: datetime) -> datetime:
    return now - timedelta(days=settings.retention_access_days)


def _people(settings: Settings, now: datetime) -> datetime:
    return now - timedelta(days=settings.retention_people_years * 365.25)


KINDS: dict[str, Forget] = {
    "sessions": _sessions,
    "links": _links,
    "tokens": _tokens,
    "attempts": _attempts,
    "mails": _mails,
    "ticket_names": _ticket_names,
    "device_names": _device_names,
    "audit": _audit,
}
