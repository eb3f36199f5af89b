"""RabbitMQ with its MQTT plugin, with the settings of deploy/rabbitmq/durable.conf."""

from __future__ import annotations

import json
import os
import subprocess
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gebaeude.demo import ports
from gebaeude.demo.process import Child, Command
from gebaeude.errors import ServiceMissing
from tests.chaos.embedded import EmbeddedBroker, program

DEPLOY = Path(__file__).parents[2] / "deploy/rabbitmq"
SHARED_SETTINGS = DEPLOY / "durable.conf"
SCRIPTS = "/usr/lib/rabbitmq/bin"  # Debian's own ones in /usr/sbin change the account and fork
COOKIE = "chaos"
EPMD_S = 10.0
NATIVE = (3, 12)  # since then MQTT is no guest on AMQP any more, and its settings are others
# Setting of the shipped file → how versions before NATIVE have it; "": not at all.
BEFORE = {
    "mqtt.max_session_expiry_interval_seconds = infinity": "mqtt.subscription_ttl = infinity",
    "mqtt.max_packet_size_authenticated = 2097152": "",
}


class EmbeddedRabbitmq(EmbeddedBroker):
    """One node."""

    name = "rabbitmq"
    account = "rabbitmq"

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.epmd = Epmd(self.state)

    @property
    def node(self) -> str:
        return f"{self.name}@localhost"

    def launch(self) -> None:
        self.epmd.start()
        super().launch()

    def stop(self) -> None:
        super().stop()
        self.epmd.stop()

    def prepare(self) -> list[Path]:
        self.home.mkdir(exist_ok=True)
        cookie = self.home / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(COOKIE)
            cookie.chmod(0o400)
        files = {
            "rabbitmq.conf": for_this_version(self.settings()),
            "definitions.json": json.dumps(definitions()),
            "enabled_plugins": "[rabbitmq_mqtt].\n",
        }
        for name, text in files.items():
            (self.home / name).write_text(text)
        return [self.home, cookie, *(self.home / name for name in files)]

    def command(self, account: str | None) -> Command:
        return Command(
            self.name,
            [program("rabbitmq-server", SCRIPTS)],
            account,
            environment=self.environment(),
        )

    def environment(self) -> dict[str, str]:
        """Everything in places of our own, on loopback, and in one process that can be killed."""
        home = self.home
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd.port),
            "ERL_EPMD_ADDRESS": ports.LOOPBACK,
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(ports.any_free()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.data / "data"),
            "RABBITMQ_LOG_BASE": str(home),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "none"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            # Without a shell between us and the server.
            "RUNNING_UNDER_SYSTEMD": "1",
        }

    def control(self, *words: str) -> str:
        """What rabbitmqctl answers. Raises CalledProcessError, TimeoutExpired."""
        done = subprocess.run(
            [program("rabbitmqctl", SCRIPTS), "-q", "-n", self.node, *words],
            env=self.environment(), capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout

    @property
    def home(self) -> Path:
        return self.state / f"{self.name}-home"

    def settings(self) -> str:
        """The shipped ones, for anyone on this machine, without TLS."""
        own = [
            "listeners.tcp = none",
            f"mqtt.listeners.tcp.1 = {ports.LOOPBACK}:{self.port}",
            "mqtt.allow_anonymous = true",
            f"load_definitions = {self.home / 'definitions.json'}",
        ]
        if is_native():
            own += ["anonymous_login_user = guest", "anonymous_login_pass = guest"]
        return "\n".join([SHARED_SETTINGS.read_text(), *own, ""])


class Epmd:
    """Erlang's register of nodes, for those of one state directory."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = 0
        self._child: Child | None = None

    def start(self) -> None:
        if self._child is None:
            self.port = self.port or ports.any_free()
            argv = [program("epmd"), "-port", str(self.port), "-address", ports.LOOPBACK]
            self._child = Child(Command("epmd", argv), self.state)
            deadline = time.monotonic() + EPMD_S
            while not ports.accepts(self.port):
                if not self._child.running or time.monotonic() > deadline:
                    raise ServiceMissing(f"epmd does not start: {self._child.last_words(20)}")
                time.sleep(0.02)

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


def definitions() -> dict[str, Any]:
    """The shipped policies, and an account that anyone on this machine may use."""
    shipped: dict[str, Any] = json.loads((DEPLOY / "policies.json").read_text())
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": "guest", "password": "guest", "tags": []}],
        "vhosts": [{"name": "/"}],
        "permissions": [{"user": "guest", "vhost": "/", **everything}],
        # Older ones let a message be returned as often as it likes, and know no -1.
        "policies": shipped["policies"] if is_native() else [],
    }


def is_native() -> bool:
    return version() >= NATIVE


def for_this_version(settings: str) -> str:
    """The settings with the names that the installed server has for them."""
    for ours, theirs in BEFORE.items() if not is_native() else ():
        assert ours in settings
        settings = settings.replace(ours, theirs)
    return settings


@cache
def version() -> tuple[int, ...]:
    """Of the installed server, such as (3, 10, 8).

    Even this question needs a register of nodes; where none runs, it fails without a word.
    """
    with TemporaryDirectory() as state:
        epmd = Epmd(Path(state))
        epmd.start()
        try:
            done = subprocess.run(
                [program("rabbitmqctl", SCRIPTS), "version"],
                capture_output=True, text=True, check=True,
                env={
                    "PATH": os.environ.get("PATH", ""), "HOME": state, "LANG": "C.UTF-8",
                    "ERL_EPMD_PORT": str(epmd.port), "ERL_EPMD_ADDRESS": ports.LOOPBACK,
                },
            )  # fmt: skip
        finally:
            epmd.stop()
    return tuple(map(int, done.stdout.split(".")[:3]))
