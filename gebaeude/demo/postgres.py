"""A private PostgreSQL cluster with TimescaleDB, on the loopback interface.

    with EmbeddedPostgres(Path("/var/lib/gebaeude")) as database:
        psycopg.connect(database.url)

The data lies in `state/postgres`. PostgreSQL refuses to run as root, so root hands it to the
distribution's account `postgres`; then every directory above must let that account through.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from gebaeude.demo import ports, postgres_settings
from gebaeude.demo.accounts import hand_over, require_way_through, service_account
from gebaeude.demo.embedded import EmbeddedServer
from gebaeude.demo.postgres_programs import installation, run_as
from gebaeude.demo.process import Child, Command
from gebaeude.errors import ServiceMissing
from gebaeude.text import _

SYSTEM_ACCOUNT = "postgres"
ROLE = "gebaeude"
WEB_ROLE = "gebaeude_dashboard"
DATABASE = "gebaeude"
START_SECONDS = 60.0


class EmbeddedPostgres(EmbeddedServer):
    """One cluster in one state directory.

    durable: False gives up safety from a crash for speed, for clusters that are thrown away.
    url: connects as the cluster's owner to the database `gebaeude`; valid once started.
    web_url: the same as the role of the web process, which migrating makes.
    """

    name = "postgres"

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        super().__init__(state)
        self.durable = durable

    @property
    def url(self) -> str:
        """Where and as whom to connect, password included."""
        password = self._password_file.read_text().strip()
        return f"postgresql://{ROLE}:{password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def web_url(self) -> str:
        """Where and as whom the web process connects; its password is made when first asked for."""
        file = self.state / "postgres.web.password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        password = file.read_text().strip()
        return f"postgresql://{WEB_ROLE}:{password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Start the server and return once it takes connections; the first time, create it.

        Raises ServiceMissing when PostgreSQL or TimescaleDB is not installed, or will not start.
        """
        account = service_account(SYSTEM_ACCOUNT)
        binaries = installation(self.data)
        self.state.mkdir(parents=True, exist_ok=True)
        require_way_through(self.state, account)
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._create(binaries, account)
        self._launch(binaries, account)
        if not (self.data / "gebaeude.created").exists():
            self._create_database(binaries)

    @property
    def _password_file(self) -> Path:
        return self.state / "postgres.password"

    def _create(self, binaries: Path, account: str | None) -> None:
        # A first start that was broken off leaves a directory initdb refuses.
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        with tempfile.NamedTemporaryFile(dir=self.state) as secret:
            Path(secret.name).write_text(self._password_file.read_text())
            hand_over(account, self.data, Path(secret.name))
            run_as(
                [
                    str(binaries / "initdb"),
                    f"--pgdata={self.data}",
                    f"--username={ROLE}",
                    f"--pwfile={secret.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    *([] if self.durable else ["--no-sync"]),
                ],
                account,
                self.state,
            )

    def _launch(self, binaries: Path, account: str | None) -> None:
        self.port = ports.remembered(self.state / "postgres.port")
        self._write_settings(account)
        argv = [str(binaries / "postgres"), "-D", str(self.data)]
        # SIGINT is PostgreSQL's fast shutdown.
        launched = int(time.time())
        self._child = Child(Command(self.name, argv, account, signal.SIGINT), self.state)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready(launched):
            if not self._child.running or time.monotonic() > deadline:
                words = self._child.last_words()
                self.stop()
                raise ServiceMissing(
                    _("Die eigene Datenbank startet nicht: {why}").format(why=words)
                )
            time.sleep(0.02)

    def _write_settings(self, account: str | None) -> None:
        file = self.data / "postgresql.conf"
        file.write_text(postgres_settings.text(self.port, durable=self.durable))
        hand_over(account, file)

    def _ready(self, launched: int) -> bool:
        """Read the server's own pid file: pid in line 1, epoch of its start in 3, state in 8."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        if self._child is None or len(lines) < 8:
            return False
        # A file that a power cut left behind may name the same pid.
        mine = lines[0] == str(self._child.process.pid) and int(lines[2]) >= launched
        return mine and lines[7].strip() == "ready"

    def _create_database(self, binaries: Path) -> None:
        environment = os.environ | {"PGPASSWORD": self._password_file.read_text().strip()}
        where = ["-h", ports.LOOPBACK, "-p", str(self.port), "-U", ROLE]
        done = subprocess.run(
            [str(binaries / "createdb"), *where, DATABASE],
            check=False,
            env=environment,
            cwd=self.state,
            capture_output=True,
            text=True,
        )
        if done.returncode and "already exists" not in done.stderr:
            raise ServiceMissing(
                _("Die eigene Datenbank startet nicht: {why}").format(why=done.stderr.strip())
            )
        (self.data / "gebaeude.created").touch()
