"""Playing a round: messages stream, a fault strikes, everything must come through all the same."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil

import pytest

from gebaeude.store.database import Connection
from tests.chaos.messages import Kind, Numbered
from tests.chaos.oracle import Verdict, judge
from tests.chaos.publisher import Publisher
from tests.chaos.table import is_late, line_of
from tests.chaos.world import RECOVERED_WITHIN_S, World

WEIGHTS = 140  # of all faults together, about
QUIET_S = 60.0  # a kind of trouble is logged once in so long
SLACK_S = 1.0


Strike = Callable[[World, Publisher], float | None]


@dataclass(frozen=True)
class Fault:
    """One way to go wrong.

    strike: called while messages stream; what it breaks it also repairs. It may return how long
    ingest needed after that (s).
    weight: its share of the rounds. quick: also in the short form.
    count, rate: messages of a round, and how many a second. kind: all of one kind.
    """

    strike: Strike
    weight: float = 10.0
    quick: bool = False
    count: int = 2000
    rate: float = 5000.0
    kind: Kind | None = None

    def rounds(self) -> int:
        """As many as GEBAEUDE_CHAOS_ROUNDS leaves for it; without that the short form's."""
        wanted = int(os.environ.get("GEBAEUDE_CHAOS_ROUNDS") or 0)
        return ceil(wanted * self.weight / WEIGHTS) if wanted else int(self.quick)


# Plays all rounds of a fault (name, fault, world), each of which must be good.
Attack = Callable[[str, Fault, World], None]


def each(faults: Mapping[str, Fault]) -> pytest.MarkDecorator:
    """A test for each fault, which gets `name` and `fault`."""
    return pytest.mark.parametrize(("name", "fault"), faults.items(), ids=faults.keys())


def play_all(name: str, fault: Fault, world: World) -> Iterator[Verdict]:
    """The fault's rounds, as long as there is time, each put into the table."""
    line = line_of(name)
    for number in range(fault.rounds()):
        if is_late():
            line.notes.append(f"{fault.rounds() - number} rounds not run: time is up")
            return
        try:
            verdict, took = play(world, fault)
        except BaseException:
            # The next fault is to find a system that is whole.
            line.notes.append("broken off")
            world.ingest.kill()
            world.start_ingest()
            world.await_ready()
            raise
        line.add(verdict, took)
        yield verdict


def play(world: World, fault: Fault) -> tuple[Verdict, float]:
    """One round; returns what became of the messages, and how long that took after the repair."""
    messages = world.messages(fault.count, fault.kind)
    publisher = Publisher(world.url, messages, rate=fault.rate)
    publisher.start()
    try:
        recovery_s = fault.strike(world, publisher)
        publisher.finish()
    finally:
        publisher.give_up()
    verdict, took = settle(world, publisher.acknowledged)
    return verdict, took if recovery_s is None else recovery_s


def settle(
    world: World, acknowledged: dict[int, Numbered], refused: frozenset[int] = frozenset()
) -> tuple[Verdict, float]:
    """Waits until nothing is missing any more, then until a last message has come through.

    The broker delivers in order, so whatever it had to deliver again has come by then.
    """
    began = time.monotonic()
    with world.connect() as connection:
        _await_all(connection, acknowledged, refused)
        took = time.monotonic() - began
        last = world.messages(1, "single")
        ending = Publisher(world.url, last, client_id="chaos-ending")
        ending.start()
        ending.finish()
        if _await_all(connection, ending.acknowledged).lost:
            took = RECOVERED_WITHIN_S
        assert world.ingest.is_running, world.ingest.words()[-2000:]
        assert_quiet(world.ingest.words())
        return judge(connection, acknowledged, refused=refused), took


def assert_quiet(log: str) -> None:
    """Every kind of trouble was said at most once a minute, and nothing raised."""
    said: dict[str, list[datetime]] = defaultdict(list)
    for text in log.splitlines():
        assert text.startswith("{"), text
        line = json.loads(text)
        assert "exception" not in line, text
        if line["level"] in ("warning", "error"):
            kind = line["message"].partition(":")[0]
            said[kind].append(datetime.fromisoformat(line["time"]))
    for kind, times in said.items():
        gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
        assert all(gap > QUIET_S - SLACK_S for gap in gaps), f"{kind}: {gaps}"


def _await_all(
    connection: Connection, acknowledged: dict[int, Numbered], refused: frozenset[int] = frozenset()
) -> Verdict:
    deadline = time.monotonic() + RECOVERED_WITHIN_S
    while True:
        verdict = judge(connection, acknowledged, refused=refused)
        if not (verdict.lost or verdict.wrong) or time.monotonic() > deadline:
            return verdict
        time.sleep(0.1)
