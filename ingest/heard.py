"""When devices were heard last, into the database, as often as that is cheap.

It takes a row for each device that was heard. Of a hundred thousand that is seconds, in which no
message would be written: so it goes in portions, with a pause after each.
"""

from __future__ import annotations

import math
import time
from itertools import islice

from gebaeude.store import heartbeat, inbox
from gebaeude.store.database import Connection
from gebaeude.store.inbox import Heard
from ingest.resolve import Channels

MOST = 5_000  # devices at once
SHARE = 0.05  # of the time that may go into it, while more wait


class SignsOfLife:
    """Those of devices; told as often as the process's own, or portion by portion."""

    def __init__(self) -> None:
        self._next = -math.inf
        self._waiting: dict[tuple[str, str], Heard] = {}  # by format and device

    def are_due(self, now: float) -> bool:
        """`now`: of the monotonic clock."""
        return now >= self._next

    def note(self, channels: Channels) -> None:
        """Takes from channels what they have heard, because others take their place."""
        self._waiting.update(((one.format, one.device), one) for one in channels.heard())
        self._next = -math.inf

    def tell(self, connection: Connection, channels: Channels) -> None:
        """Writes and commits a portion. Raises psycopg.Error; then it still waits."""
        began = time.monotonic()
        if not self._waiting:
            self.note(channels)
        portion = dict(islice(self._waiting.items(), MOST))
        inbox.hear(connection, list(portion.values()))
        for device in portion:
            del self._waiting[device]
        ended = time.monotonic()
        pause = (ended - began) / SHARE if self._waiting else math.inf
        self._next = ended + min(pause, heartbeat.EVERY_S)
