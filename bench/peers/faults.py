"""What everybody loses of acknowledged messages when something breaks in mid stream.

Who ends is started again, as a service manager would do. What is not stored when nothing new has
come for a while counts as lost, even if it still waits somewhere for somebody who cannot go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice

from bench.peers.contestants import CONTESTANTS, Contestant, Place, set_up
from bench.peers.race import STILL_S, STOP_S, count_stored, place_for
from bench.publish import Publisher
from bench.servers import Result, Servers
from gebaeude.demo.process import Child

MESSAGES = 2_000
RATE = 100  # messages a second: what the slowest of them can store
TICK_S = 0.1
BREAK_AT = 500  # messages
AWAY_S = 5.0
START_AGAIN_S = 1.0
# The first is no JSON; the second is some, and has neither a time nor a value.
BAD = (b"nonsense", b'{"deviceInfo":{"devEui":"0000000000000000"},"time":"","object":{}}')
BAD_TOPICS = (
    b"application/bench/device/0000000000000000/event/up",
    b"collectd/0000000000000000/room/temperature",
)


def database_away(on: Servers) -> Iterator[Result]:
    """The database server is away for five seconds."""
    yield from _losses(on, "restart", lambda keeper: on.take_database_away(AWAY_S))


def killed(on: Servers) -> Iterator[Result]:
    """The contestant itself is killed with signal 9, once."""
    yield from _losses(on, "kill", Keeper.kill)


def bad_messages(on: Servers) -> Iterator[Result]:
    """A device sends what is no reading, ten times, between everybody else's good messages."""

    def send(keeper: Keeper) -> None:
        with Publisher(on.broker(), "bench-bad") as publisher:
            publisher.publish((topic, bad) for topic in BAD_TOPICS for bad in BAD for _ in range(5))

    yield from _losses(on, "bad", send)


class Keeper:
    """Keeps a contestant running, whatever happens to it."""

    def __init__(self, contestant: Contestant, place: Place) -> None:
        self._command, self._state = contestant.command(place), place.state
        self._child = Child(self._command, self._state)
        self._ended_at = 0.0
        self.starts = 1

    def look(self) -> None:
        """Starts it again when it has been away for a second."""
        now = time.monotonic()
        if self._child.running:
            self._ended_at = now
        elif now - self._ended_at > START_AGAIN_S:
            self._child = Child(self._command, self._state)
            self.starts += 1

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        self._child.process.kill()

    def stop(self) -> str:
        """Asks it to end; returns what it said last."""
        self._child.stop(patience=STOP_S)
        return self._child.last_words()


def _losses(on: Servers, name: str, fault: Callable[[Keeper], None]) -> Iterator[Result]:
    set_up()
    for who, contestant in CONTESTANTS.items():
        with place_for(on, who, contestant) as place:
            keeper = Keeper(contestant, place)
            try:
                _disturbed(contestant, place, keeper, fault)
                _settle(place, keeper)
            finally:
                words = keeper.stop()
            lost = MESSAGES - count_stored(place.database)
        context: dict[str, object] = {"acknowledged": MESSAGES, "starts": keeper.starts}
        yield f"peers.{who}.lost_on_{name}", lost, "", context | {"log": words}


def _disturbed(
    contestant: Contestant, place: Place, keeper: Keeper, fault: Callable[[Keeper], None]
) -> None:
    """Publishes steadily; in the midst of it the fault happens. Returns when it is over."""
    now_break = threading.Event()
    stream = threading.Thread(target=_stream, args=(contestant, place.broker, now_break))
    stream.start()
    # Not the other way round: who is started by a thread is ended with it.
    now_break.wait()
    fault(keeper)
    while stream.is_alive():
        keeper.look()
        stream.join(TICK_S)


def _stream(contestant: Contestant, broker: str, now_break: threading.Event) -> None:
    """All messages at their rate."""
    messages, began = contestant.messages(MESSAGES), time.monotonic()
    with Publisher(broker) as publisher:
        for sent in range(0, MESSAGES, int(RATE * TICK_S)):
            if sent >= BREAK_AT:
                now_break.set()
            publisher.publish(islice(messages, int(RATE * TICK_S)))
            time.sleep(max(0.0, began + sent / RATE + TICK_S - time.monotonic()))


def _settle(place: Place, keeper: Keeper) -> None:
    """Waits until everything is stored, or nothing has been for a while."""
    count, changed = 0, time.monotonic()
    while count < MESSAGES and time.monotonic() - changed < STILL_S:
        keeper.look()
        now = count_stored(place.database)
        if now != count:
            count, changed = now, time.monotonic()
        time.sleep(TICK_S)
