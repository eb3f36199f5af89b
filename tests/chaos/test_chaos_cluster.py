"""Three nodes as one durable broker: nodes die, stand still, are cut off, and come back.

Acknowledged means written to disk on two of three. Only the long form has it, as with one node.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos import servers
from tests.chaos.cluster import SIZE, Cluster, Node
from tests.chaos.disk import Disk
from tests.chaos.messages import TIMELESS, message
from tests.chaos.oracle import Verdict
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Fault, each, play_all
from tests.chaos.table import SEED, line_of
from tests.chaos.world import CLIENT_ID, World, wait_until

_CONNECTED = re.compile(r"connected to the broker [\d.]+:(\d+)")
CUT_S = 25.0  # longer than the nodes need to notice
GIVEN_UP_S = 15.0  # until a queue has another leader, or its first one back
SOON_S = 1.0  # for what was under way
NO_MAJORITY_S = 8.0


class ClusterWorld(World):
    """World.broker is the cluster's first node; everybody knows the addresses of all."""

    def __init__(self, state: Path, seed: int) -> None:
        self.cluster = Cluster(state)
        super().__init__(state, seed, self.cluster.nodes[0])
        self.disks: list[Disk] = []
        self.sent_again: Mapping[int, int] = {}  # of the present round, by its publisher

    def __enter__(self) -> ClusterWorld:
        super().__enter__()
        self.cluster.await_whole()
        return self

    @property
    def url(self) -> str:
        """Everybody begins at a node of their own."""
        return self.cluster.url(self.random.randrange(SIZE))

    def start_broker(self) -> None:
        self.cluster.start()

    def stop_broker(self) -> None:
        self.cluster.stop()

    def node_of_ingest(self) -> Node:
        """The one that ingest is connected to, as it has said itself."""
        return self.cluster.at(int(_CONNECTED.findall(self.ingest.words())[-1]))

    def leader(self) -> Node:
        """The one that puts the messages for ingest into their order."""
        return self.cluster.leader(f"mqtt-subscription-{CLIENT_ID}qos1")

    def kill(self, *nodes: Node) -> None:
        """kill -9 of all of them."""
        for node in nodes:
            servers.kill(node)

    def lose_power(self, *nodes: Node) -> None:
        """Their machines go dark at the same moment; what was not flushed is gone."""
        disks = [self.disks[self.cluster.nodes.index(node)] for node in nodes]
        for disk in disks:
            disk.cut()
        self.kill(*nodes)
        for disk in disks:
            disk.restore()


def part_way(world: ClusterWorld, publisher: Publisher) -> None:
    publisher.wait_for(world.random.uniform(0.2, 0.5))


def kill_where_ingest_is(world: ClusterWorld, publisher: Publisher) -> float:
    part_way(world, publisher)
    return _away_until_all_came(world, publisher, world.node_of_ingest())


def kill_the_leader(world: ClusterWorld, publisher: Publisher) -> float:
    leader = world.leader()
    part_way(world, publisher)
    return _away_until_all_came(world, publisher, leader)


def _away_until_all_came(world: ClusterWorld, publisher: Publisher, node: Node) -> float:
    """The other two must do: everything comes through before the node is back."""
    world.kill(node)
    took = world.time_to_recover(publisher)
    world.cluster.bring_back([node])
    return took


def come_back_in_mid_stream(world: ClusterWorld, publisher: Publisher) -> None:
    """It has missed some, and must catch up while more comes."""
    node = world.random.choice(world.cluster.nodes)
    publisher.wait_for(0.1)
    world.kill(node)
    publisher.wait_for(world.random.uniform(0.4, 0.6))
    world.cluster.bring_back([node])


def without_a_majority(world: ClusterWorld, publisher: Publisher) -> None:
    """One of three may not acknowledge anything, whatever it has."""
    part_way(world, publisher)
    gone = world.random.sample(world.cluster.nodes, 2)
    world.kill(*gone)
    time.sleep(SOON_S)
    before = len(publisher.acknowledged)
    time.sleep(NO_MAJORITY_S)
    assert len(publisher.acknowledged) == before < publisher.total
    world.cluster.bring_back(gone)


def restart_one_after_the_other(world: ClusterWorld, publisher: Publisher) -> None:
    """As at an update."""
    part_way(world, publisher)
    for node in world.cluster.nodes:
        node.stop()
        world.cluster.bring_back([node])
        world.cluster.await_whole()


def kill_all(world: ClusterWorld, publisher: Publisher) -> None:
    part_way(world, publisher)
    world.kill(*world.cluster.nodes)
    world.cluster.bring_back(world.cluster.nodes)


def all_with_a_queue(
    world: ClusterWorld, publisher: Publisher, strike: Callable[..., None]
) -> None:
    """All at once, when nobody has fetched anything yet."""
    world.ingest.kill()
    publisher.finish()
    strike(*world.cluster.nodes)
    world.cluster.bring_back(world.cluster.nodes)
    world.start_ingest()


def kill_all_with_a_queue(world: ClusterWorld, publisher: Publisher) -> None:
    all_with_a_queue(world, publisher, world.kill)


def power_cut_of_one(world: ClusterWorld, publisher: Publisher) -> None:
    part_way(world, publisher)
    node = world.random.choice(world.cluster.nodes)
    world.lose_power(node)
    world.cluster.bring_back([node])


def power_cut_of_all_with_a_queue(world: ClusterWorld, publisher: Publisher) -> None:
    all_with_a_queue(world, publisher, world.lose_power)


def lose_a_disk(world: ClusterWorld, publisher: Publisher) -> None:
    """It comes back empty, and gets everything from the others."""
    part_way(world, publisher)
    node, other, _ = world.random.sample(world.cluster.nodes, 3)
    world.kill(node)
    world.cluster.forget(node, at=other)
    world.cluster.bring_back([node])


def stand_still(world: ClusterWorld, publisher: Publisher) -> None:
    """The node of ingest answers nothing until the others have given it up, and goes on then."""
    part_way(world, publisher)
    pids = servers.family(servers.pid_of(world.node_of_ingest()))
    servers.freeze(pids)
    time.sleep(CUT_S)
    servers.thaw(pids)


def stand_still_again(world: ClusterWorld, publisher: Publisher) -> None:
    """Ingest can acknowledge nothing, and gets all of it once more each time."""
    part_way(world, publisher)
    pids = servers.family(servers.pid_of(world.node_of_ingest()))
    with world.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE reading IN ACCESS EXCLUSIVE MODE")
        for _ in range(2):
            servers.freeze(pids)
            time.sleep(GIVEN_UP_S)
            servers.thaw(pids)
            time.sleep(GIVEN_UP_S)


def cut_off(world: ClusterWorld, publisher: Publisher) -> None:
    """The node of ingest and the others live on, and do not see each other."""
    part_way(world, publisher)
    node = world.node_of_ingest()
    others = world.cluster.other_than(node)
    node.cut_off(others)
    try:
        wait_until(lambda: not _takes(node), "the node to pause")
        time.sleep(CUT_S)
    finally:
        node.reunite(others)


def _takes(node: Node) -> bool:
    """Whether somebody who sends to this node alone gets an acknowledgement soon."""
    probe = Publisher(node.url, [message(0, "broken")], client_id="chaos-cut-off")
    probe.start()
    probe.join(2.0)
    probe.give_up()
    return bool(probe.acknowledged)


Strike = Callable[[ClusterWorld, Publisher], float | None]
# Strike, messages, and how many a second.
STRIKES: dict[str, tuple[Strike, int, float]] = {
    "node of ingest killed": (kill_where_ingest_is, 6000, 1000),
    "leader of the queue killed": (kill_the_leader, 6000, 1000),
    "node away, back in mid stream": (come_back_in_mid_stream, 12_000, 600),
    "two of three killed": (without_a_majority, 6000, 1000),
    "restarted one after the other": (restart_one_after_the_other, 6000, 200),
    "all killed in mid stream": (kill_all, 6000, 1000),
    "all killed with a queue": (kill_all_with_a_queue, 4000, 2500),
    "power cut of one": (power_cut_of_one, 6000, 1000),
    "power cut of all with a queue": (power_cut_of_all_with_a_queue, 4000, 2500),
    "disk of one lost for good": (lose_a_disk, 6000, 300),
    "node stands still": (stand_still, 6000, 300),
    "node stands still twice": (stand_still_again, 6000, 300),
    "node cut off": (cut_off, 6000, 300),
}


def _strike(strike: Strike) -> Callable[[World, Publisher], float | None]:
    def run(world: World, publisher: Publisher) -> float | None:
        assert isinstance(world, ClusterWorld)
        world.sent_again = publisher.sent_again
        return strike(world, publisher)

    return run


FAULTS: dict[str, Fault] = {
    f"three nodes: {name}": Fault(_strike(strike), weight=0.7, count=count, rate=rate)
    for name, (strike, count, rate) in STRIKES.items()
}


@pytest.fixture(scope="module")
def cluster(chaos_state: Callable[[], Path]) -> Iterator[ClusterWorld]:
    state = chaos_state()
    with ExitStack() as stack:
        world = ClusterWorld(state, SEED)
        try:
            for number, node in enumerate(world.cluster.nodes):
                disk = Disk(state / f"disk{number}.ext4", node.data)
                world.disks.append(stack.enter_context(disk))
        except OSError as error:
            world.disks.clear()
            line_of("three nodes: power cut").notes.append(f"NOT RUN: {error}")
        # Also where it cannot be begun: its servers may run all the same.
        stack.callback(world.__exit__)
        yield world.__enter__()


@each(FAULTS)
def test_cluster(name: str, fault: Fault, cluster: ClusterWorld) -> None:
    if "power cut" in name and not cluster.disks:
        return
    bad, before = [], cluster.cluster.gave_up
    for number, verdict in enumerate(play_all(name, fault, cluster)):
        if not _is_promised(verdict, cluster.sent_again):
            bad.append(f"round {number}: {verdict}")
        cluster.cluster.await_whole()
    if again := cluster.cluster.gave_up - before:
        line_of(name).notes.append(f"started once more: {again}")
    assert not bad, "\n".join(bad)
    assert line_of(name).rounds, line_of(name).notes


def _is_promised(verdict: Verdict, sent_again: Mapping[int, int]) -> bool:
    """Nothing lost, nothing wrong, and twice only what has no time and was sent again."""
    may_double: Counter[bytes] = Counter()
    for number, times in sent_again.items():
        may_double[message(number).payload] += times
    doubled = [message(number) for number in verdict.doubled]
    return (
        not (verdict.lost or verdict.wrong)
        and all(one.kind in TIMELESS for one in doubled)
        and Counter(one.payload for one in doubled) <= may_double
    )
