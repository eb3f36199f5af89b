"""When each message first came, so that one that comes again is the same reading and no second.

A reading is known by point and time, and a message without a time of its own gets the moment it
came. If its acknowledgement is lost – ingest is killed after the commit, the line breaks – the
broker delivers it again later, and that moment would make another reading of it. So each
transaction also writes which messages it took, and when they came.

A message is known again by the broker's mark that it was delivered before, its message id and a
checksum. The broker gives ids in turn, 65,535 of them; we remember fewer, or a message could be
taken for one that had its id a round earlier.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from zlib import crc32

from gebaeude.store import deliveries
from gebaeude.store.database import Connection
from gebaeude.store.deliveries import Page

REMEMBERED = 32_768  # messages at least; more than the broker's window, half of the ids


class Ledger:
    """What one session of the broker may deliver again."""

    def __init__(self, client: str) -> None:
        self._client = client
        self._first: dict[int, tuple[int, int]] = {}  # id → checksum, µs
        self._sizes: deque[tuple[int, int]] = deque()  # number of a page, its messages
        self._messages = 0
        self._next = 1

    def moment(self, number: int, topic: bytes, payload: bytes, again: bool, now: int) -> int:
        """When the message of this id first came: `now`, unless it is known (µs since 1970 UTC).

        again: the broker says that it has delivered it before.
        """
        check = crc32(payload, crc32(topic))
        if again:
            known = self._first.get(number)
            if known is not None and known[0] == check:
                return known[1]
        self._first[number] = check, now
        return now

    def load(self, connection: Connection) -> None:
        """Remembers what an earlier process has written; before the first message comes."""
        for number, entries in deliveries.pages(connection, self._client):
            self._add(number, len(entries))
            self._first.update((entry[0], entry[1:]) for entry in entries)

    def page(self, numbers: Sequence[int]) -> Page:
        """What is to be written together with the messages of these ids; 0 is none."""
        entries = [(number, *self._first[number]) for number in numbers if number]
        number = self._next
        self._add(number, len(entries))
        while self._messages - self._sizes[0][1] >= REMEMBERED:
            self._messages -= self._sizes.popleft()[1]
        return Page(self._client, number, entries, self._sizes[0][0])

    def _add(self, number: int, messages: int) -> None:
        self._sizes.append((number, messages))
        self._messages += messages
        self._next = number + 1
