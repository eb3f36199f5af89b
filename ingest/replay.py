"""Kept messages decoded again: after a device was attached, a field added, a decoder mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import psycopg

from gebaeude.config import Settings
from gebaeude.errors import UsageError
from gebaeude.model import Reason
from gebaeude.store import devices, inbox, quarantine, unread
from gebaeude.store.database import Connection, connect
from gebaeude.store.quarantine import Kept, Rejected, stored_device
from gebaeude.text import _
from ingest import births
from ingest.batch import Batch
from ingest.resolve import Channels
from ingest.write import store_rows

PAGE = 500  # messages a transaction


@dataclass(frozen=True)
class Replayed:
    """What came of it; `str` is the sentence for a person."""

    checked: int  # messages
    released: int  # messages that have left quarantine
    readings: int  # that were new or corrected stored ones
    left: int = 0  # of the released messages, those that stay for another reason

    def __add__(self, other: Replayed) -> Replayed:
        return Replayed(
            self.checked + other.checked,
            self.released + other.released,
            self.readings + other.readings,
            self.left + other.left,
        )

    def __str__(self) -> str:
        return _(
            "{checked} zurückgestellte Nachrichten geprüft, {released} davon ausgewertet: "
            "{readings} Messwerte gespeichert."
        ).format(checked=self.checked, released=self.released, readings=self.readings)


def replay(settings: Settings, reason: str | None = None) -> Replayed:
    """Decodes quarantine again, all of it or what is there for one reason.

    What resolves now becomes readings with their original times, and leaves quarantine.
    Raises UsageError for a reason that does not exist.
    """
    reasons = None if reason is None else [_reason(reason)]
    with connect(settings.database_url, name="gebaeude-replay", autocommit=True) as connection:
        return _replay(connection, settings, lambda after, last: quarantine.page(
            connection, reasons, after, PAGE, last=last))  # fmt: skip


def replay_device(
    connection: Connection, settings: Settings, kind: str, device: str, reason: Reason | None = None
) -> Replayed:
    """The same for all that one device sent; kind: its format. Commits page by page.

    Once it has been through all of that, the device counts as read.
    """
    reasons, of = None if reason is None else [reason], (kind, device)
    with unread.alone(connection, of):
        marked = unread.since(connection, of)
        done = _replay(connection, settings, lambda after, last: quarantine.page(
            connection, reasons, after, PAGE, of=of, last=last))  # fmt: skip
        if marked is not None and reason is None:
            unread.forget(connection, of, marked)
        connection.commit()
        return done


def replay_reason(connection: Connection, settings: Settings, reason: Reason) -> Replayed:
    """The same for all that is kept for one reason."""
    return _replay(connection, settings, lambda after, last: quarantine.page(
        connection, [reason], after, PAGE, last=last))  # fmt: skip


def replay_message(connection: Connection, settings: Settings, message: int) -> Replayed:
    """The same for one row of the quarantine; nothing is checked where it is there no more."""
    return _replay(connection, settings, lambda after, _last: [
        row for row in quarantine.page(connection, None, max(after, message - 1), 1)
        if row.id == message
    ])  # fmt: skip


def _replay(
    connection: Connection, settings: Settings, pages: Callable[[int, int], list[Kept]]
) -> Replayed:
    total, after, version = Replayed(0, 0, 0), 0, 0
    births.learn(connection)
    last = quarantine.newest(connection)  # what is kept on the way has been looked at
    connection.commit()  # each page is a transaction of its own, also where reading began one
    while True:
        with connection.transaction():
            if (held := devices.hold(connection)) != version:
                channels = Channels(devices.channels(connection), settings.clock_ahead_s)
                version = held
            page = pages(after, last)
            if not page:
                inbox.hear(connection, channels.heard())
                return total
            total += _replay_page(connection, page, channels, settings.message_limit)
            after = page[-1].id


def _replay_page(
    connection: Connection, page: list[Kept], channels: Channels, limit: int
) -> Replayed:
    """A page at once; message by message in the end, where one is of a municipality's device that
    whoever asks must not touch. That one stays for those who may.
    """
    try:
        with connection.transaction():
            return _replay_at_once(connection, page, channels, limit)
    except psycopg.errors.InsufficientPrivilege:
        if len(page) == 1:
            return Replayed(1, 0, 0)
    half = len(page) // 2
    return _replay_page(connection, page[:half], channels, limit) + _replay_page(
        connection, page[half:], channels, limit
    )


def _replay_at_once(
    connection: Connection, page: list[Kept], channels: Channels, limit: int
) -> Replayed:
    batch = Batch(len(page))
    for row in page:
        batch.add(row.message, channels, limit)
    stored = store_rows(connection, batch)
    still = {_hindrance(entry) for entry in stored.rejected}
    # What was decoded once and is not now lacks something that only ingest has, such as a birth.
    undecoded = {id(entry.message) for entry in stored.rejected if entry.device is None}
    still |= {_hindrance(row) for row in page if row.device and id(row.message) in undecoded}
    released = [row for row in page if _hindrance(row) not in still]
    quarantine.release(connection, [row.id for row in released])
    others = _others(page, stored.rejected)
    quarantine.keep(connection, others, again=True)
    moved = {id(entry.message) for entry in others}
    left = sum(id(row.message) in moved for row in released)
    return Replayed(len(page), len(released), stored.changed, left)


def _others(page: list[Kept], rejected: Iterable[Rejected]) -> list[Rejected]:
    """What hinders a message now and did not before; it keeps the times of its first coming.

    Not what hinders another of the devices in it: that one has a row of its own, or was read.
    """
    rows = {id(row.message): row for row in page}
    return [
        replace(entry, last=row.last, times=row.times)
        for entry in rejected
        if _hindrance(row := rows[id(entry.message)]) != _hindrance(entry)
        and (row.device is None or row.device == stored_device(entry.device))
    ]


def _hindrance(of: Kept | Rejected) -> tuple[int, Reason, str | None]:
    """What keeps a message: the reason, and for which of the devices in it."""
    return id(of.message), of.reason, stored_device(of.device)


def _reason(name: str) -> Reason:
    try:
        return Reason(name)
    except ValueError:
        known = ", ".join(sorted(Reason))
        raise UsageError(
            _("Den Grund {name} gibt es nicht. Es gibt: {known}.").format(name=name, known=known)
        ) from None
