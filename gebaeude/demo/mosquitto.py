"""A private Mosquitto on the loopback interface.

    with EmbeddedMosquitto(Path("/var/lib/gebaeude")) as broker:
        client.connect("127.0.0.1", broker.port)

Sessions and queues lie in `state/mosquitto` and survive a restart.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from gebaeude.demo import ports
from gebaeude.demo.accounts import hand_over, require_way_through, service_account
from gebaeude.demo.embedded import EmbeddedServer
from gebaeude.demo.process import Child, Command
from gebaeude.errors import ServiceMissing
from gebaeude.text import _

SYSTEM_ACCOUNT = "mosquitto"
SHARED_SETTINGS = Path(__file__).with_name("broker.conf")
START_SECONDS = 30.0


class EmbeddedMosquitto(EmbeddedServer):
    """One broker in one state directory; `url` is valid once it is started."""

    name = "mosquitto"

    @property
    def url(self) -> str:
        """Where to connect; anyone on this machine may."""
        return f"mqtt://{ports.LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start the broker and return once it takes connections.

        Raises ServiceMissing when Mosquitto is not installed or will not start.
        """
        program = installation()
        account = service_account(SYSTEM_ACCOUNT)
        self.state.mkdir(parents=True, exist_ok=True)
        require_way_through(self.state, account)
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.port = ports.remembered(self.state / "mosquitto.port")
        settings = self._write_settings()
        hand_over(account, self.data, settings)
        argv = [program, "-c", str(settings)]
        self._child = Child(Command(self.name, argv, account), self.state)
        self._wait(self._child)

    def _write_settings(self) -> Path:
        lines = [
            f"listener {self.port} {ports.LOOPBACK}",
            "allow_anonymous true",
            f"persistence_location {self.data}/",
            "",
            SHARED_SETTINGS.read_text(),
        ]
        file = self.data / "mosquitto.conf"
        file.write_text("\n".join(lines))
        return file

    def _wait(self, child: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ports.accepts(self.port):
            if not child.running or time.monotonic() > deadline:
                words = child.last_words()
                self.stop()
                raise ServiceMissing(_("Der eigene Broker startet nicht: {why}").format(why=words))
            time.sleep(0.02)


def installation() -> str:
    """Return Mosquitto's program. Raises ServiceMissing when it is not installed."""
    found = shutil.which(
        "mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )
    if found is None:
        raise ServiceMissing(
            _(
                "Mosquitto ist nicht installiert. make setup holt es; "
                "GEBAEUDE_MQTT_URL nennt stattdessen einen Broker, der schon läuft."
            )
        )
    return found
