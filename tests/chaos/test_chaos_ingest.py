"""Ingest dies, at random and at the worst moment, or stands still."""

from __future__ import annotations

from tests.chaos.messages import Numbered
from tests.chaos.proxy import Proxy
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Attack, Fault, each
from tests.chaos.servers import freeze, thaw
from tests.chaos.world import World, rows_of, wait_until


def kill_at_random(world: World, publisher: Publisher) -> None:
    publisher.wait_for(world.random.uniform(0.05, 0.95))
    world.ingest.kill()
    world.start_ingest()


def kill_again_and_again(world: World, publisher: Publisher) -> None:
    """Also while it starts, and while it works off what has gathered."""
    for _ in range(4):
        world.pause(0.1, 1.8)
        world.ingest.kill()
        world.start_ingest()


def kill_before_acknowledgement(world: World, publisher: Publisher) -> None:
    """The commit is done, the broker does not know: everything comes a second time."""
    publisher.finish()
    world.ingest.stop()
    with Proxy(world.broker.port) as proxy:
        world.start_ingest(broker_port=proxy.port)
        world.await_ready()
        proxy.hold_up = True
        late = world.messages(1000)
        more = Publisher(world.broker.url, late, client_id="chaos-late")
        more.start()
        more.finish()
        publisher.acknowledged |= more.acknowledged
        _await_commit(world, more)
        world.ingest.kill()
        proxy.reset()
    world.start_ingest()


def cut_before_acknowledgement(world: World, publisher: Publisher) -> None:
    """The same, but ingest lives on: only its connection dies."""
    publisher.finish()
    world.ingest.stop()
    with Proxy(world.broker.port) as proxy:
        world.start_ingest(broker_port=proxy.port)
        world.await_ready()
        for _ in range(3):
            proxy.hold_up = True
            more = Publisher(world.broker.url, world.messages(500), client_id="chaos-late")
            more.start()
            more.finish()
            publisher.acknowledged |= more.acknowledged
            _await_commit(world, more)
            proxy.reset()
            proxy.heal()
            publisher.acknowledged |= _pass_through(world)
        world.restart_ingest()


def stand_still(world: World, publisher: Publisher) -> None:
    publisher.wait_for(world.random.uniform(0.05, 0.5))
    freeze([world.ingest.pid])
    world.pause(1.0, 3.0)
    thaw([world.ingest.pid])


def stand_still_for_minutes(world: World, publisher: Publisher) -> None:
    """Longer than the broker waits for a sign of life: it breaks the connection off."""
    publisher.wait_for(0.2)
    freeze([world.ingest.pid])
    world.pause(60.0, 75.0)
    thaw([world.ingest.pid])


def stop_in_order(world: World, publisher: Publisher) -> None:
    """As at every update."""
    publisher.wait_for(world.random.uniform(0.05, 0.95))
    world.ingest.stop()
    world.start_ingest()


FAULTS: dict[str, Fault] = {
    "ingest: kill -9 at random": Fault(kill_at_random, weight=12, quick=True),
    "ingest: kill -9, four times in a row": Fault(kill_again_and_again, weight=4, rate=500),
    "ingest: kill -9 between commit and PUBACK": Fault(
        kill_before_acknowledgement, weight=6, quick=True, count=200
    ),
    "ingest: connection cut before PUBACK": Fault(
        cut_before_acknowledgement, weight=4, quick=True, count=200
    ),
    "ingest: SIGSTOP, seconds": Fault(stand_still, weight=4),
    "ingest: SIGSTOP, over a minute": Fault(stand_still_for_minutes, weight=0.5),
    "ingest: SIGTERM": Fault(stop_in_order, weight=4),
}


@each(FAULTS)
def test_ingest_fails(name: str, fault: Fault, world: World, attack: Attack) -> None:
    attack(name, fault, world)


def _pass_through(world: World) -> dict[int, Numbered]:
    """Returns once the session stands again."""
    few = Publisher(world.broker.url, world.messages(20), client_id="chaos-few")
    few.start()
    few.finish()
    world.await_all(few.acknowledged)
    return few.acknowledged


def _await_commit(world: World, publisher: Publisher) -> None:
    """Until the readings of all its messages are visible."""
    messages = list(publisher.acknowledged.values())
    messages.sort(key=lambda one: one.number)
    expected = sum(len(one.readings) + (one.kind == "clockless") for one in messages)
    with world.connect() as connection:
        wait_until(lambda: rows_of(connection, messages) >= expected, "the commit")
