"""When each message first came, so that one that comes again is the same reading and no second.

A reading is known by point and time, and a message without a time of its own gets the moment it
came. If its acknowledgement is lost – ingest is killed after the commit, the line breaks – the
broker delivers it again later, and that moment would make another reading of it. So each
transaction also writes which messages it took, and when they came.

A message is known again by the broker's mark that it was delivered before, its message id and a
checksum. The broker gives ids in turn, 65,535 of them; we remember fewer, or a message could be
taken for one that had its id a round earlier. Some brokers begin again at 1 on each connection:
then the id says nothing, but the order does (`ingest.in_turn`).
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable
from zlib import crc32

from gebaeude.store import deliveries
from gebaeude.store.deliveries import Page
from ingest.in_turn import Entry, InTurn

REMEMBERED = 32_768  # messages at least; more than the broker's window, half of the ids
BEGINNING = 2  # ids of a connection that begins anew: 1, or 2 where 1 went to something else
ON_THE_WAY = 1_000_000  # µs; acknowledgements of so long may be lost with a connection


class Ledger:
    """What one session of the broker may deliver again."""

    def __init__(self, client: str) -> None:
        self.client = client
        self._first: dict[int, Entry] = {}  # by id
        self._sizes: deque[tuple[int, int]] = deque()  # number of a page, its messages
        self._messages = 0
        self._next = 1
        # What is not acknowledged, in the order received; 0 and None where there is nothing to say.
        self._ids = array("H")
        self._under_way: list[Entry | None] = []
        self._stale = 0  # how many of these are of an earlier connection
        self._acknowledged: deque[tuple[int, list[Entry]]] = deque()  # when (µs), of late
        # Of earlier connections: what is not acknowledged, and what was just before they ended.
        self._open: set[Entry] = set()
        self._doubtful: list[list[Entry]] = []
        self._is_new = False  # nothing has come on this connection
        self._in_turn: InTurn | None = None  # where the broker's ids begin anew

    def reconnected(self) -> None:
        """A connection begins, in the session as it was."""
        self._is_new, self._in_turn = True, None

    def parted(self) -> None:
        """The connection has ended; what is not acknowledged will come again, under other ids."""
        if not self._is_new:
            still_open, self._doubtful = self._now()
            self._open = {*still_open, *(self._in_turn.awaited if self._in_turn else ())}
        self._acknowledged.clear()
        self._stale = len(self._ids)
        self._is_new = True

    def quiet(self) -> None:
        """The broker has sent nothing for a while, though it could."""
        if self._in_turn is not None:
            self._in_turn.interrupt()

    def moment(self, number: int, topic: bytes, payload: bytes, again: bool, now: int) -> int:
        """When the message of this id first came: `now`, unless it is known (µs since 1970 UTC).

        number: 0 where the broker wants no acknowledgement. again: the broker says that it has
        delivered it before.
        """
        entry = self._entry(number, crc32(payload, crc32(topic)), again, now) if number else None
        self._ids.append(number)
        self._under_way.append(entry)
        return now if entry is None else entry[1]

    def _entry(self, number: int, check: int, again: bool, now: int) -> Entry:
        # What comes again is not always first: new messages may overtake it.
        if self._is_new and number <= BEGINNING:
            before = self._open, self._doubtful
            self._in_turn = InTurn(self._first.values(), before, self._now, REMEMBERED)
        self._is_new = False
        known = self._known(number, check) if again else None
        self._first[number] = entry = check, known or now
        if known is None and self._in_turn is not None:
            self._in_turn.add(entry)
            if not again:
                self._in_turn.interrupt(by_new=True)
        return entry

    def _known(self, number: int, check: int) -> int | None:
        if self._in_turn is not None:
            return self._in_turn.moment(check)
        known = self._first.get(number)
        return known[1] if known is not None and known[0] == check else None

    def _now(self) -> tuple[list[Entry], list[list[Entry]]]:
        """Of this connection: what is not acknowledged, and the pages that were of late."""
        still_open = [entry for entry in self._under_way[self._stale :] if entry]
        return still_open, [page for _, page in self._acknowledged]

    def acknowledge(self, count: int, now: int) -> list[int]:
        """The oldest `count` messages are done with at `now` (µs); the ids to acknowledge."""
        # The broker gives ids anew on the next connection; an old one could hit a stranger.
        ids = [number for number in self._ids[self._stale : count] if number]
        if ids:
            page = [entry for entry in self._under_way[self._stale : count] if entry]
            self._acknowledged.append((now, page))
            while self._acknowledged[0][0] < now - ON_THE_WAY:
                self._acknowledged.popleft()
        del self._ids[:count]
        del self._under_way[:count]
        self._stale = max(0, self._stale - count)
        return ids

    def load(self, written: Iterable[tuple[int, list[deliveries.Entry]]]) -> None:
        """Remembers the pages of earlier processes; before the first message comes."""
        for number, entries in written:
            self._add(number, len(entries))
            self._first.update((entry[0], entry[1:]) for entry in entries)
            self._doubtful.append([entry[1:] for entry in entries])
        since = self._doubtful[-1][-1][1] - ON_THE_WAY if self._doubtful else 0
        self._doubtful = [page for page in self._doubtful if page[-1][1] >= since]

    def page(self, count: int) -> Page:
        """What is to be written together with the oldest `count` messages."""
        part = zip(self._ids[:count], self._under_way[:count], strict=True)
        entries = [(number, *entry) for number, entry in part if entry]
        number = self._next
        self._add(number, len(entries))
        while self._messages - self._sizes[0][1] >= REMEMBERED:
            self._messages -= self._sizes.popleft()[1]
        return Page(self.client, number, entries, self._sizes[0][0])

    def _add(self, number: int, messages: int) -> None:
        self._sizes.append((number, messages))
        self._messages += messages
        self._next = number + 1
