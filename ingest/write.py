"""A batch into the database, in one transaction: its readings, and what goes to quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray

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

Way = Callable[
    [
        Connection,
        NDArray[np.int32],
        NDArray[np.int64],
        NDArray[np.float64],
        NDArray[np.int16],
    ],
    Written,
]


class Stale(Exception):
    """The channels have changed since the batch was resolved by them."""


class Stored(NamedTuple):
    """What became of a batch: new or corrected readings, and everything that was refused."""

    changed: int
    rejected: Sequence[Rejected]


class Expectation:
    """Whether to expect that no reading of the next batch is there already.

    Nearly always so, but while messages come again it is not, and being wrong costs about as much
    as being right gains. So after each disappointment twice as many batches are written the other
    way, until one is as expected.
    """

    MANY = 1000  # rows; of fewer nobody waits for the database
    LONGEST = 64  # batches

    def __init__(self) -> None:
        self._pause, self._left = 1, 0

    def is_new(self, rows: int) -> bool:
        """Whether to write a batch of so many rows as new."""
        if rows < self.MANY:
            return False
        if self._left:
            self._left -= 1
            return False
        return True

    def was(self, *, right: bool) -> None:
        """What became of a batch that was to be new."""
        self._left = 0 if right else self._pause
        self._pause = 1 if right else min(2 * self._pause, self.LONGEST)


class Writer:
    """Writes one batch after another."""

    def __init__(self) -> None:
        self._expectation = Expectation()

    def store(self, connection: Connection, batch: Batch, page: Page) -> Stored:
        """Writes all of the batch and its page of the ledger, or nothing where it raises.

        Raises Stale where the channels have changed since the batch was resolved by them,
        psycopg.Error where the database itself is the trouble.
        """
        try:
            return self._store_as_new(connection, batch, page) or _store_at_once(
                connection, batch, page, readings.write
            )
        except POISON:
            return _store_with_care(connection, batch, page)
        except psycopg.DatabaseError as error:
            if devices.has_changed(error):
                raise Stale from None
            raise

    def _store_as_new(self, connection: Connection, batch: Batch, page: Page) -> Stored | None:
        """None, and nothing is written, where that is not to be expected or turns out wrong."""
        if not self._expectation.is_new(len(batch.rows)):
            return None
        try:
            stored = _store_at_once(connection, batch, page, readings.add)
        except psycopg.errors.UniqueViolation:
            self._expectation.was(right=False)
            return None
        self._expectation.was(right=True)
        return stored


def _store_at_once(connection: Connection, batch: Batch, page: Page, way: Way) -> Stored:
    """All good, as nearly always."""
    with connection.transaction():
        devices.insist(connection, batch.version)
        written = _write(connection, batch.rows, 0, len(batch.rows), way)
        quarantine.keep(connection, batch.rejected)
        deliveries.keep(connection, page)
        births.keep(connection, batch.news)
    return Stored(written.inserted_or_changed, batch.rejected)


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
            return _write(connection, batch.rows, start, end).inserted_or_changed
    except POISON as error:
        if end - start == 1:
            text = error.diag.message_primary or str(error)
            refused.append(Rejected(batch.message_of(start), Reason.REFUSED_BY_DATABASE, text))
            return 0
    middle = (start + end) // 2
    left = _write_or_halve(connection, batch, start, middle, refused)
    return left + _write_or_halve(connection, batch, middle, end, refused)


def _write(
    connection: Connection, rows: Rows, start: int, end: int, way: Way = readings.write
) -> Written:
    part = slice(start, end)
    return way(
        connection,
        np.frombuffer(rows.points, np.int32)[part],
        np.frombuffer(rows.times, np.int64)[part],
        np.frombuffer(rows.values, np.float64)[part],
        rows.qualities(start, end),
    )
