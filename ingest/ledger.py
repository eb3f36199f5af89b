"""When each message first came, so that one that comes again is the same reading and no second.

A reading is known by point and time, and a message without a time of its own gets the moment it
came. If its acknowledgement is lost – ingest is killed after the commit, the line breaks – the
broker delivers it again later, and that moment would make another reading of it. So each
transaction also writes which messages it took, and when they came.

A message is known again by the broker's mark that it was delivered before, its message id and a
checksum. The broker gives ids in turn, 65,535 of them; we remember fewer, or a message could be
taken for one that had its id a round earlier.

Some brokers (RabbitMQ) begin again at 1 on each connection. Then the id says nothing, but the
order does: what comes again comes in the order in which it first came, without a gap. A cluster
that had lost one of its nodes for a while delivers again on the same connection, under new ids.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from zlib import crc32

from gebaeude.store import deliveries
from gebaeude.store.database import Connection
from gebaeude.store.deliveries import Page

REMEMBERED = 32_768  # messages at least; more than the broker's window, half of the ids
BEGINNING = 2  # ids of a connection that begins anew: 1, or 2 where 1 went to something else


class Ledger:
    """What one session of the broker may deliver again."""

    def __init__(self, client: str) -> None:
        self._client = client
        self._first: dict[int, tuple[int, int]] = {}  # id → checksum, µs
        self._sizes: deque[tuple[int, int]] = deque()  # number of a page, its messages
        self._messages = 0
        self._next = 1
        self._is_new = False  # nothing has come on this connection
        self._in_turn: InTurn | None = None  # where the broker's ids begin anew

    def reconnected(self) -> None:
        """A connection begins, in the session as it was."""
        self._is_new, self._in_turn = True, None

    def moment(self, number: int, topic: bytes, payload: bytes, again: bool, now: int) -> int:
        """When the message of this id first came: `now`, unless it is known (µs since 1970 UTC).

        again: the broker says that it has delivered it before.
        """
        check = crc32(payload, crc32(topic))
        # What comes again is not always first: new messages may overtake it.
        if self._is_new and number <= BEGINNING:
            self._in_turn = InTurn(self._first.values())
        self._is_new = False
        known = self._known(number, check) if again else None
        self._first[number] = entry = check, known or now
        if known is None and self._in_turn is not None:
            self._in_turn.add(entry)
        return entry[1]

    def _known(self, number: int, check: int) -> int | None:
        if self._in_turn is not None:
            return self._in_turn.moment(check)
        known = self._first.get(number)
        return known[1] if known is not None and known[0] == check else None

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


class InTurn:
    """What has come, in the order in which it came, to be found again by that order.

    The last `REMEMBERED` at least, of this connection and of those before it.
    """

    def __init__(self, known: Iterable[tuple[int, int]]) -> None:
        """`known`: checksum and moment (µs) of each message."""
        # Moments never repeat and only grow, so they are the order.
        self._known = sorted(set(known), key=lambda one: one[1])
        self._last = {check: at for at, (check, _) in enumerate(self._known)}
        self._next = -1

    def add(self, entry: tuple[int, int]) -> None:
        """One that comes for the first time: its checksum and the moment."""
        self._last[entry[0]] = len(self._known)
        self._known.append(entry)
        if len(self._known) >= 2 * REMEMBERED:
            self._forget(len(self._known) - REMEMBERED)

    def _forget(self, count: int) -> None:
        del self._known[:count]
        self._last = {check: at for at, (check, _) in enumerate(self._known)}
        self._next = max(self._next - count, -1)

    def moment(self, check: int) -> int | None:
        """When the message that comes next had come, if it had."""
        at = self._next
        if not 0 <= at < len(self._known) or self._known[at][0] != check:
            at = self._last.get(check, -1)
            if at < max(self._next, 0):
                return None
        self._next = at + 1
        return self._known[at][1]
