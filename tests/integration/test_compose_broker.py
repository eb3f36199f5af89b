"""The broker of docker-compose.yml, run here with its own files: who may do what."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gebaeude.demo import ports
from gebaeude.demo.mosquitto import installation

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Broker:
    port: int
    secrets: Path

    def password(self, user: str) -> str:
        known = {
            "ingest": urlsplit((self.secrets / "ingest_url").read_text()).password,
            "devices": (self.secrets / "devices_password").read_text(),
        }
        return known[user] or ""

    def publish(self, user: str, password: str, topic: str, text: str) -> int:
        who = ["-u", user, "-P", password] if user else []
        return subprocess.run(
            ["mosquitto_pub", "-p", str(self.port), *who, "-q", "1", "-t", topic, "-m", text],
            capture_output=True,
        ).returncode

    def subscribe(self, user: str, topic: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["mosquitto_sub", "-p", str(self.port), "-u", user, "-P", self.password(user),
             "-q", "1", "-t", topic, "-C", "1", "-W", "10"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Iterator[Broker]:
    directory = state / "compose-broker"
    secrets, shared = directory / "secrets", directory / "shared"
    shared.mkdir(parents=True)
    subprocess.run(["sh", str(ROOT / "deploy/secrets.sh"), str(secrets)], check=True)
    (shared / "broker.conf").write_text((ROOT / "gebaeude/demo/broker.conf").read_text())
    port = ports.any_free()
    settings = (ROOT / "deploy/mosquitto.conf").read_text()
    for theirs, here in {
        "listener 1883": f"listener {port} 127.0.0.1",
        "/run/secrets/broker_passwords": str(secrets / "broker_passwords"),
        "/mosquitto/config/acl": str(ROOT / "deploy/mosquitto.acl"),
        "/mosquitto/data/": f"{directory}/",
        "/mosquitto/config/shared": str(shared),
    }.items():
        assert theirs in settings
        settings = settings.replace(theirs, here)
    file = directory / "mosquitto.conf"
    file.write_text(settings)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("mosquitto").pw_uid
        for path in (directory, secrets / "broker_passwords"):
            os.chown(path, owner, -1)
    with (directory / "log").open("w") as log:
        process = subprocess.Popen([installation(), "-c", str(file)], stdout=log, stderr=log)
    while not ports.accepts(port):
        assert process.poll() is None, (directory / "log").read_text()
        time.sleep(0.02)
    yield Broker(port, secrets)
    process.terminate()
    process.wait(10)


def test_strangers_are_turned_away(broker: Broker) -> None:
    assert broker.publish("", "", "senml/x", "1") != 0
    assert broker.publish("devices", "guessed", "senml/x", "1") != 0
    assert broker.publish("devices", broker.password("devices"), "senml/x", "1") == 0


def test_ingest_reads_what_devices_write_and_devices_read_nothing(
    broker: Broker, eventually: Callable[..., object]
) -> None:
    device = broker.subscribe("devices", "building/#")
    ingest = broker.subscribe("ingest", "building/#")

    def arrived() -> bool:
        broker.publish("devices", broker.password("devices"), "building/a", "21.5")
        return ingest.poll() is not None

    eventually(arrived, timeout=8)
    assert ingest.communicate()[0] == "21.5\n"
    assert device.poll() is None
    device.kill()
    device.communicate()


def test_ingest_cannot_write(broker: Broker, eventually: Callable[..., object]) -> None:
    ingest = broker.subscribe("ingest", "building/#")

    def arrived() -> bool:
        broker.publish("ingest", broker.password("ingest"), "building/b", "forged")
        broker.publish("devices", broker.password("devices"), "building/b", "honest")
        return ingest.poll() is not None

    eventually(arrived, timeout=8)
    assert ingest.communicate()[0] == "honest\n"
