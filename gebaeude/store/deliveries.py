"""What ingest remembers of the messages it has written, in case the broker sends them again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

# Message id, checksum of topic and payload, µs since 1970-01-01 UTC when it first came.
_ENTRY = np.dtype([("id", "<u2"), ("check", "<u4"), ("received", "<i8")])

Entry = tuple[int, int, int]


class Page(NamedTuple):
    """The messages of one transaction."""

    client: str
    number: int
    entries: list[Entry]
    oldest: int  # the first page that is still needed


def keep(connection: Connection, page: Page) -> None:
    """Keeps a page and forgets what is no longer needed; twice is once. Does not commit."""
    if page.entries:
        entries = np.array(page.entries, _ENTRY).tobytes()
        _sql.keep(
            connection,
            client=page.client,
            number=page.number,
            entries=entries,
            oldest=page.oldest,
        )


def pages(connection: Connection, client: str) -> list[tuple[int, list[Entry]]]:
    """Number and entries of each page of a session, the oldest first."""
    return [
        (number, np.frombuffer(entries, _ENTRY).tolist())
        for number, entries in _sql.pages(connection, client=client)
    ]
