"""A broker other than Mosquitto as a private process: loopback, own directory, own account."""

from __future__ import annotations

import os
import shutil
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from gebaeude.demo import ports
from gebaeude.demo.accounts import hand_over, require_way_through, service_account
from gebaeude.demo.process import Child, Command, log_file
from gebaeude.errors import ServiceMissing

START_S = 180.0
STOP_S = 120.0
LAID_BESIDE = "/usr/lib/gebaeude-brokers/bin"


class EmbeddedBroker(ABC):
    """One broker in one state directory; `url` is valid once it is started.

    data: where it keeps what must survive, so that a disk of its own can be mounted there.
    """

    name: ClassVar[str]  # also of its system account, when we are root
    account: ClassVar[str]

    def __init__(self, state: Path) -> None:
        self.state = state.absolute()
        self.data = self.state / self.name
        self.port = 0
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"mqtt://{ports.LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        return log_file(self.state, self.name)

    def start(self) -> None:
        """Returns once it takes connections. Raises ServiceMissing where it will not start."""
        self.launch()
        self.await_up()

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.running

    def launch(self) -> None:
        """Starts it; it is not up yet."""
        account = service_account(self.account)
        require_way_through(self.state, account)
        self.data.mkdir(exist_ok=True)
        self.port = ports.remembered(self.state / f"{self.name}.port")
        hand_over(account, self.data, *self.prepare())
        self._child = Child(self.command(account), self.state)

    def await_up(self) -> None:
        """Returns once it takes connections. Raises ServiceMissing where it does not."""
        assert self._child is not None
        deadline = time.monotonic() + START_S
        while not ports.accepts(self.port):
            if not self._child.running or time.monotonic() > deadline:
                words = self._child.last_words(20)
                self.stop()
                raise ServiceMissing(f"{self.name} does not start: {words}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Asks it to end, and waits."""
        if self._child is not None:
            self._child.stop(STOP_S)
            self._child = None

    @abstractmethod
    def prepare(self) -> list[Path]:
        """Writes what it needs to start; returns what is to belong to its account."""

    @abstractmethod
    def command(self, account: str | None) -> Command:
        """What runs it under the account; None is our own."""


def program(name: str, *places: str) -> str:
    """Where it is installed. Raises ServiceMissing.

    Looked in, one after the other: GEBAEUDE_CHAOS_PATH, what deploy/brokers.sh has laid beside the
    distribution's, `places`, and where programs usually are.
    """
    other = os.environ.get("GEBAEUDE_CHAOS_PATH", "")
    usual = os.environ.get("PATH", "")
    found = shutil.which(name, path=":".join([other, LAID_BESIDE, *places, usual, "/usr/sbin"]))
    if found is None:
        raise ServiceMissing(f"{name} is not installed; make chaos installs it")
    return found
