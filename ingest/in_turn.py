"""Which message it is that comes again, where the broker's ids say nothing: told by the order.

A broker that gives ids anew on each connection (RabbitMQ) delivers again in the order of its queue:
first what we have acknowledged without its knowing, then all that we have not acknowledged, then
what it had sent and never reached us. It does so as a connection begins, where new messages may
overtake, and in the middle of one whenever a node of a cluster was away, even several times.

Devices say the same thing often, so what looks alike need not be the same. But until the newest one
that must come has come, none can be new to us; and among what we know it does not matter which is
which. So all hangs on recognizing the end, by the last message of which there is only one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

Entry = tuple[int, int]  # checksum of a message, and when it first came (µs)
Page = Sequence[Entry]  # acknowledged together


class InTurn:
    """What may come again on one connection."""

    def __init__(
        self,
        known: Iterable[Entry],
        before: tuple[Iterable[Entry], Sequence[Page]],
        now: Callable[[], tuple[Iterable[Entry], Sequence[Page]]],
        most: int,
    ) -> None:
        """known: all messages that are remembered; as many as `most` are kept at least.

        before, now: of earlier connections, and of this one at any moment, the messages that are
        not acknowledged, and the pages whose acknowledgement may have been lost, the oldest first.
        """
        still_open, self._doubtful = before
        self._now = now
        self._most = most
        self._awaited: dict[int, deque[int]] = {}
        self._await(still_open)
        self._remember({*known, *still_open, *chain(*self._doubtful)})
        self._burst: Burst | None = None

    def _await(self, entries: Iterable[Entry], *, instead: bool = False) -> None:
        """In addition to what is awaited already, or instead of it."""
        everything = sorted({*entries, *(() if instead else self.awaited)}, key=_moment)
        self._awaited.clear()
        for check, moment in everything:
            self._awaited.setdefault(check, deque()).append(moment)

    def _remember(self, entries: Iterable[Entry]) -> None:
        # Moments never repeat and only grow, so they are the order.
        self._known = sorted(entries, key=_moment)
        self._last = dict(self._known)
        self._often = Counter(check for check, _ in self._known)

    @property
    def awaited(self) -> list[Entry]:
        """What was not acknowledged when the broker last delivered again, and has not come."""
        return [(check, one) for check, moments in self._awaited.items() for one in moments]

    def add(self, entry: Entry) -> None:
        """One that came for the first time."""
        self._known.append(entry)
        self._last[entry[0]] = entry[1]
        self._often[entry[0]] += 1
        if len(self._known) >= 2 * self._most:
            self._remember(self._known[-self._most :])

    def interrupt(self) -> None:
        """What comes again from here on does not belong to what came again before."""
        if self._burst is not None:
            self._burst, self._doubtful = None, ()

    def moment(self, check: int) -> int | None:
        """When the message that comes again now had come first, if it had (µs)."""
        burst = self._burst
        if burst is None:
            self._burst = burst = self._begin(check)
        is_known = check in self._last
        if not is_known and burst.perhaps:
            # So those had got through after all, and what follows is new as well.
            self._await(burst.must_come, instead=True)
            self._burst = burst = Burst((), burst.must_come, Counter())
        if not burst.expects(check, is_known=is_known):
            return None
        awaited = self._awaited.get(check)
        return awaited.popleft() if awaited else self._last[check]

    def _begin(self, check: int) -> Burst:
        """What must come, if this one is the first."""
        under_way, pages = self._now()
        self._await(under_way)
        must_come = sorted(self.awaited, key=_moment)
        is_first = bool(must_come) and must_come[0][0] == check
        if is_first or any(self._often[one] == 1 for one, _ in must_come):
            return Burst((), must_come, self._often)
        perhaps = self._lost([*self._doubtful, *pages], check)
        self._await(perhaps)
        return Burst(perhaps, must_come, self._often)

    def _lost(self, pages: Sequence[Page], check: int) -> list[Entry]:
        """What was acknowledged in vain, if this message was the first of it."""
        # Acknowledgements go by the page, and mostly by the page they are lost.
        starts = [page[0] for page in pages if page[0][0] == check]
        entries = sorted({*chain(*pages)}, key=_moment)
        if not starts and self._often[check] == 1:
            starts = [one for one in entries if one[0] == check]
        return entries[entries.index(starts[-1]) :] if starts else []


class Burst:
    """Messages that come again in one go."""

    def __init__(
        self, perhaps: Sequence[Entry], must_come: Sequence[Entry], often: Counter[int]
    ) -> None:
        """In order, those that perhaps come and those that must; how often checksums are known."""
        self.perhaps, self.must_come = perhaps, must_come
        checks = [check for check, _ in (*perhaps, *must_come)]
        only = [at for at, check in enumerate(checks) if often[check] == 1]
        self._end = checks[only[-1]] if only else None  # until it has come, none is new
        self._left = Counter(checks[only[-1] + 1 :] if only else checks)

    def expects(self, check: int, *, is_known: bool) -> bool:
        """Whether the next one, of this checksum, is one of those that had come before."""
        if self._end is None:
            self._left[check] -= 1
            return self._left[check] >= 0
        if check == self._end:
            self._end = None
        return is_known


def _moment(entry: Entry) -> int:
    return entry[1]
