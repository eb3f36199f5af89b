"""Services rabbitmq-1 to -3 of docker-compose.yml with their own files: a cluster over TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.cluster import SIZE, Cluster, Node
from tests.chaos.rabbitmq import Epmd
from tests.chaos.rounds import Fault, each
from tests.chaos.test_chaos_broker import restart
from tests.chaos.test_chaos_durable_accounts import ServiceRabbitmq, ingested, make_files

LONG = {"accounts of three nodes": Fault(restart, weight=0.1)}


class ServiceNode(Node, ServiceRabbitmq):
    """As one of the three containers, but for names, places and ports."""

    kind = "cluster"

    def __init__(self, state: Path, number: int, epmd: Epmd) -> None:
        super().__init__(state, number, epmd)
        self.shared = state.parent

    def prepare(self) -> list[Path]:
        self.home.mkdir(exist_ok=True)
        cookie = self.home / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text((self.shared / "durable/.erlang.cookie").read_text())
            cookie.chmod(0o400)
        return super().prepare()


@pytest.fixture
def nodes(chaos_state: Callable[[], Path]) -> Iterator[list[ServiceNode]]:
    state = chaos_state()
    make_files(state, *["127.0.0.1"] * SIZE)
    cluster = Cluster(state, ServiceNode)
    try:
        cluster.start()
        yield [node for node in cluster.nodes if isinstance(node, ServiceNode)]
    finally:
        cluster.stop()


@each(LONG)
def test_shipped_configuration(name: str, fault: Fault, nodes: list[ServiceNode]) -> None:
    one, two, three = nodes
    word = one.add("kalletal")
    for node in nodes:
        assert node.gateway("list").split() == ["kalletal"]
        assert node.takes("kalletal", word, "senml/kalletal/1")
        assert not node.takes("kalletal", word, "senml/extertal/1")
    address = (one.shared / "secrets/cluster_url").read_text()
    for node in nodes:
        address = address.replace(":8883", f":{node.port}", 1)
    assert b"senml/kalletal/2" in {message.topic for message in ingested(two, word, address)}

    queues = three.control("list_queues", "name", "type", "policy", "members")
    (queue,) = [line.split("\t") for line in queues.splitlines() if one.client_id in line]
    assert queue[1:3] == ["quorum", "keep"]
    assert all(node.node in queue[3] for node in nodes)

    three.gateway("revoke", "kalletal")
    assert not one.takes("kalletal", word, "kalletal/x")
