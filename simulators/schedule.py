"""When which device speaks: live, in the order of time, and history, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulators.logger import BLOCK_DAYS, DAY, Logger
from simulators.senml import Encoded
from simulators.source import Source, Spoken

WINDOW = 60  # s that are made ahead


def live(sources: Sequence[Source], begin: int, *, window: int = WINDOW) -> Iterator[Spoken]:
    """At `begin` one message of every device, then without end each in its own rhythm."""
    now = np.array([begin], dtype=np.int64)
    for source in sources:
        yield from source.messages(now)
    waiting: list[Spoken] = []
    time = begin + 1
    while True:
        for source in sources:
            turns = source.times(time, time + window)
            if len(turns):
                waiting += source.messages(turns)
        time += window
        waiting.sort(key=lambda spoken: spoken[0])
        due = [spoken for spoken in waiting if spoken[0] < time]
        waiting = waiting[len(due) :]
        yield from due


def history(loggers: Sequence[Logger], begin: int, end: int) -> Iterator[Encoded]:
    """Packs of all that the loggers wrote from begin up to and with end, the newest day first.

    Packs are cut at fixed times, so asked again later they come out the same, but for the last
    hours, which are thinned out then.
    """
    block = BLOCK_DAYS * DAY
    for first in range(end // block * block, begin - block, -block):
        until = min(first + block, end + 1)
        parts = [one.block(max(first, begin), until, end) for one in loggers]
        for whole, _daily in parts:
            yield from whole
        for day in sorted({day for _whole, daily in parts for day in daily}, reverse=True):
            for _whole, daily in parts:
                yield from daily.get(day, [])
