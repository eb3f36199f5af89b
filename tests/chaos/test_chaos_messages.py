"""Nothing breaks, but the messages themselves are trouble: floods, repeats, disorder, poison."""

from __future__ import annotations

from bench.publish import Publisher as Device
from tests.chaos import servers
from tests.chaos.messages import Numbered
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Attack, Fault, each, settle
from tests.chaos.table import line_of
from tests.chaos.world import World, wait_until

STORM = 500  # clients at once
EACH = 4  # messages of each
REPLAYS = 10


def replays(world: World, publisher: Publisher) -> None:
    """Everything ten times over: a gateway that never got its acknowledgements."""
    publisher.finish()
    again = sorted(publisher.acknowledged.values(), key=lambda one: one.number)
    for _ in range(REPLAYS - 1):
        _send(world, again)


def disorder(world: World, publisher: Publisher) -> None:
    """The newest first, the rest anyhow."""
    publisher.finish()
    more = world.messages(3000)
    world.random.shuffle(more)
    publisher.acknowledged |= _send(world, more)


def storm(world: World, publisher: Publisher) -> None:
    """A power cut: all devices come back at once, publish, and the broker restarts under them."""
    for _ in range(2):
        devices = [Device(world.broker.url, f"chaos-device-{n}") for n in range(STORM)]
        for device in devices:
            messages = world.messages(EACH)
            device.publish((one.topic, one.payload) for one in messages)
            publisher.acknowledged |= {one.number: one for one in messages}
        world.broker.stop()
        servers.restart(world.broker)
        for device in devices:
            device.__exit__(None, None, None)


FAULTS: dict[str, Fault] = {
    "messages: ten identical replays": Fault(
        replays, weight=4, quick=True, count=500, kind="single"
    ),
    "messages: shuffled": Fault(disorder, weight=4, quick=True),
    "messages: storm of 500 clients": Fault(storm, weight=2, quick=True, count=200),
}
POISON = {"messages: a poison row in 1,000": Fault(replays, weight=4, quick=True)}
FLOOD = {"messages: retained flood": Fault(replays, weight=2, quick=True, count=3000)}


@each(FAULTS)
def test_messages_are_trouble(name: str, fault: Fault, world: World, attack: Attack) -> None:
    attack(name, fault, world)


@each(POISON)
def test_poison(name: str, fault: Fault, world: World) -> None:
    """The database itself refuses one row of a thousand: that one is kept, the others count."""
    for _ in range(fault.rounds()):
        messages = world.messages(1000, "single")
        poison = world.random.choice(messages).number
        with world.connect() as connection:
            connection.execute(
                f"ALTER TABLE reading ADD CONSTRAINT antidote CHECK (value <> {poison})"
            )
            verdict, took = settle(world, _send(world, messages), frozenset({poison}))
            connection.execute("ALTER TABLE reading DROP CONSTRAINT antidote")
        line_of(name).add(verdict, took)
        assert verdict.is_good, str(verdict)
        assert verdict.kept == {poison}


@each(FLOOD)
def test_retained_flood(name: str, fault: Fault, world: World) -> None:
    """Each is a reading once; the copies that a new subscription brings are no readings."""
    for _ in range(fault.rounds()):
        messages = [
            Numbered(one.number, one.kind, one.topic + b"/%d" % one.number, one.payload)
            for one in world.messages(fault.count, "pack")
        ]
        acknowledged = _send(world, messages, retain=True)
        world.await_all(acknowledged)
        world.ingest.kill()
        world.start_ingest()
        _await_copies(world, len(messages))
        verdict, took = settle(world, acknowledged)
        line_of(name).add(verdict, took)
        with Device(world.broker.url, "chaos-clearing") as device:
            device.publish(((one.topic, b"") for one in messages), retain=True)
        assert verdict.is_good, str(verdict)
        with world.connect() as connection:
            connection.execute("DELETE FROM quarantine WHERE reason IN ('retained', 'empty')")


def _send(world: World, messages: list[Numbered], *, retain: bool = False) -> dict[int, Numbered]:
    publisher = Publisher(world.broker.url, messages, client_id="chaos-more", retain=retain)
    publisher.start()
    publisher.finish()
    return publisher.acknowledged


def _await_copies(world: World, count: int) -> None:
    query = "SELECT count(*) FROM quarantine WHERE reason = 'retained'"

    def have_come() -> bool:
        with world.connect() as connection:
            row = connection.execute(query).fetchone()
        return row is not None and row[0] >= count

    wait_until(have_come, "the copies")
