"""The broker of docker-compose.yml, run here with its own files: TLS, and who may do what."""

from __future__ import annotations

import os
import pwd
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY

from gebaeude.broker import gateways
from gebaeude.broker.reload import reload
from gebaeude.config import Settings
from gebaeude.demo import ports
from gebaeude.demo.mosquitto import installation
from ingest.broker import watching
from ingest.subscriber import Subscriber

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Broker:
    port: int
    directory: Path

    @property
    def access(self) -> Path:
        return self.directory / "access"

    @property
    def ca(self) -> Path:
        return self.directory / "certificates/ca.crt"

    def url_of(self, account: str) -> str:
        return (self.directory / f"secrets/{account}_url").read_text()

    def password(self, account: str) -> str:
        return urlsplit(self.url_of(account)).password or ""

    def add(self, name: str, *prefixes: str) -> str:
        password = gateways.add(self.access, name, prefixes)
        assert reload(self.directory / "pid")
        return password

    def revoke(self, name: str) -> None:
        gateways.revoke(self.access, name)
        assert reload(self.directory / "pid")

    def options(self, account: str, password: str, ca: Path | None = None) -> list[str]:
        return ["-p", str(self.port), "-h", "127.0.0.1", "--cafile", str(ca or self.ca),
                "-u", account, "-P", password, "-V", "5", "-q", "1"]  # fmt: skip

    def publish(self, account: str, password: str, topic: str, ca: Path | None = None) -> bool:
        """Whether the broker took the message; MQTT 5 tells."""
        done = subprocess.run(
            ["mosquitto_pub", *self.options(account, password, ca), "-t", topic, "-m", account],
            capture_output=True,
            timeout=20,
        )
        # mosquitto_pub takes a refused message for a success, and says so only in passing.
        return done.returncode == 0 and b"Not authorized" not in done.stderr

    @contextmanager
    def listening(self, account: str, password: str) -> Iterator[list[str]]:
        """Everything that this account is given, a line `topic payload` each, as it comes."""
        ear = subprocess.Popen(
            ["mosquitto_sub", *self.options(account, password), "-t", "#", "-v"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        heard: list[str] = []
        assert ear.stdout is not None
        reader = threading.Thread(target=lambda lines: heard.extend(lines), args=(ear.stdout,))
        with ear:
            reader.start()
            yield heard
            ear.kill()
            reader.join()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Iterator[Broker]:
    directory = state / "compose-broker"
    shared, data, pid = directory / "shared", directory / "data", directory / "pid"
    for path in (shared, data):
        path.mkdir(parents=True)
    _make_secrets(directory)
    (shared / "broker.conf").write_text((ROOT / "gebaeude/demo/broker.conf").read_text())
    port, inner = ports.any_free(), ports.any_free()
    settings = (ROOT / "deploy/mosquitto.conf").read_text() + f"pid_file {pid}\n"
    for theirs, here in {
        "listener 8883": f"listener {port} 127.0.0.1",
        "listener 1883": f"listener {inner}",
        "/run/broker/": f"{directory}/access/",
        "/run/certificates/": f"{directory}/certificates/",
        "/mosquitto/data/": f"{data}/",
        "/mosquitto/config/shared": str(shared),
    }.items():
        assert theirs in settings
        settings = settings.replace(theirs, here)
    file = directory / "mosquitto.conf"
    file.write_text(settings)
    _give_to_mosquitto(directory, data)
    with (directory / "log").open("w") as log:
        process = subprocess.Popen([installation(), "-c", str(file)], stdout=log, stderr=log)
    while not (ports.accepts(port) and pid.exists()):
        assert process.poll() is None, (directory / "log").read_text()
        time.sleep(0.02)
    yield Broker(port, directory)
    process.terminate()
    process.wait(10)


def _make_secrets(directory: Path) -> None:
    acl = ROOT / "gebaeude/broker/base.acl"
    for script, *arguments in (
        ("secrets.sh", directory / "secrets", directory / "access", acl),
        ("certificates.sh", directory / "certificates", "broker", "127.0.0.1"),
    ):
        subprocess.run(["sh", ROOT / "deploy" / script, *arguments], check=True)


def _give_to_mosquitto(directory: Path, data: Path) -> None:
    """What the group 1883 of the image may read is for this machine's group to read here."""
    if os.geteuid() != 0:
        return
    account = pwd.getpwnam("mosquitto")
    for path in (directory, data):
        os.chown(path, account.pw_uid, -1)
    for path in (directory / "access", *(directory / "access").iterdir()):
        mode = path.stat().st_mode & 0o7777
        os.chown(path, -1, account.pw_gid)
        path.chmod(mode)  # chown takes the group's bit off
    os.chown(directory / "certificates/server.key", -1, account.pw_gid)


@pytest.fixture
def gateway(broker: Broker) -> Iterator[Callable[..., str]]:
    """Adds a gateway, and takes it away when the test is over."""
    added: list[str] = []

    def add(name: str, *prefixes: str) -> str:
        password = broker.add(name, *prefixes)
        added.append(name)
        return password

    yield add
    for one in gateways.gateways(broker.access):
        if one.name in added:
            broker.revoke(one.name)


def _accepted(broker: Broker, eventually: Any, name: str, password: str) -> None:
    """Waits until the broker has taken over that there is this gateway."""
    eventually(lambda: broker.publish(name, password, f"{name}/hello"), timeout=20)


def test_strangers_are_turned_away(broker: Broker) -> None:
    assert not broker.publish("simulators", "guessed", "senml/x")
    assert not broker.publish("nobody", "", "senml/x")
    assert broker.publish("simulators", broker.password("simulators"), "senml/x")


def test_a_gateway_publishes_in_its_own_area_alone(
    broker: Broker, gateway: Callable[..., str], eventually: Any
) -> None:
    word = gateway("kalletal", "application/52f14cd4")
    gateway("extertal")
    _accepted(broker, eventually, "kalletal", word)
    for own in ("senml/kalletal/1", "kalletal/shelly/events/rpc", "application/52f14cd4/device/1"):
        assert broker.publish("kalletal", word, own), own
    for other in ("senml/extertal/1", "extertal/x", "application/9/device/1", "senml/kalletal2",
                  "x", "senml", "$SYS/x", "spBv1.0/extertal/NCMD/x"):  # fmt: skip
        assert not broker.publish("kalletal", word, other), other


def test_ingest_reads_all_and_a_gateway_what_is_its_own(
    broker: Broker, gateway: Callable[..., str], eventually: Any
) -> None:
    kalletal, extertal = gateway("kalletal"), gateway("extertal")
    _accepted(broker, eventually, "extertal", extertal)
    _accepted(broker, eventually, "kalletal", kalletal)
    with ExitStack() as ears:
        ingest, own, simulators = (
            ears.enter_context(broker.listening(*account))
            for account in (
                ("ingest", broker.password("ingest")),
                ("kalletal", kalletal),
                ("simulators", broker.password("simulators")),
            )
        )

        def everything_came() -> bool:
            broker.publish("extertal", extertal, "senml/extertal/1")
            broker.publish("kalletal", kalletal, "senml/kalletal/1")
            wanted = {"senml/extertal/1 extertal\n", "senml/kalletal/1 kalletal\n"}
            return wanted <= {*ingest} and bool(own)

        eventually(everything_came, timeout=20)
    assert {*own} == {"senml/kalletal/1 kalletal\n"}
    assert simulators == []


def test_ingest_writes_nothing_but_a_request_for_a_birth(broker: Broker) -> None:
    word = broker.password("ingest")
    assert not broker.publish("ingest", word, "senml/kalletal/1")
    assert broker.publish("ingest", word, "spBv1.0/group/NCMD/node")


def test_a_revoked_gateway_is_thrown_out_and_refused(
    broker: Broker, gateway: Callable[..., str], eventually: Any
) -> None:
    word = gateway("lemgo")
    _accepted(broker, eventually, "lemgo", word)
    with broker.listening("lemgo", word) as heard:
        eventually(lambda: broker.publish("lemgo", word, "lemgo/1") and heard, timeout=20)
        broker.revoke("lemgo")
        eventually(lambda: not broker.publish("lemgo", word, "lemgo/2"), timeout=20)
        before = len(heard)
        again = gateway("lemgo")
        _accepted(broker, eventually, "lemgo", again)
        assert not broker.publish("lemgo", word, "lemgo/3")
    assert len(heard) == before


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_with_another_certificate_is_not_trusted(broker: Broker, tmp_path: Path) -> None:
    script = ROOT / "deploy/certificates.sh"
    subprocess.run(["sh", script, tmp_path / "other", "127.0.0.1"], check=True)
    word = broker.password("simulators")
    assert not broker.publish("simulators", word, "x", tmp_path / "other/ca.crt")
    assert broker.publish("simulators", word, "x")
    url = _here(broker, "ingest")
    wrong = Subscriber(url, "test-wrong-ca", tmp_path / "other/ca.crt")
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        wrong.collect(10, 0.1)
        assert not wrong.connected
    wrong.close()


def test_ingest_signs_in_over_tls_and_collects(
    broker: Broker, gateway: Callable[..., str], eventually: Any
) -> None:
    word = gateway("detmold")
    _accepted(broker, eventually, "detmold", word)
    ingest = Subscriber(_here(broker, "ingest"), "test-tls", broker.ca)
    eventually(lambda: ingest.collect(10, 0.1) or ingest.connected, timeout=20)
    found: list[Any] = []

    def came() -> bool:
        broker.publish("detmold", word, "senml/detmold/1")
        found.extend(ingest.collect(100, 0.5))
        return any(message.topic == b"senml/detmold/1" for message in found)

    eventually(came, timeout=20)
    ingest.acknowledge(len(found))
    ingest.close()


def test_ingest_may_hear_what_the_broker_says_of_itself(broker: Broker, eventually: Any) -> None:
    url = _here(broker, "ingest")
    with watching(Settings(mqtt_url=url, mqtt_ca_file=broker.ca, metrics_port=1)):
        name = "gebaeude_broker_connected_clients"
        eventually(lambda: (REGISTRY.get_sample_value(name) or 0) >= 1, timeout=20)


def _here(broker: Broker, account: str) -> str:
    """The address that secrets.sh made, with the port it has here."""
    return broker.url_of(account).replace("@broker:8883", f"@127.0.0.1:{broker.port}")
