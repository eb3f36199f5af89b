"""A broker that gives ids anew, with every trouble on the line: each message has one moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gebaeude.store.deliveries import Entry
from ingest.ledger import Ledger

SECOND = 1_000_000  # µs
TOPIC = b"plain/haus/fuehler/wert"


@dataclass
class Quorum:
    """A session as RabbitMQ has it: ids from 1, what was under way comes again first, in order."""

    queue: list[bytes] = field(default_factory=list)
    ready: deque[int] = field(default_factory=deque)  # numbers in `queue`
    again: deque[int] = field(default_factory=deque)
    held: list[int] = field(default_factory=list)  # as `again`, but new ones come first
    under_way: dict[int, int] = field(default_factory=dict)  # id → number
    wire: deque[tuple[int, int, bool]] = field(default_factory=deque)
    acks: deque[int] = field(default_factory=deque)
    id: int = 0

    def publish(self, payload: bytes) -> None:
        self.ready.append(len(self.queue))
        self.queue.append(payload)

    def deliver(self, count: int) -> None:
        for _ in range(count):
            if not (self.again or self.ready):
                break
            is_again = bool(self.again)
            number = (self.again or self.ready).popleft()
            self.id += 1
            self.under_way[self.id] = number
            self.wire.append((self.id, number, is_again))
        self.again.extend(self.held)
        self.held.clear()

    def hear(self, count: int) -> None:
        """Takes so many acknowledgements."""
        for _ in range(min(count, len(self.acks))):
            self.under_way.pop(self.acks.popleft(), None)

    def give_back(self) -> None:
        """A node was away: what is not known to be acknowledged comes again, under new ids."""
        everything = sorted([*self.held, *self.again, *self.under_way.values()])
        self.again = deque(everything)
        self.held.clear()
        self.under_way.clear()
        self.acks.clear()

    def reconnect(self, *, late: bool = False) -> None:
        """`late`: it notices only after new ones have been sent that the last one is gone."""
        self.give_back()
        self.wire.clear()
        self.id = 0
        if late:
            self.held.extend(self.again)
            self.again.clear()


class System:
    """Broker, ledger and database."""

    def __init__(self) -> None:
        self.broker = Quorum()
        self.now = 1_000 * SECOND
        self.pages: list[tuple[int, list[Entry]]] = []
        self.stored: dict[int, set[int]] = {}  # number → moments
        self.is_later = False
        self.start()

    def start(self) -> None:
        """A process, with what the one before has written."""
        self.waiting: list[tuple[int, int]] = []  # number, moment
        self.ledger = Ledger("test")
        self.ledger.load(self.pages)
        self.ledger.reconnected()

    def read(self, count: int) -> None:
        for _ in range(min(count, len(self.broker.wire))):
            id_, number, again = self.broker.wire.popleft()
            if again and self.is_later:
                self.now += 20 * SECOND
                self.ledger.quiet()
                self.is_later = False
            self.now += 1
            moment = self.ledger.moment(id_, TOPIC, self.broker.queue[number], again, self.now)
            self.waiting.append((number, moment))

    def commit(self, count: int) -> None:
        part = self.waiting[:count]
        if not part:
            return
        page = self.ledger.page(len(part))
        self.pages.append((page.number, page.entries))
        for number, moment in part:
            self.stored.setdefault(number, set()).add(moment)
        del self.waiting[:count]
        self.broker.acks.extend(self.ledger.acknowledge(len(part), self.now))

    def line_breaks(self, heard: int, *, late: bool = False) -> None:
        """The broker has had only so many of the acknowledgements."""
        self.broker.hear(heard)
        self.broker.reconnect(late=late)
        self.ledger.parted()
        self.ledger.parted()  # an attempt to connect has failed
        self.ledger.reconnected()

    def node_was_away(self) -> None:
        """That takes longer than what has been sent is on its way."""
        self.read(len(self.broker.wire))
        self.broker.give_back()
        self.is_later = True

    def node_was_away_at_rest(self) -> None:
        """Nothing is acknowledged until it comes again."""
        self.broker.hear(len(self.broker.acks))
        self.node_was_away()
        self.broker.deliver(len(self.broker.again))
        self.read(len(self.broker.wire))

    def is_killed(self) -> None:
        """What it acknowledged reaches the broker all the same."""
        self.broker.hear(len(self.broker.acks))
        self.broker.reconnect()
        self.start()

    def send_alternately(self, count: int) -> None:
        """So many, of which every second says the same."""
        for number in range(count):
            self.broker.publish(b"still" if number % 2 else b"%d" % number)

    def finish(self) -> None:
        for _ in range(2):
            self.broker.deliver(len(self.broker.queue))
            self.read(len(self.broker.wire))
        self.commit(10**6)


FAULTS: dict[str, Callable[[System], None]] = {
    "line": lambda system: system.line_breaks(len(system.broker.acks)),
    "line, noticed late": lambda system: system.line_breaks(len(system.broker.acks), late=True),
    "line, acknowledgements lost": lambda system: system.line_breaks(0),
    "node": System.node_was_away,
    "node at rest": System.node_was_away_at_rest,
    "kill": System.is_killed,
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["publish", "publish", "deliver", "read", "commit", "hear", "fault"]),
        st.integers(1, 12),
    ),
    max_size=60,
)
MOST = 60 * 12  # messages


def play(steps: Sequence[tuple[str, int]], payloads: Iterable[bytes], *faults: str) -> System:
    """All steps, each done so often or with so many, and then everything comes through."""
    system, words = System(), iter(payloads)
    for what, count in steps:
        if what == "publish":
            for _ in range(count):
                system.broker.publish(next(words))
        elif what == "fault":
            FAULTS[faults[count % len(faults)]](system)
        else:
            getattr(system.broker if what in ("deliver", "hear") else system, what)(count)
    system.finish()
    return system


def unlike() -> Iterator[bytes]:
    return (b"%d" % number for number in range(MOST))


def assert_each_once(system: System) -> None:
    assert system.stored.keys() == set(range(len(system.broker.queue)))
    assert all(len(moments) == 1 for moments in system.stored.values()), system.stored
    assert moments(system) == len(system.broker.queue)


def moments(system: System) -> int:
    return len(set().union(*system.stored.values()))


@settings(max_examples=500)
@given(steps=STEPS)
def test_each_is_known_again_whatever_node_and_line_do(steps: list[tuple[str, int]]) -> None:
    faults = "line", "line, acknowledgements lost", "node"
    assert_each_once(play(steps, unlike(), *faults))


@settings(max_examples=500)
@given(steps=STEPS)
def test_new_ones_may_come_first(steps: list[tuple[str, int]]) -> None:
    assert_each_once(play(steps, unlike(), "line", "line, noticed late"))


@settings(max_examples=500)
@given(steps=STEPS)
def test_the_next_process_knows_them_too(steps: list[tuple[str, int]]) -> None:
    assert_each_once(play(steps, unlike(), "line", "kill"))


@settings(max_examples=500)
@given(
    steps=STEPS,
    seed=st.integers(0, 1000),
)
def test_those_that_look_alike_are_as_many(steps: list[tuple[str, int]], seed: int) -> None:
    """Which is which nobody can say, and need not."""
    words = Random(seed).choices([b"a", b"b", b"c"], k=MOST)
    system = play(steps, words, "node at rest")
    assert moments(system) == len(system.stored) == len(system.broker.queue)


STREAM = [*[("publish", 12)] * 8, ("deliver", 90)]


def test_all_comes_again_as_often_as_a_node_is_away() -> None:
    steps = [*STREAM, ("read", 60), *[("fault", 0), ("deliver", 96)] * 3]
    assert_each_once(play(steps, unlike(), "node"))


def test_what_never_arrived_is_new_even_if_it_looks_like_what_came() -> None:
    """Half of a stream of few values is lost with the line, and one value tells where."""
    words = [b"%d" % (number % 5) for number in range(MOST)]
    words[38] = b"only this once"
    steps = [*STREAM, ("read", 40), ("commit", 20), ("hear", 20), ("fault", 0)]
    system = play(steps, words, "line")
    assert moments(system) == len(system.stored) == len(system.broker.queue)


def test_a_message_left_over_from_the_last_connection_is_written_as_what_it_is() -> None:
    """Its id has long been given to another."""
    steps = [("publish", 3), ("deliver", 3), ("read", 2), ("fault", 0), ("deliver", 3), ("read", 1)]
    system = play([*steps, ("commit", 1), ("fault", 1)], unlike(), "line", "kill")
    assert_each_once(system)


def test_what_never_arrived_is_new_even_if_others_overtook_it() -> None:
    words = [b"still" if number % 3 else b"%d" % number for number in range(MOST)]
    steps = [*[("publish", 12)] * 8, ("deliver", 60), ("read", 40), ("commit", 21), ("fault", 0)]
    system = play([*steps, ("deliver", 30), ("read", 30)], words, "line, noticed late")
    assert moments(system) == len(system.stored) == len(system.broker.queue)


def test_what_overtook_is_not_awaited_itself() -> None:
    words = [b"one", b"still", b"two", b"still"]
    steps = [("publish", 4), ("deliver", 2), ("fault", 0), ("deliver", 2), ("read", 2)]
    assert moments(play(steps, words, "line, noticed late")) == len(words)


def test_what_was_acknowledged_long_ago_may_come_again_before_the_rest() -> None:
    """A node stood still for many seconds, and heard nothing of all that."""
    system = System()
    words = [b"0", b"still", b"1", b"still", b"2", b"3"]
    for word in words:
        system.broker.publish(word)
    system.broker.deliver(6)
    system.read(6)
    system.broker.give_back()
    for _ in range(2):
        system.commit(2)
        system.now += 5 * SECOND
    system.broker.publish(b"still")
    system.finish()
    assert moments(system) == len(system.stored) == len(words) + 1


def test_what_was_acknowledged_in_vain_may_come_again_more_than_once() -> None:
    system = System()
    system.send_alternately(20)
    system.broker.deliver(20)
    system.read(20)
    system.broker.give_back()
    for _ in range(4):
        system.commit(4)
        system.now += 5 * SECOND
    for _ in range(3):
        system.broker.deliver(20)
        system.node_was_away()
    system.finish()
    assert moments(system) == len(system.stored) == 20


def test_what_was_acknowledged_in_vain_may_begin_with_one_of_many() -> None:
    """Of a page the broker had heard the first acknowledgement, and then no more."""
    system = System()
    system.send_alternately(20)
    system.broker.deliver(20)
    system.read(20)
    system.commit(10)
    system.broker.hear(1)
    for _ in range(2):
        system.node_was_away()
        system.broker.deliver(20)
    system.finish()
    assert moments(system) == len(system.stored) == 20


def test_a_session_that_heard_nothing_for_long_delivers_all_of_it_again() -> None:
    """A cluster had forgotten whom it delivers to, and took no acknowledgement either."""
    system = System()
    system.send_alternately(20)
    system.broker.deliver(18)
    system.read(18)
    for _ in range(3):
        system.commit(6)
        system.now += 5 * SECOND
    system.line_breaks(0)
    system.finish()
    assert moments(system) == len(system.stored) == 20


def test_what_looks_like_the_last_page_is_soon_told_from_it() -> None:
    """The last page had got through, and then came something that begins in the same way."""
    words = [b"a", b"b", b"a", b"b", b"a", b"unheard of", b"a", b"b", b"b", b"b"]
    steps = [("publish", 10), ("deliver", 8), ("read", 4), ("commit", 4), ("fault", 0)]
    system = play(
        [*steps, ("deliver", 4), ("read", 4), ("deliver", 2), ("fault", 1)], words, "kill", "line"
    )
    assert moments(system) == len(words) - 1


def test_new_ones_in_between_do_not_begin_it_anew() -> None:
    """Nothing is acknowledged, the line breaks, and then a node is away as well."""
    system = System()
    system.send_alternately(20)
    system.broker.deliver(20)
    system.read(20)
    system.line_breaks(0)
    system.broker.deliver(11)
    rest = list(system.broker.again)
    system.broker.again.clear()
    system.broker.publish(b"new")
    system.broker.deliver(1)
    system.broker.again.extend(rest)
    system.broker.deliver(len(rest))
    system.node_was_away()
    system.finish()
    assert moments(system) == len(system.stored) == 21


def test_a_line_that_breaks_again_half_way() -> None:
    steps = [("publish", 4), ("deliver", 4), ("read", 4), ("fault", 0)]
    steps += [("deliver", 2), ("read", 2), ("fault", 0)]
    assert_each_once(play(steps, unlike(), "line"))
