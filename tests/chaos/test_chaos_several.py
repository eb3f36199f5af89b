"""Two ingests share the messages, and one is killed, stands still, or leaves while they stream."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gebaeude.store import members
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Attack, Fault, each
from tests.chaos.servers import freeze, thaw
from tests.chaos.world import CLIENT_ID, IngestProcess, World, wait_until

SECOND = "zwei"


def kill_one(world: World, publisher: Publisher) -> None:
    with second(world) as other:
        publisher.wait_for(world.random.uniform(0.1, 0.6))
        other.kill()
        world.pause(0.1, 1.0)
        start(world, other)


def kill_both(world: World, publisher: Publisher) -> None:
    with second(world) as other:
        publisher.wait_for(world.random.uniform(0.1, 0.6))
        other.kill()
        world.ingest.kill()
        world.start_ingest()
        start(world, other)


def kill_while_it_joins(world: World, publisher: Publisher) -> None:
    """Before, at, or behind the marker at which it begins to take part."""
    other = IngestProcess(world.state / "second.log")
    for _ in range(3):
        start(world, other)
        world.pause(0.3, 2.5)
        other.kill()
        world.ingest.kill()
        world.start_ingest()
    start(world, other)
    take_part(world)
    leave(world, other)


def kill_for_good(world: World, publisher: Publisher) -> None:
    """It never comes back; what waits for it is fetched in its name."""
    with second(world) as other:
        publisher.wait_for(0.4)
        other.kill()
        publisher.finish()


def stand_still(world: World, publisher: Publisher) -> None:
    with second(world) as other:
        publisher.wait_for(0.3)
        freeze([other.pid])
        world.pause(0.5, 2.0)
        thaw([other.pid])


FAULTS: dict[str, Fault] = {
    "two ingests: one killed": Fault(kill_one, weight=3, quick=True, count=4000, rate=800),
    "two ingests: both killed": Fault(kill_both, weight=2, count=4000, rate=800),
    "two ingests: killed while joining": Fault(kill_while_it_joins, weight=2, count=6000, rate=600),
    "two ingests: one gone for good": Fault(kill_for_good, weight=2, count=4000, rate=800),
    "two ingests: one stands still": Fault(stand_still, weight=2, count=4000, rate=800),
}


@each(FAULTS)
def test_one_of_two_fails(name: str, fault: Fault, world: World, attack: Attack) -> None:
    attack(name, fault, world)


@contextmanager
def second(world: World) -> Iterator[IngestProcess]:
    """A second ingest, which takes part, and leaves for good at the end."""
    other = IngestProcess(world.state / "second.log")
    start(world, other)
    take_part(world)
    yield other
    leave(world, other)


def start(world: World, process: IngestProcess) -> None:
    process.start(**_environment(world))


def _environment(world: World) -> dict[str, str]:
    return {
        "GEBAEUDE_DATABASE_URL": world.postgres.url,
        "GEBAEUDE_MQTT_URL": world.broker.url,
        "GEBAEUDE_MQTT_CLIENT_ID": CLIENT_ID,
        "GEBAEUDE_INGEST_NAME": SECOND,
    }


def take_part(world: World) -> None:
    """Returns once both go by a generation that has both."""
    name = f"{CLIENT_ID}-{SECOND}"

    def both() -> bool:
        newest = members.latest(connection)
        return (
            newest is not None
            and name in newest.members
            and all(members.of_session(connection, one) == newest for one in newest.members)
        )

    with world.connect() as connection:
        wait_until(both, "both to take part")


def leave(world: World, process: IngestProcess) -> None:
    """What it has is stored, its session ended, and the first has everything again."""
    process.kill()
    command = [sys.executable, "-m", "gebaeude.cli", "ingest", "--leave"]
    ended = subprocess.run(
        command, env=os.environ | _environment(world), capture_output=True, timeout=90, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    with world.connect() as connection:
        wait_until(
            lambda: members.of_session(connection, CLIENT_ID) == members.latest(connection),
            "the first to take everything",
        )
