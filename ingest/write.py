"""A batch into the database, in one transaction: its readings, and what goes to quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import psycopg

from gebaeude.model import Reason
from gebaeude.store import births, deliveries, devices, quarantine, readings
from gebaeude.store.database import Connection
from gebaeude.store.deliveries import Page
from gebaeude.store.quarantine import Rejected
from gebaeude.store.readings import Written
from ingest.batch import Batch
from ingest.rows import Rows

# What the database says of one bad value, as opposed to being away itself.
POISON = (psycopg.DataError, psycopg.IntegrityError)


class Stale(Exception):
    """The channels have changed since the batch was resolved by them."""


class Stored(NamedTuple):
    """What became of a batch: new or corrected readings, and everything that was refused."""

    changed: int
    rejected: Sequence[Rejected]


def store(connection: Connection, batch: Batch, page: Page) -> Stored:
    """Writes all of the batch and its page of the ledger or, where the database raises, nothing.

    Raises Stale where the channels have changed since the batch was resolved by them, psycopg.Error
    where the database itself is the trouble.
    """
    try:
        return _store_at_once(connection, batch, page)
    except POISON:
        return _store_with_care(connection, batch, page)
    except psycopg.DatabaseError as error:
        if devices.has_changed(error):
            raise Stale from None
        raise


def _store_at_once(connection: Connection, batch: Batch, page: Page) -> Stored:
    """All good, as nearly always."""
    with connection.transaction():
        devices.insist(connection, batch.version)
        written = _send(connection, batch.rows, 0, len(batch.rows))
        quarantine.keep(connection, batch.rejected)
        deliveries.keep(connection, page)
        births.keep(connection, batch.news)
    return Stored(written().inserted_or_changed, batch.rejected)


def _store_with_care(connection: Connection, batch: Batch, page: Page) -> Stored:
    """There is a row that the database refuses."""
    with connection.transaction():
        devices.insist(connection, batch.version)
        stored = store_rows(connection, batch)
        quarantine.keep(connection, stored.rejected)
        deliveries.keep(connection, page)
        births.keep(connection, batch.news)
        return stored


def store_rows(connection: Connection, batch: Batch) -> Stored:
    """Writes the batch's readings in the caller's transaction, and nothing to quarantine.

    A row that the database refuses is found by halving and returned with the batch's own
    rejected messages; it holds nobody up.
    """
    refused: list[Rejected] = []
    changed = _write_or_halve(connection, batch, 0, len(batch.rows), refused)
    return Stored(changed, [*batch.rejected, *refused])


def _write_or_halve(
    connection: Connection, batch: Batch, start: int, end: int, refused: list[Rejected]
) -> int:
    if start == end:
        return 0
    try:
        with connection.transaction():
            return _write(connection, batch.rows, start, end)
    except POISON as error:
        if end - start == 1:
            text = error.diag.message_primary or str(error)
            refused.append(Rejected(batch.message_of(start), Reason.REFUSED_BY_DATABASE, text))
            return 0
    middle = (start + end) // 2
    left = _write_or_halve(connection, batch, start, middle, refused)
    return left + _write_or_halve(connection, batch, middle, end, refused)


def _write(connection: Connection, rows: Rows, start: int, end: int) -> int:
    return _send(connection, rows, start, end)().inserted_or_changed


def _send(connection: Connection, rows: Rows, start: int, end: int) -> Callable[[], Written]:
    part = slice(start, end)
    return readings.send(
        connection,
        np.frombuffer(rows.points, np.int32)[part],
        np.frombuffer(rows.times, np.int64)[part],
        np.frombuffer(rows.values, np.float64)[part],
        rows.qualities(start, end),
    )
