"""The broker restarts, dies, and what its persistence promises of acknowledged messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos import servers
from tests.chaos.messages import TIMELESS
from tests.chaos.oracle import Verdict, judge
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Attack, Fault, each, settle
from tests.chaos.table import SEED, Line, line_of
from tests.chaos.world import World, wait_until

UNDER_WAY_S = 4.0  # before a kill: what may still be between publisher, broker and ingest
SAVING_S = 1.0  # for the last piece that was read
DIED = "lost: what only the broker had"


def restart(world: World, publisher: Publisher) -> None:
    """As at every update: queues are written and read again."""
    publisher.wait_for(world.random.uniform(0.05, 0.9))
    world.broker.stop()
    world.pause(0.0, 1.0)
    servers.restart(world.broker)


def away_for_minutes(world: World, publisher: Publisher) -> float:
    """Long enough for the pauses between attempts to grow as long as they may."""
    publisher.wait_for(0.5)
    world.broker.stop()
    world.pause(70.0, 90.0)
    servers.restart(world.broker)
    return world.time_to_recover(publisher)


def restart_without_ingest(world: World, publisher: Publisher) -> None:
    """Everything lies in the broker's queue, and ingest is not there."""
    world.ingest.kill()
    publisher.finish()
    world.broker.stop()
    servers.restart(world.broker)
    world.start_ingest()


def kill_after_saving(world: World, publisher: Publisher) -> None:
    """kill -9 after an autosave, with a queue that nobody has fetched."""
    world.ingest.kill()
    publisher.finish()
    servers.save(world.broker)
    servers.kill(world.broker)
    servers.restart(world.broker)
    world.start_ingest()


FAULTS: dict[str, Fault] = {
    "broker: restart": Fault(restart, weight=7, quick=True),
    "broker: away for over a minute": Fault(away_for_minutes, weight=0.7),
    "broker: restart with a full queue": Fault(restart_without_ingest, weight=4, count=4000),
    "broker: kill -9 after an autosave": Fault(kill_after_saving, weight=4, count=4000),
}
# What can be lost here the broker itself loses; each round says what must be there nevertheless.
IN_MID_STREAM = {"broker: kill -9 in mid stream": Fault(restart, weight=4, quick=True)}
WITH_A_QUEUE = {"broker: kill -9, queue not saved yet": Fault(restart, weight=2)}
SAVING = {"broker: kill -9, saves every change": Fault(restart, weight=2)}


@each(FAULTS)
def test_broker_fails(name: str, fault: Fault, world: World, attack: Attack) -> None:
    attack(name, fault, world)


@each(IN_MID_STREAM)
def test_kill_in_mid_stream(name: str, fault: Fault, world: World) -> None:
    """Ingest is there: at most what was under way is gone, and without a clock may come twice."""
    for _ in range(fault.rounds()):
        publisher = Publisher(world.broker.url, world.messages(6000), rate=1000)
        publisher.start()
        publisher.wait_for(world.random.uniform(0.7, 0.8))
        killed_at = time.monotonic()
        servers.kill(world.broker)
        servers.restart(world.broker)
        publisher.finish()
        verdict, took = _settle_what_is_left(world, publisher)
        _note(name, verdict, took)
        late = killed_at - UNDER_WAY_S
        old = {number for number, at in publisher.acknowledged_at.items() if at < late}
        new = {number for number, at in publisher.acknowledged_at.items() if at > killed_at + 1}
        assert old
        assert not verdict.lost & (old | new)
        assert not verdict.wrong
        assert all(publisher.acknowledged[one].kind in TIMELESS for one in verdict.doubled)


@each(WITH_A_QUEUE)
def test_kill_with_a_queue(name: str, fault: Fault, world: World) -> None:
    """Ingest is away: everything up to the last autosave is there, and nothing after it."""
    for _ in range(fault.rounds()):
        world.ingest.kill()
        saved = Publisher(world.broker.url, world.messages(1000))
        saved.start()
        saved.finish()
        servers.save(world.broker)
        unsaved = Publisher(world.broker.url, world.messages(500), client_id="chaos-unsaved")
        unsaved.start()
        unsaved.finish()
        servers.kill(world.broker)
        servers.restart(world.broker)
        world.start_ingest()
        verdict, took = settle(world, saved.acknowledged)
        assert verdict.is_good, str(verdict)
        with world.connect() as connection:
            gone = judge(connection, unsaved.acknowledged)
        _note(name, verdict, took)
        _note(name, gone, took).rounds -= 1
        assert len(gone.lost) == len(unsaved.acknowledged)


@pytest.fixture(scope="module")
def saving_world(chaos_state: Callable[[], Path]) -> Iterator[World]:
    state = chaos_state()
    with World(state, SEED, servers.SavingMosquitto(state)) as one:
        yield one


@each(SAVING)
def test_kill_of_a_broker_that_saves(name: str, fault: Fault, saving_world: World) -> None:
    """Written to disk for each message: what is lost then, and how fast that is."""
    world = saving_world
    for _ in range(fault.rounds()):
        world.ingest.kill()
        publisher = Publisher(world.broker.url, world.messages(600), rate=100_000)
        began = time.monotonic()
        publisher.start()
        publisher.finish()
        rate = len(publisher.acknowledged) / (time.monotonic() - began)
        servers.kill(world.broker)
        servers.restart(world.broker)
        world.start_ingest()
        world.await_ready()
        verdict, took = _settle_what_is_left(world, publisher)
        line = _note(name, verdict, took)
        line.notes.append(f"{rate:.0f} messages/s")
        # It saves after it has acknowledged: the last piece it read may be missing.
        last = max(publisher.acknowledged_at.values()) - SAVING_S
        assert not {one for one in verdict.lost if publisher.acknowledged_at[one] < last}


def _settle_what_is_left(world: World, publisher: Publisher) -> tuple[Verdict, float]:
    """As `settle`, where something may be missing for ever: waits for a last message only."""
    began = time.monotonic()
    ending = Publisher(world.broker.url, world.messages(1, "single"), client_id="chaos-ending")
    ending.start()
    ending.finish()
    with world.connect() as connection:
        wait_until(lambda: not judge(connection, ending.acknowledged).lost, "the last message")
        return judge(connection, publisher.acknowledged), time.monotonic() - began


def _note(name: str, verdict: Verdict, took: float) -> Line:
    line = line_of(name)
    line.add(verdict, took)
    if verdict.lost:
        line.notes.append(DIED)
    return line
