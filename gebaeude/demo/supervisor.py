"""`gebaeude demo`: starts the whole system, watches over it, and stops it in order."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gebaeude.access.roles import Right
from gebaeude.config import Settings, is_loopback
from gebaeude.demo import check, children, people, ports, prepare, state, status
from gebaeude.demo.children import TITLES, Addresses
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.options import DemoOptions
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.demo.process import end_leftovers
from gebaeude.demo.service import Service, Watched
from gebaeude.errors import Conflict, GebaeudeError, ServiceMissing
from gebaeude.store import database
from gebaeude.text import _

CHECK_SECONDS = 120.0
LOOK_SECONDS = 0.1
HEAD_START_SECONDS = 5.0  # of the dashboard, which takes a whole core to start


class _Stopped(Exception):
    """We were asked to stop while still starting."""


class Supervisor:
    """One run of the demo; `run` returns when it has been told to stop and everything has."""

    def __init__(self, options: DemoOptions, settings: Settings) -> None:
        self.options = options
        self.settings = settings
        self.directory = options.state
        self.addresses = Addresses(options.host, options.port or ports.any_free())
        self._watched: list[Watched] = []
        self._waiting: list[Service] = []
        self._stop = threading.Event()
        self._began = datetime.now(UTC)
        self._passed = False
        self._token = ""
        self._deadline = time.monotonic() + CHECK_SECONDS

    def run(self) -> None:
        """Start everything, wait for Ctrl-C or SIGTERM (or for the check), stop everything.

        Raises GebaeudeError when it cannot start, or the check finds nothing in time.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup, closing the terminal is meant to be ignored.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: self._stop.set())
        with state.held(self.directory):
            self._clear_away()
            try:
                self._start()
                self._report()
                self._watch()
            except (_Stopped, ServiceMissing):
                # Whoever gives up waiting because we asked it to has done nothing wrong.
                if not self._stop.is_set():
                    raise
            finally:
                self._shut_down()
        if self.options.check and not self._passed:
            raise GebaeudeError(_("Die Prüfung wurde abgebrochen."))

    def _clear_away(self) -> None:
        for name in end_leftovers(self.directory):
            title = _(TITLES.get(name, name))
            _say(_("{title} lief noch von einer abgebrochenen Demo.").format(title=title))
        if self.options.reset:
            state.reset(self.directory)
        if not ports.is_free(self.addresses.web_port, self.options.host):
            raise Conflict(
                _("Der Port {port} ist belegt. Ein anderer geht mit --port.").format(
                    port=self.addresses.web_port
                )
            )

    def _start(self) -> None:
        _say(_("Gebäude startet. Die Daten liegen in {state}").format(state=self.directory))
        self._start_servers()
        if prepare.prepare(self.addresses.database_url, self.addresses.web_database_url):
            _say(_("Das Beispiel Nordlippe ist eingelesen."))
        url = self.addresses.database_url
        days = prepare.missing_days(url, self.options.days)
        # One click instead of a password only where nobody else can come, and nobody real is.
        examples = people.prepare(url) and is_loopback(self.addresses.web_host)
        if not examples:
            _say(_("Die Beispielrollen gibt es hier nicht: Bitte mit einem Konto anmelden."))
        if self.options.check:
            self._token = people.token(url, frozenset({Right.SEE_BUILDINGS, Right.SEE_READINGS}))
        arguments = ["--example-roles"] if examples else []
        self._launch(self._own("serve", arguments.copy))
        self._waiting = [
            self._own("ingest"),
            self._own("work"),
            self._own("simulate", lambda: children.simulator_arguments(self.options, days)),
        ]

    def _own(self, name: str, arguments: Callable[[], list[str]] = list) -> Service:
        return children.own(name, self.directory, self.addresses, arguments)

    def _start_servers(self) -> None:
        """Start database, broker and mail server, each only where the settings name none."""
        given, addresses = self.settings, self.addresses
        addresses.database_url, addresses.mqtt_url = given.database_url, given.mqtt_url
        addresses.smtp_url = given.smtp_url
        addresses.second_factor_key = given.second_factor_key or state.second_factor_key(
            self.directory
        )
        addresses.web_database_url = given.web_database_url
        if not given.database_url:
            own_database = EmbeddedPostgres(self.directory)
            self._launch(own_database)
            addresses.database_url = own_database.url
            addresses.web_database_url = own_database.web_url
        else:
            addresses.web_database_url = given.web_database_url or prepare.web_url(
                given.database_url
            )
            self._wait_for_database(given.database_url)
        if not given.mqtt_url:
            own_broker = EmbeddedMosquitto(self.directory)
            self._launch(own_broker)
            addresses.mqtt_url = own_broker.url
        elif not status.broker_answers(given.mqtt_url):
            _say(_("Der Broker antwortet nicht; die Datenannahme wartet auf ihn."))
        if not given.smtp_url:
            port = ports.remembered(self.directory / "mail.port")
            self._launch(children.mail_server(self.directory, port, self._mail_directory))
            addresses.smtp_url = f"smtp://{ports.LOOPBACK}:{port}"

    def _wait_for_database(self, url: str) -> None:
        try:
            database.wait_for(url, name=prepare.NAME, patience_s=0)
        except ServiceMissing as error:
            _say(str(error))
            patience = CHECK_SECONDS if self.options.check else None
            database.wait_for(
                url, name=prepare.NAME, patience_s=patience, stopped=self._stop.is_set
            )

    @property
    def _mail_directory(self) -> Path:
        return self.directory / "mail"

    def _launch(self, service: Service) -> None:
        if self._stop.is_set():
            raise _Stopped
        watched = Watched(service, _(TITLES[service.name]), _say)
        self._watched.append(watched)
        watched.start()

    def _report(self) -> None:
        """Wait until the dashboard answers, start what nobody looks at before, and say where."""
        alone_until = time.monotonic() + HEAD_START_SECONDS
        while not check.ready(self.addresses.web) and not self._stop.is_set():
            self._look_after_all()
            if time.monotonic() > alone_until:
                self._launch_waiting()
            if self.options.check and time.monotonic() > self._deadline:
                raise GebaeudeError(_("Das Dashboard antwortet nicht."))
        if self._stop.is_set():
            return
        self._launch_waiting()
        state.announce(self.directory, self._running())
        _say(_("Dashboard: {address}").format(address=self.addresses.web))
        _say(_("Mails an Techniker: {directory}").format(directory=self._mail_directory))
        _say(_("Strg-C beendet alles; die Daten bleiben."))

    def _launch_waiting(self) -> None:
        while self._waiting:
            self._launch(self._waiting.pop(0))

    def _running(self) -> state.Running:
        return state.Running(
            pid=os.getpid(),
            public_url=self.addresses.web,
            database_url=self.addresses.database_url,
            mqtt_url=self.addresses.mqtt_url,
            mail_directory=str(self._mail_directory),
        )

    def _watch(self) -> None:
        while not self._stop.is_set():
            self._look_after_all()
            if self.options.check and self._came_through():
                self._passed = True
                return

    def _look_after_all(self) -> None:
        for watched in self._watched:
            watched.look()
        self._stop.wait(LOOK_SECONDS)

    def _came_through(self) -> bool:
        point = check.fresh_reading(self.addresses.web, self._began, self._token)
        if point and check.dashboard_answers(self.addresses.web, self._token):
            took = datetime.now(UTC) - self._began
            _say(
                _("Ein Messwert ist angekommen ({point}, nach {seconds:.1f} s).").format(
                    point=point, seconds=took / timedelta(seconds=1)
                )
            )
            return True
        if time.monotonic() > self._deadline:
            raise GebaeudeError(_("Nach 120 s ist noch kein Messwert angekommen."))
        return False

    def _shut_down(self) -> None:
        """Stop in the opposite order, so that whatever is under way still finds its way down."""
        if self._watched:
            _say(_("Wird beendet …"))
        while self._watched:
            self._watched.pop().service.stop()


def _say(text: str) -> None:
    """Tell whoever listens; a closed terminal or pipe is no reason to stop in disorder."""
    with suppress(OSError, ValueError):
        print(text, flush=True)
