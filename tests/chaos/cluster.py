"""Three nodes of RabbitMQ as one broker, with the settings of deploy/rabbitmq/cluster.conf."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gebaeude.demo import ports
from tests.chaos.embedded import EmbeddedBroker
from tests.chaos.rabbitmq import COOKIE, DEPLOY, EmbeddedRabbitmq, Epmd
from tests.chaos.world import wait_until

CLUSTER_SETTINGS = DEPLOY / "cluster.conf"
SIZE = 3
# Until a node that answers nothing is given up (s): a minute by default, and rounds are short.
TICK_S = 10
WHOLE_S = 300.0


class Node(EmbeddedRabbitmq):
    """One of the three, in a directory of its own."""

    def __init__(self, state: Path, number: int, epmd: Epmd) -> None:
        state.mkdir(exist_ok=True)
        super().__init__(state)
        self.number = number
        self.epmd = epmd

    @property
    def node(self) -> str:
        return f"rabbit{self.number}@localhost"

    def stop(self) -> None:
        """Asks it to end, and waits; the register of nodes is for the others, too."""
        EmbeddedBroker.stop(self)

    def settings(self) -> str:
        shipped = CLUSTER_SETTINGS.read_text()
        for number in range(1, SIZE + 1):
            theirs = f"rabbit@rabbitmq-{number}"
            assert theirs in shipped
            shipped = shipped.replace(theirs, f"rabbit{number}@localhost")
        return "\n".join([super().settings(), shipped, f"net_ticktime = {TICK_S}", ""])

    def cut_off(self, others: Sequence[Node]) -> None:
        """Neither side speaks to the other any more; their clients are not concerned."""
        for other in others:
            self._agree(other, "this")
            other._agree(self, "that")
        for other in others:
            self.control("eval", f"erlang:disconnect_node('{other.node}').")

    def reunite(self, others: Sequence[Node]) -> None:
        """They find each other again by themselves."""
        for other in others:
            self._agree(other, COOKIE)
            other._agree(self, COOKIE)

    def _agree(self, other: Node, word: str) -> None:
        """The word by which they know each other; one that expects another turns it away."""
        self.control("eval", f"erlang:set_cookie('{other.node}', {word}).")


class Cluster:
    """All three."""

    def __init__(self, state: Path, make: Callable[[Path, int, Epmd], Node] = Node) -> None:
        self._epmd = Epmd(state)
        self.gave_up = 0  # nodes that ended while they started
        self.nodes = [make(state / f"node{one}", one, self._epmd) for one in range(1, SIZE + 1)]

    def url(self, first: int) -> str:
        """All of them, beginning with this one (0, 1, 2)."""
        nodes = self.nodes[first:] + self.nodes[:first]
        return "mqtt://" + ",".join(f"{ports.LOOPBACK}:{node.port}" for node in nodes)

    def start(self) -> None:
        """All at once: one alone waits for the others, which may know more than it does."""
        self.bring_back(self.nodes)

    def stop(self) -> None:
        for node in reversed(self.nodes):
            node.stop()
        self._epmd.stop()

    def bring_back(self, nodes: Sequence[Node]) -> None:
        """Starts those that are stopped or killed, on their old ports.

        One that gives up is started again at once, as the containers are: two that find each other
        half started do so now and then, and the others wait for it.
        """
        for node in nodes:
            self._launch(node)
        deadline = time.monotonic() + WHOLE_S
        while not all(ports.accepts(node.port) for node in nodes):
            assert time.monotonic() < deadline, [node.log.read_text()[-2000:] for node in nodes]
            for node in nodes:
                if not node.is_running:
                    self.gave_up += 1
                    node.stop()
                    self._launch(node)
            time.sleep(0.2)

    def forget(self, node: Node, at: Node) -> None:
        """What a node that is away had on its disk is gone, and the others are told so."""
        for one in node.data.iterdir():
            if one.name != "lost+found":
                shutil.rmtree(one)
        at.control("forget_cluster_node", node.node)

    def _launch(self, node: Node) -> None:
        port = node.port
        wait_until(lambda: not port or ports.is_free(port), f"port {port}")
        node.launch()
        assert node.port == (port or node.port)

    def other_than(self, *these: Node) -> list[Node]:
        return [node for node in self.nodes if node not in these]

    def at(self, port: int) -> Node:
        (found,) = (node for node in self.nodes if node.port == port)
        return found

    def queues(self) -> list[dict[str, Any]]:
        """Name, leader, online and members of each session's queue, as the first node says."""
        said = self.nodes[0].control(
            "list_queues", "name", "leader", "online", "members", "messages", "--formatter", "json"
        )
        found: list[dict[str, Any]] = json.loads(said)
        return found

    def leader(self, queue: str) -> Node:
        """The node on which the queue's messages are put into their order, once all agree."""
        found: set[str] = set()

        def agree() -> bool:
            found.clear()
            found.update(one["leader"] for one in self.queues() if one["name"] == queue)
            return len(found) == 1

        wait_until(agree, f"the leader of {queue}")
        return next(node for node in self.nodes if node.node in found)

    def await_whole(self) -> None:
        """Returns once all three take connections, and every queue is on each of them."""
        wait_until(self.is_whole, "the cluster", WHOLE_S)

    def is_whole(self) -> bool:
        try:
            queues = self.queues()
        except (subprocess.SubprocessError, ValueError):
            time.sleep(0.5)
            return False
        return all(ports.accepts(node.port) for node in self.nodes) and all(
            len(one["online"] or ()) == len(one["members"] or ()) == SIZE for one in queues
        )
