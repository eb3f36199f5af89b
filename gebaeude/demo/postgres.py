"""A private PostgreSQL cluster with TimescaleDB, on the loopback interface.

    with EmbeddedPostgres(Path("/var/lib/gebaeude")) as database:
        psycopg.connect(database.url)

The data lies in `state/postgres`. PostgreSQL refuses to run as root, so root hands it to the
distribution's account `postgres`; then every directory above must let that account through.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from gebaeude.demo import ports
from gebaeude.demo.process import Child, Command, log_file, service_account
from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.text import _

SYSTEM_ACCOUNT = "postgres"
ROLE = "gebaeude"
DATABASE = "gebaeude"
START_SECONDS = 60.0
GIGABYTE = 2**30

SETTINGS: dict[str, str] = {
    "listen_addresses": ports.LOOPBACK,
    # A socket file would need a directory both accounts can reach, and a short path.
    "unix_socket_directories": "",
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    # Jobs are our own worker's; a scheduler in every database would hold on to templates.
    "timescaledb.max_background_workers": "0",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Nothing replicates from a private cluster.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    # Compiling costs more than it saves in queries that take milliseconds.
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
THROWAWAY: dict[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class EmbeddedPostgres:
    """One cluster in one state directory.

    durable: False gives up safety from a crash for speed, for clusters that are thrown away.
    url: connects as the cluster's owner to the database `gebaeude`; valid once started.
    """

    name = "postgres"

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.state = state.absolute()
        self.data = self.state / "postgres"
        self.durable = durable
        self.port = 0
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where and as whom to connect, password included."""
        password = self._password_file.read_text().strip()
        return f"postgresql://{ROLE}:{password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def exit_code(self) -> int | None:
        """How the server process ended; None while it lives or has never been started."""
        return None if self._child is None else self._child.process.poll()

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return log_file(self.state, self.name)

    def start(self) -> None:
        """Start the server and return once it takes connections; the first time, create it.

        Raises ServiceMissing when PostgreSQL or TimescaleDB is not installed, or will not start.
        """
        account = service_account(SYSTEM_ACCOUNT)
        binaries = installation(self.data)
        self.state.mkdir(parents=True, exist_ok=True)
        _require_way_through(self.state, account)
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._create(binaries, account)
        self._launch(binaries, account)
        if not (self.data / "gebaeude.created").exists():
            self._create_database(binaries)

    def stop(self) -> None:
        """Shut the server down, breaking off connections, and wait until it has written all."""
        if self._child is not None:
            self._child.stop(patience=60.0)
            self._child = None

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
            _hand_over(account, self.data, Path(secret.name))
            _run(
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
        chosen = SETTINGS | {
            "port": str(self.port),
            "shared_buffers": _shared_buffers(),
        }
        if not self.durable:
            chosen |= THROWAWAY | {"shared_buffers": "128MB"}
        lines = [
            "# Written anew at every start.",
            *(f"{k} = '{v}'" for k, v in chosen.items()),
        ]
        file = self.data / "postgresql.conf"
        file.write_text("\n".join(lines) + "\n")
        _hand_over(account, file)

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


def installation(data: Path | None = None) -> Path:
    """Return the directory of PostgreSQL's programs that fit the cluster and have TimescaleDB.

    Raises ServiceMissing when there is none.
    """
    note = data / "PG_VERSION" if data else None
    wanted = note.read_text().strip() if note and note.exists() else "*"
    found = [
        programs
        for programs in Path("/usr/lib/postgresql").glob(f"{wanted}/bin")
        if (programs / "initdb").exists() and _has_timescale(programs.parent.name)
    ]
    if not found:
        raise ServiceMissing(
            _(
                "PostgreSQL {version} mit TimescaleDB ist nicht installiert. make setup holt es; "
                "GEBAEUDE_DATABASE_URL nennt stattdessen einen Server, der schon läuft."
            ).format(version="" if wanted == "*" else wanted)
        )
    return max(found, key=lambda programs: int(programs.parent.name))


def _has_timescale(version: str) -> bool:
    return Path(f"/usr/share/postgresql/{version}/extension/timescaledb.control").exists()


def _require_way_through(state: Path, account: str | None) -> None:
    if account is None:
        return
    for directory in (state, *state.parents):
        if not directory.stat().st_mode & 0o001:
            raise SettingsError(
                _(
                    "Das Verzeichnis {state} ist für das Konto {account}, unter dem die Datenbank "
                    "läuft, nicht erreichbar: {directory} lässt andere nicht durch."
                ).format(state=state, account=account, directory=directory)
            )


def _hand_over(account: str | None, *paths: Path) -> None:
    if account is not None:
        entry = pwd.getpwnam(account)
        for path in paths:
            os.chown(path, entry.pw_uid, entry.pw_gid)


def _run(argv: list[str], account: str | None, state: Path) -> None:
    group = None if account is None else pwd.getpwnam(account).pw_gid
    done = subprocess.run(
        argv,
        check=False,
        user=account,
        group=group,
        extra_groups=None if account is None else [],
        cwd=state,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ServiceMissing(
            _("{program} ist gescheitert: {why}").format(
                program=Path(argv[0]).name, why=" ".join(done.stderr.split())[-500:]
            )
        )


def _shared_buffers() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(GIGABYTE, max(GIGABYTE // 8, memory // 8)) // 2**20}MB"
