"""Which message it is that comes again, where the broker's ids say nothing: told by the order.

A broker that gives ids anew on each connection (RabbitMQ) delivers again in the order of its queue:
first what we have acknowledged without its knowing, then all that we have not acknowledged, then
what it had sent and never reached us. It does so as a connection begins, where new messages may
overtake, and in the middle of one whenever a node of a cluster was away, even several times.

Devices say the same thing often, so what looks alike need not be the same. But among those that we
know it does not matter which is which: each has its moment, and a repeat changes nothing. So of
those that look alike only the number counts, and what is one of its kind tells where we are.
"""

from __future__ import annotations

from bisect import bisect_left
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
        self._unsure: list[Entry] = []  # of these perhaps not
        self._burst: Burst | None = None
        self._is_first = True  # nothing has come again on this connection

    def _await(self, entries: Iterable[Entry]) -> None:
        """Adds to what is awaited, behind what has not come at all yet."""
        for check, moment in sorted({*entries}.difference(self.awaited), key=_moment):
            self._awaited.setdefault(check, deque()).append(moment)

    def _forget(self, entries: Iterable[Entry]) -> None:
        for check, moment in entries:
            if (moments := self._awaited.get(check)) and moment in moments:
                moments.remove(moment)

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

    def interrupt(self, *, by_new: bool = False) -> None:
        """What comes again from here on does not belong to what came again before.

        by_new: unless that is not complete, and new ones have only come in between.
        """
        if self._burst is not None and not (by_new and self._burst.missing):
            self._burst, self._is_first = None, False

    def moment(self, check: int) -> int | None:
        """When the message that comes again now had come first, if it had (µs)."""
        often = self._often[check]
        burst = self._burst = self._burst or self._begin(check, often)
        if not often and self._unsure:
            # None that is new comes before those that are not: so these do not come.
            self._forget(self._unsure)
            self._unsure = []
        if not burst.expects(check, often) and not self._is_older(check, often, burst):
            return None
        awaited = self._awaited.get(check)
        entry = check, awaited.popleft() if awaited else self._last[check]
        burst.came.append(entry)
        return entry[1]

    def _is_older(self, check: int, often: int, burst: Burst) -> bool:
        """Whether it was acknowledged in vain: others are to come, and none before them is new."""
        if not often or not burst.missing:
            return False
        if often > 1:
            # Which of those it is, what follows will tell.
            return not (self._unsure or self._is_first)
        begin, end = (
            bisect_left(self._known, moment, key=_moment)
            for moment in (self._last[check], burst.since)
        )
        # All from here on was. What came before it in this burst is older still, and was none of
        # those that it looks like.
        earlier = [*self._known[begin:end], *burst.came] if begin < end else []
        self._await(earlier)
        burst.reach_back(earlier)
        return not earlier or burst.expects(check, often)

    def _begin(self, check: int, often: int) -> Burst:
        """What is to come, if this one is the first."""
        if self._is_first:
            must_come = sorted(self.awaited, key=_moment)
            lost = self._lost(self._doubtful, must_come, check, often)
            if lost or must_come:
                return self._expect(lost, must_come)
        under_way, pages = self._now()
        must_come = sorted({*self.awaited, *under_way}, key=_moment)
        lost = self._lost(pages, must_come, check, often, amid=True)
        if self._is_first:
            # Or these have overtaken what never reached us before; then they do not come.
            return self._expect([*lost, *must_come], [])
        return self._expect(lost, must_come)

    def _expect(self, perhaps: list[Entry], must_come: list[Entry]) -> Burst:
        self._unsure = perhaps
        self._await([*perhaps, *must_come])
        return Burst(perhaps, must_come)

    def _lost(
        self,
        pages: Sequence[Page],
        must_come: Sequence[Entry],
        check: int,
        often: int,
        *,
        amid: bool = False,
    ) -> list[Entry]:
        """What was acknowledged in vain, if this message is the first of it.

        amid: of a page also a part, since the node may have stood still while it was read.
        """
        if must_come and must_come[0][0] == check:
            return []
        # Acknowledgements go by the page, and mostly by the page they are lost.
        entries = sorted({*chain(*pages)}.difference(must_come), key=_moment)
        starts = [page[0] for page in pages if page[0][0] == check]
        if not starts and often == 1:
            entries, starts = self._known, [(check, self._last[check])]
        if not starts and amid:
            starts = [one for one in entries if one[0] == check]
        if not starts:
            return []
        later = {one for one in entries if one[1] >= starts[-1][1]}
        return sorted(later.difference(must_come), key=_moment)


class Burst:
    """Messages that come again in one go, and which are still to come."""

    def __init__(self, perhaps: Sequence[Entry], must_come: Sequence[Entry]) -> None:
        """`perhaps`: comes before those that must."""
        self._perhaps = Counter(check for check, _ in perhaps)
        self._left = Counter(check for check, _ in must_come)
        self.missing = len(perhaps) + len(must_come)  # still to come
        self.since = min((moment for _, moment in (*perhaps, *must_come)), default=0)
        self.came: list[Entry] = []  # since it is known where it began

    def expects(self, check: int, often: int) -> bool:
        """Whether the next one, of which so many are known, is one that came before."""
        if not often:
            self.missing -= self._perhaps.total()
            self._perhaps.clear()
            return False
        for left in (self._perhaps, self._left):
            if left[check] > 0:
                left[check] -= 1
                self.missing -= 1
                return True
        return False

    def reach_back(self, earlier: Sequence[Entry]) -> None:
        """Expects some from before `since` as well."""
        self._left.update(check for check, _ in earlier)
        self.missing += len(earlier)
        if earlier:
            self.since = earlier[0][1]
            self.came.clear()


def _moment(entry: Entry) -> int:
    return entry[1]
