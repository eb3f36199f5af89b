"""The service `durable` of docker-compose.yml with its own files: TLS, and who may do what."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gebaeude.config import Settings
from gebaeude.model import Message
from ingest.broker import VOICE, watching
from ingest.subscriber import Subscriber
from tests.chaos.embedded import program
from tests.chaos.rabbitmq import (
    DEPLOY,
    SCRIPTS,
    SHARED_SETTINGS,
    EmbeddedRabbitmq,
    definitions,
)
from tests.chaos.rounds import Fault, each
from tests.chaos.test_chaos_broker import restart
from tests.chaos.world import wait_until

ACL = DEPLOY.parents[1] / "gebaeude/broker/base.acl"
# Only the long form has the server.
LONG = {"accounts": Fault(restart, weight=0.1)}


class ServiceRabbitmq(EmbeddedRabbitmq):
    """As the container runs it, but for places and ports.

    shared: where `make_files` has put what the container finds in its volumes.
    """

    kind = "durable"

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.shared = self.state

    def settings(self) -> str:
        text = SHARED_SETTINGS.read_text() + (DEPLOY / "service.conf").read_text()
        for theirs, here in {
            "/run/certificates/": f"{self.shared}/certificates/",
            "/run/durable/": f"{self.shared}/durable/",
            "ssl.default = 8883": f"ssl.default = 127.0.0.1:{self.port}",
        }.items():
            assert theirs in text
            text = text.replace(theirs, here)
        return text

    @property
    def address(self) -> str:
        """Ingest's, with the port it has here."""
        made = (self.shared / "secrets/durable_url").read_text()
        return made.replace(":8883", f":{self.port}")

    @property
    def client_id(self) -> str:
        return (self.shared / f"secrets/{self.kind}_client_id").read_text()

    def gateway(self, *words: str) -> str:
        """What gateway.sh says, which in the container finds a rabbitmqctl for this node."""
        control = self.state / "bin/rabbitmqctl"
        control.parent.mkdir(exist_ok=True)
        real = program("rabbitmqctl", SCRIPTS)
        control.write_text(f'#!/bin/sh\nexec {real} -n {self.node} "$@"\n')
        control.chmod(0o755)
        environment = self.environment()
        path = f"{control.parent}:{environment['PATH']}"
        done = subprocess.run(
            ["sh", DEPLOY / "gateway.sh", *words], capture_output=True, text=True, check=True,
            env=environment | {"ACL": str(ACL), "PATH": path},
        )  # fmt: skip
        return done.stdout

    def add(self, name: str, *prefixes: str) -> str:
        """Adds a gateway and returns its password."""
        said = self.gateway("add", name, *prefixes)
        return next(line.split()[1] for line in said.splitlines() if line.startswith("password"))

    def run(self, tool: str, account: str, password: str, *words: str) -> Any:
        ca = str(self.shared / "certificates/ca.crt")
        return subprocess.run(
            [tool, "-p", str(self.port), "-h", "127.0.0.1", "--cafile", ca, "-u", account,
             "-P", password, "-q", "1", *words],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip

    def takes(self, account: str, password: str, topic: str) -> bool:
        """Whether it acknowledges the message; it breaks the connection off instead."""
        done = self.run("mosquitto_pub", account, password, "-V", "5", "-t", topic, "-m", account)
        return bool(done.returncode == 0)


def make_files(state: Path, *hosts: str) -> None:
    """What the containers' one-shot services make."""
    make("certificates.sh", state / "certificates", "localhost", *hosts[:1])
    owner = "rabbitmq:rabbitmq" if os.geteuid() == 0 else ""
    policies = DEPLOY / "policies.json"
    names = state / "secrets", state / "durable"
    make("rabbitmq/secrets.sh", *names, policies, ",".join(hosts), owner)
    if owner:
        shutil.chown(state / "certificates/server.key", "rabbitmq", "rabbitmq")


def make(script: str, *arguments: Path | str) -> None:
    subprocess.run(["sh", DEPLOY.parent / script, *(one for one in arguments if one)], check=True)


@pytest.fixture
def service(chaos_state: Callable[[], Path]) -> Iterator[ServiceRabbitmq]:
    state = chaos_state()
    make_files(state, "127.0.0.1")
    broker = ServiceRabbitmq(state)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@each(LONG)
def test_shipped_configuration(name: str, fault: Fault, service: ServiceRabbitmq) -> None:
    word = service.add("kalletal", "application/17")
    service.add("extertal")
    for taken in ("senml", "application", "5", "gebaeude", "ingest"):
        with pytest.raises(subprocess.CalledProcessError):
            service.add(taken)
    assert service.gateway("list").split() == ["extertal", "kalletal"]
    for own in ("senml/kalletal/1", "kalletal/x", "application/17/device/1",
                "spBv1.0/kalletal/DDATA/x"):  # fmt: skip
        assert service.takes("kalletal", word, own), own
    for other in ("senml/extertal/1", "application/9/x", "senml/kalletal2", "x", "senml",
                  "spBv1.0/extertal/NCMD/x"):  # fmt: skip
        assert not service.takes("kalletal", word, other), other
    assert not service.takes("kalletal", "guessed", "kalletal/x")
    assert not service.takes("nobody", "", "x")

    ingest = urlsplit(service.address).password or ""
    assert not service.takes("ingest", ingest, "senml/kalletal/1")
    assert service.takes("ingest", ingest, "spBv1.0/group/NCMD/node")
    assert b"senml/kalletal/2" in {one.topic for one in ingested(service, word)}
    # Neither everything, nor in ingest's place.
    _assert_refused(service, word, "kalletal", "#")
    _assert_refused(service, word, service.client_id, "senml/kalletal/#")

    _assert_asked_once_and_silent(service)

    queues = service.control("list_queues", "name", "type", "policy")
    (queue,) = [line.split() for line in queues.splitlines() if service.client_id in line]
    assert queue[1:] == ["quorum", *(policy["name"] for policy in definitions()["policies"])]

    service.gateway("revoke", "kalletal")
    assert not service.takes("kalletal", word, "kalletal/x")


def ingested(service: ServiceRabbitmq, word: str, address: str = "") -> list[Message]:
    """What ingest gets, by default at the same broker, of what a gateway sends to this one."""
    ca = service.shared / "certificates/ca.crt"
    subscriber = Subscriber(address or service.address, service.client_id, ca)
    found: list[Message] = []

    def came() -> bool:
        found.extend(subscriber.collect(100, 0.2))
        return subscriber.connected

    wait_until(came, "ingest's session")
    deadline = time.monotonic() + 20
    while not found and time.monotonic() < deadline:
        assert service.takes("kalletal", word, "senml/kalletal/2")
        came()
    subscriber.acknowledge(len(found))
    subscriber.close()
    return found


def _assert_refused(service: ServiceRabbitmq, word: str, client: str, topic: str) -> None:
    done = service.run(
        "mosquitto_sub", "kalletal", word, "-i", client, "-c", "-t", topic, "-W", "5"
    )
    # 27: it listened until its time was up.
    assert done.returncode != 27, done.stdout + done.stderr


def _assert_asked_once_and_silent(service: ServiceRabbitmq) -> None:
    """Whoever watches is let in for good, and is told nothing, by which RabbitMQ is known."""
    ca = service.shared / "certificates/ca.crt"
    settings = Settings(
        mqtt_url=service.address, mqtt_client_id=service.client_id, mqtt_ca_file=ca, metrics_port=1
    )
    with watching(settings):
        wait_until(lambda: VOICE.is_missing, "the broker's silence")
    lines = (service.state / "log/rabbitmq.log").read_text().splitlines()
    refused = [line for line in lines if "refused for user 'ingest'" in line]
    assert [line for line in refused if "access to queue" in line] == []
