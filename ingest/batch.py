"""Messages that are written and acknowledged together."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from gebaeude.model import Message
from gebaeude.store.births import News
from gebaeude.store.quarantine import Rejected
from ingest.interpret import interpret
from ingest.resolve import Channels
from ingest.rows import Rows

# Beyond this the database gains nothing from more, and memory is to stay small.
MOST_ROWS = 10_000
MOST_BYTES = 4_000_000
STRIDE = 100  # messages; packs may hold a hundred rows each


class Batch:
    """Messages as they came, and what became of them; empty, it is false."""

    def __init__(self, most_messages: int, version: int = 0) -> None:
        """`version`: of the channels it is resolved by."""
        self.version = version
        self.rows = Rows()
        self.rejected: list[Rejected] = []
        self.messages: list[Message] = []
        self.ignored = 0
        self.news = News()  # of births, to be written with the messages that told them
        self._most_messages = most_messages
        self._ends = array("q")  # of each message in `rows`
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.messages)

    @property
    def room(self) -> int:
        """How many messages may be added before asking again; 0: it is to be written now."""
        if len(self.rows) >= MOST_ROWS or self._bytes >= MOST_BYTES:
            return 0
        return min(self._most_messages - len(self.messages), STRIDE)

    def add(self, message: Message, channels: Channels, limit: int) -> None:
        """Takes a message in; `limit` as in `interpret`."""
        before = len(self.rows)
        rejected = interpret(message, channels, limit, self.rows)
        if rejected:
            self.rejected += rejected
        elif len(self.rows) == before:
            self.ignored += 1
        self.messages.append(message)
        self._ends.append(len(self.rows))
        self._bytes += len(message.payload)

    def again(self, channels: Channels, limit: int, version: int = 0) -> Batch:
        """The same messages by other channels, which have this version."""
        batch = Batch(self._most_messages, version)
        batch.news = self.news
        for message in self.messages:
            batch.add(message, channels, limit)
        return batch

    def message_of(self, row: int) -> Message:
        """The message that the row of this index came with."""
        return self.messages[bisect_right(self._ends, row)]
