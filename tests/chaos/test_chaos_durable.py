"""Brokers that write to disk before they acknowledge, under the same faults and the same oracle.

The short form leaves them out: they are no requirement of `make test`. `make chaos` installs them.
What is demanded is what RabbitMQ 4 promises, which is shipped; an older one, which
GEBAEUDE_CHAOS_PATH may name, fails by what it does not keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from gebaeude.demo.mosquitto import EmbeddedMosquitto
from tests.chaos import servers
from tests.chaos.disk import Disk
from tests.chaos.messages import TIMELESS, message
from tests.chaos.nats import EmbeddedNats
from tests.chaos.oracle import Verdict
from tests.chaos.publisher import Publisher
from tests.chaos.rabbitmq import EmbeddedRabbitmq
from tests.chaos.rounds import Fault, Strike, each, play_all
from tests.chaos.table import SEED, line_of
from tests.chaos.test_chaos_broker import restart, restart_without_ingest
from tests.chaos.test_chaos_ingest import (
    cut_before_acknowledgement,
    kill_again_and_again,
    kill_at_random,
    kill_before_acknowledgement,
)
from tests.chaos.test_chaos_network import resets, tears, to_broker
from tests.chaos.world import World

# Broker and its share of the rounds. Mosquitto, as shipped, only loses power here; see `broker`.
BROKERS: dict[str, tuple[Callable[[Path], servers.Broker], float]] = {
    "RabbitMQ": (EmbeddedRabbitmq, 1.0),
    "NATS": (EmbeddedNats, 0.5),
    "Mosquitto": (EmbeddedMosquitto, 0.5),
}
SHIPPED = "RabbitMQ"
COUNTED_ONLY = "not shipped for this: counted, not demanded"
POWER_CUT = "power cut"


class PoweredWorld(World):
    """What the broker keeps lies on a disk of its own, whose power can be cut."""

    disk: Disk

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def lose_power(self) -> None:
        """The broker's machine goes dark and comes back."""
        self.disk.cut()
        servers.kill(self.broker)
        self.disk.restore()
        servers.restart(self.broker)


def kill_in_mid_stream(world: World, publisher: Publisher) -> None:
    publisher.wait_for(world.random.uniform(0.3, 0.8))
    servers.kill(world.broker)
    servers.restart(world.broker)


def kill_with_a_queue(world: World, publisher: Publisher) -> None:
    """Nobody has fetched anything; the broker dies the moment it has acknowledged the last."""
    world.ingest.kill()
    publisher.finish()
    servers.kill(world.broker)
    servers.restart(world.broker)
    world.start_ingest()


def power_cut_in_mid_stream(world: World, publisher: Publisher) -> None:
    assert isinstance(world, PoweredWorld)
    publisher.wait_for(world.random.uniform(0.3, 0.8))
    world.lose_power()


def power_cut_with_a_queue(world: World, publisher: Publisher) -> None:
    assert isinstance(world, PoweredWorld)
    world.ingest.kill()
    publisher.finish()
    world.lose_power()
    world.start_ingest()


def deliver_often(world: World, publisher: Publisher) -> None:
    """More often than a queue lets a message be returned by default (20 times)."""
    for _ in range(6):
        kill_again_and_again(world, publisher)


STRIKES: dict[str, tuple[Strike, int]] = {
    "restart": (restart, 2000),
    "restart with a full queue": (restart_without_ingest, 4000),
    "kill -9 in mid stream": (kill_in_mid_stream, 6000),
    "kill -9 with a queue": (kill_with_a_queue, 4000),
    "power cut in mid stream": (power_cut_in_mid_stream, 6000),
    "power cut with a queue": (power_cut_with_a_queue, 4000),
    "ingest killed at random": (kill_at_random, 2000),
    "ingest killed 24 times": (deliver_often, 2000),
    "ingest killed between commit and PUBACK": (kill_before_acknowledgement, 200),
    "connection cut before PUBACK": (cut_before_acknowledgement, 200),
    "line resets": (to_broker(resets), 2000),
    "line tears packets": (to_broker(tears), 2000),
}
FAULTS: dict[str, Fault] = {
    f"{broker}: {name}": Fault(strike, weight=weight, count=count, rate=2500)
    for broker, (_, weight) in BROKERS.items()
    for name, (strike, count) in STRIKES.items()
    if broker != "Mosquitto" or name.startswith(POWER_CUT)
}


# The broker dies with acknowledgements under way.
SENT_AGAIN = {"restart", "kill -9 in mid stream", "power cut in mid stream"}


@pytest.fixture(scope="module")
def world_of(chaos_state: Callable[[], Path]) -> Iterator[Callable[[str], PoweredWorld | None]]:
    """The world of a broker, made when it is first asked for; None where nobody may mount."""
    worlds: dict[str, PoweredWorld] = {}
    with ExitStack() as stack:

        def world(name: str) -> PoweredWorld | None:
            if name not in worlds:
                state = chaos_state()
                broker = BROKERS[name][0](state)
                one = PoweredWorld(state, SEED, broker)
                try:
                    one.disk = stack.enter_context(Disk(state / "disk.ext4", broker.data))
                except OSError as error:
                    line_of(name).notes.append(f"NOT RUN: {error}")
                    return None
                # Also where it cannot be begun: its servers may run all the same.
                stack.callback(one.__exit__)
                worlds[name] = one.__enter__()
            return worlds[name]

        yield world


@each(FAULTS)
def test_durable_broker(
    name: str, fault: Fault, world_of: Callable[[str], PoweredWorld | None]
) -> None:
    broker, _, what = name.partition(": ")
    world = world_of(broker)
    if world is None:
        return
    line = line_of(name)
    if broker != SHIPPED:
        line.notes.append(COUNTED_ONLY)
    verdicts = enumerate(play_all(name, fault, world))
    bad = [
        f"round {number}: {verdict}"
        for number, verdict in verdicts
        if not _is_promised(broker, what, verdict)
    ]
    assert not bad, "\n".join(bad)
    assert line.rounds, line.notes


def _is_promised(broker: str, what: str, verdict: Verdict) -> bool:
    """What the others lose is what the table is for; what they keep must be right."""
    if verdict.wrong or broker != SHIPPED:
        return not verdict.wrong
    return not verdict.lost and verdict.doubled <= _may_double(what, verdict)


def _may_double(what: str, verdict: Verdict) -> set[int]:
    """Without a clock, where the publisher cannot know what the broker has, and sends it again."""
    if what not in SENT_AGAIN:
        return set()
    return {number for number in verdict.doubled if message(number).kind in TIMELESS}
