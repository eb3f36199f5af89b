"""The system's own processes, as the demo runs them: command line and environment of each."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gebaeude.config import PREFIX
from gebaeude.demo import ports
from gebaeude.demo.options import DemoOptions
from gebaeude.demo.process import Command
from gebaeude.demo.service import ProcessService
from gebaeude.text import N_


@dataclass
class Addresses:
    """Where the servers of this demo are; filled in as they start."""

    web_host: str
    web_port: int
    database_url: str = ""
    web_database_url: str = ""
    mqtt_url: str = ""
    smtp_url: str = ""
    second_factor_key: str = ""

    @property
    def web(self) -> str:
        """The dashboard's address as people type it."""
        host = ports.LOOPBACK if self.web_host in {"0.0.0.0", "::"} else self.web_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.web_port}"

    def environment(self, name: str) -> Mapping[str, str]:
        """Return our environment with these addresses in place of whatever it says.

        What answers requests does not get to know the address with all rights.
        """
        is_bound = name == "serve" and self.web_database_url
        ours = {
            "DATABASE_URL": "" if is_bound else self.database_url,
            "WEB_DATABASE_URL": self.web_database_url if is_bound else "",
            "MQTT_URL": self.mqtt_url,
            "SMTP_URL": self.smtp_url,
            "WEB_HOST": self.web_host,
            "WEB_PORT": str(self.web_port),
            "PUBLIC_URL": self.web,
            # Each process would want the same port.
            "METRICS_PORT": "0",
            "SECOND_FACTOR_KEY": self.second_factor_key if name == "serve" else "",
        }
        replaced = {PREFIX + one + end for one in ours for end in ("", "_FILE")}
        kept = {one: value for one, value in os.environ.items() if one not in replaced}
        return kept | {PREFIX + one: value for one, value in ours.items()}


# In the order in which they start, what is waited for first; they stop in the opposite one.
TITLES: dict[str, str] = {
    "postgres": N_("Die Datenbank"),
    "mosquitto": N_("Der Broker"),
    "mail": N_("Der Mailserver"),
    "serve": N_("Das Dashboard"),
    "ingest": N_("Die Datenannahme"),
    "work": N_("Der Dienst für Aufträge"),
    "simulate": N_("Die Simulation"),
}


# Bringing a year of history must not make the dashboard slow.
NICE: dict[str, list[str]] = {"simulate": ["nice", "-n", "10"]}


def own(
    name: str,
    state: Path,
    addresses: Addresses,
    arguments: Callable[[], list[str]] = list,
) -> ProcessService:
    """Return the service that runs `gebaeude <name> <arguments>`."""

    def command() -> Command:
        # -P: the state directory, where the process works, is no place to import from.
        program = [*NICE.get(name, ()), sys.executable, "-P", "-m", "gebaeude.cli"]
        return Command(
            name, [*program, name, *arguments()], environment=addresses.environment(name)
        )

    return ProcessService(name, state, command)


def mail_server(state: Path, port: int, directory: Path) -> ProcessService:
    """Return the service that takes the mails and keeps them as files in `directory`."""
    program = [sys.executable, "-P", "-m", "gebaeude.demo.mail"]
    return ProcessService(
        "mail", state, lambda: Command("mail", [*program, str(port), str(directory)])
    )


def simulator_arguments(options: DemoOptions, days: int) -> list[str]:
    """Return the arguments of `gebaeude simulate` for `days` of history."""
    faults = [word for fault in options.faults for word in ("--fault", fault)]
    numbers = [f"--days={days}", f"--speed={options.speed:g}", f"--seed={options.seed}"]
    return [*numbers, *faults]
