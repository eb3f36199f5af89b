"""What lies between ingest and its servers resets, delays, throttles, tears, or says nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from tests.chaos.proxy import Proxy
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Attack, Fault, Strike, each
from tests.chaos.world import World

MORE, MORE_A_SECOND = 2000, 800

Trick = Callable[[World, Proxy], None]


def resets(world: World, proxy: Proxy) -> None:
    for _ in range(5):
        world.pause(0.0, 0.4)
        proxy.reset()


def refuses(world: World, proxy: Proxy) -> None:
    proxy.refuse = True
    proxy.reset()
    world.pause(1.0, 4.0)


def delays(world: World, proxy: Proxy) -> None:
    proxy.delay_s = world.random.uniform(0.02, 0.2)
    world.pause(2.0, 4.0)


def throttles(world: World, proxy: Proxy) -> None:
    proxy.rate = world.random.uniform(20_000, 100_000)
    world.pause(2.0, 4.0)


def tears(world: World, proxy: Proxy) -> None:
    """In the middle of a packet, at another byte each time."""
    proxy.tear_after = 30_000
    proxy.reset()
    world.pause(2.0, 4.0)


def is_silent_for_a_while(world: World, proxy: Proxy) -> None:
    """Nothing gets through, and nobody is told; then the line is reset."""
    proxy.silent = True
    world.pause(1.0, 4.0)
    proxy.reset()


def is_half_open(world: World, proxy: Proxy) -> None:
    """Nothing ever gets through on the connections of now, and nobody is ever told."""
    proxy.silent = True
    world.pause(0.3, 0.5)
    proxy.abandon()


def to_broker(trick: Trick) -> Strike:
    def strike(world: World, publisher: Publisher) -> float:
        with Proxy(world.broker.port) as proxy:
            world.restart_ingest(broker_port=proxy.port)
            return _play(trick, world, proxy, publisher)

    return strike


def to_database(trick: Trick) -> Strike:
    def strike(world: World, publisher: Publisher) -> float:
        with Proxy(world.postgres.port) as proxy:
            world.restart_ingest(database_port=proxy.port)
            return _play(trick, world, proxy, publisher)

    return strike


def _play(trick: Trick, world: World, proxy: Proxy, publisher: Publisher) -> float:
    """The trick; then ingest must come through over the healed line; how long that took."""
    # The first messages may all have come through while ingest was being replaced.
    more = Publisher(world.broker.url, world.messages(MORE), rate=MORE_A_SECOND, client_id="chaos+")
    more.start()
    more.wait_for(0.02)
    trick(world, proxy)
    proxy.heal()
    healed = time.monotonic()
    publisher.finish()
    more.finish()
    publisher.acknowledged |= more.acknowledged
    with suppress(TimeoutError):  # the verdict tells what is missing
        world.await_all(publisher.acknowledged)
    took = time.monotonic() - healed
    world.restart_ingest()
    return took


TRICKS: dict[str, tuple[Trick, float, bool]] = {
    "resets": (resets, 4, True),
    "refuses": (refuses, 2, False),
    "delays": (delays, 2, False),
    "throttles": (throttles, 2, False),
    "tears packets": (tears, 2, False),
    "is silent, then resets": (is_silent_for_a_while, 2, False),
    "is half open": (is_half_open, 1, False),
}
FAULTS: dict[str, Fault] = {
    f"line to the {place} {name}": Fault(
        through(trick), weight=weight, quick=quick, count=2000, rate=2500
    )
    for place, through in (("broker", to_broker), ("database", to_database))
    for name, (trick, weight, quick) in TRICKS.items()
}


@each(FAULTS)
def test_network_fails(name: str, fault: Fault, world: World, attack: Attack) -> None:
    attack(name, fault, world)
