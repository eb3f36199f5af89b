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

    def _await(self, entries: Iterable[Entry], without: Iterable[Entry] = ()) -> list[Entry]:
        """Adds to what is awaited; returns all of that in order."""
        everything = sorted({*self.awaited, *entries}.difference(without), key=_moment)
        self._awaited.clear()
        for check, moment in everything:
            self._awaited.setdefault(check, deque()).append(moment)
        return everything

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
            self._burst, self._is_first = None, False

    def moment(self, check: int) -> int | None:
        """When the message that comes again now had come first, if it had (µs)."""
        often = self._often[check]
        if self._burst is None:
            self._burst = self._begin(check, often)
        if not often and self._unsure:
            # Nothing new comes before all the others have, so those had got through after all.
            self._await((), without=self._unsure)
            self._unsure = []
        if not self._burst.expects(check, often) and not self._explains(check, often):
            return None
        awaited = self._awaited.get(check)
        return awaited.popleft() if awaited else self._last[check]

    def _begin(self, check: int, often: int) -> Burst:
        """What is to come, if this one is the first."""
        if self._is_first and (burst := self._late(check, often)):
            return burst
        under_way, pages = self._now()
        must_come = sorted({*self.awaited, *under_way}, key=_moment)
        is_oldest = bool(must_come) and must_come[0][0] == check
        lost = [] if is_oldest else self._lost(pages, check, often)
        if self._is_first and not (is_oldest or lost):
            return Burst(())  # what never reached us, overtaken by what is new
        return self._expect(must_come, lost, is_early=often == 1)

    def _late(self, check: int, often: int) -> Burst | None:
        """What is left of earlier connections; what is new on this one may have overtaken it."""
        must_come = sorted(self.awaited, key=_moment)
        if must_come and must_come[0][0] == check:
            return self._expect(must_come)
        lost = self._lost(self._doubtful, check, often)
        return self._expect(must_come, lost, is_early=often == 1) if must_come or lost else None

    def _expect(
        self, must_come: Sequence[Entry], lost: list[Entry] | None = None, *, is_early: bool = False
    ) -> Burst:
        self._unsure = lost or []
        self._await([*must_come, *self._unsure])
        return Burst(must_come, self._unsure, is_early=is_early and not self._unsure)

    def _lost(self, pages: Sequence[Page], check: int, often: int) -> list[Entry]:
        """What was acknowledged in vain, if this message was the first of it."""
        # Acknowledgements go by the page, and mostly by the page they are lost.
        starts = [page[0] for page in pages if page[0][0] == check]
        entries = sorted({*chain(*pages)}, key=_moment)
        if not starts and often == 1:
            starts = [one for one in entries if one[0] == check]
        return entries[entries.index(starts[-1]) :] if starts else []

    def _explains(self, check: int, often: int) -> bool:
        """Whether one that is not expected comes again all the same, since it cannot be new."""
        burst = self._burst
        if often != 1 or burst is None or not burst.missing:
            return False
        if check in burst.came:
            # All of it comes once more.
            everything = self._await(self._now()[0])
            at = everything.index((check, self._last[check]))
            self._burst = Burst(everything[at:], is_guess=True)
            return self._burst.expects(check, often)
        burst.is_early = True  # acknowledged in vain
        return True


class Burst:
    """Messages that come again in one go, and which are still to come."""

    def __init__(
        self,
        must_come: Iterable[Entry],
        perhaps: Iterable[Entry] = (),
        *,
        is_early: bool = False,
        is_guess: bool = False,
    ) -> None:
        """perhaps: comes before those that must. is_early: even earlier ones come first.

        is_guess: not even those that must are certain.
        """
        self._left = Counter(check for check, _ in must_come)
        self._perhaps = Counter(check for check, _ in perhaps)
        self._is_guess = is_guess
        self.came: set[int] = set()  # checksums
        self.is_early = is_early

    @property
    def missing(self) -> int:
        """How many must still come."""
        return self._left.total()

    def expects(self, check: int, often: int) -> bool:
        """Whether the next one, of which there are so many, is one that came before."""
        if not often:
            self.is_early = False
            self._perhaps.clear()
            if self._is_guess:
                self._left.clear()
            return False
        for left in (self._perhaps, self._left):
            if left[check] > 0:
                left[check] -= 1
                self.came.add(check)
                self.is_early &= often > 1
                return True
        return self.is_early


def _moment(entry: Entry) -> int:
    return entry[1]
