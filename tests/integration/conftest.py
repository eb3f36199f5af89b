"""A few buildings with a team, and a mail server, for the tests of maintenance."""

from __future__ import annotations

import mailbox
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from gebaeude.store.database import Connection, connect

NOW = datetime.now(UTC).replace(microsecond=0)

_HOUSES = """
INSERT INTO municipality (key, name, ags, population) VALUES
    ('kalletal', 'Kalletal', '05766036', 13390), ('barntrup', 'Barntrup', '05766012', 8520);
INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
SELECT id, key, name, 'Schulweg 1, ' || name, 52, 9 FROM municipality;
INSERT INTO building (site_id, key, name, use, floor_area_m2, built)
SELECT s.id, b.key, b.name, 'school', 1000, 1974
FROM (VALUES ('kalletal', 'schule', 'Grundschule Kalletal'), ('kalletal', 'halle', 'Sporthalle'),
             ('barntrup', 'rathaus', 'Rathaus Barntrup')) AS b (site, key, name)
JOIN site s ON s.key = b.site;
INSERT INTO space (building_id, name) SELECT id, 'Raum 204' FROM building WHERE key = 'schule';
INSERT INTO point (building_id, space_id, key, name, medium, quantity, unit, kind, interval_s)
SELECT b.id, s.id, p.key, p.name, p.medium, p.quantity, p.unit, p.kind, p.interval_s
FROM (VALUES
    ('schule', 'raum', 'Temperatur Raum 204', 'climate', 'temperature', '°C', 'gauge', 600),
    ('schule', 'luft', 'CO₂ Raum 204', 'climate', 'co2', 'ppm', 'gauge', 600),
    ('schule', 'waerme', 'Wärmezähler', 'heat', 'energy', 'kWh', 'counter', 900),
    ('halle', 'vorlauf', 'Vorlauf', 'heat', 'temperature', '°C', 'gauge', 600),
    ('rathaus', 'strom', 'Stromzähler', 'electricity', 'energy', 'kWh', 'counter', 60),
    ('rathaus', 'lueftung', 'Zuluft', 'climate', 'temperature', '°C', 'gauge', 600)
) AS p (building, key, name, medium, quantity, unit, kind, interval_s)
JOIN building b ON b.key = p.building
LEFT JOIN space s ON s.building_id = b.id AND p.medium = 'climate';
INSERT INTO limit_rule (point_id, low, high, hysteresis, delay_s, severity, skill)
SELECT p.id, l.low, l.high, l.hysteresis, l.delay_s, l.severity, l.skill
FROM (VALUES
    ('raum', 15, 28, 0.5, 1800, 'warning', 'heating'),
    ('luft', NULL, 2000, 200, 0, 'info', 'ventilation'),
    ('vorlauf', NULL, 90, 2, 0, 'critical', 'heating'),
    ('lueftung', 10, 30, 1, 0, 'warning', 'ventilation')
) AS l (key, low, high, hysteresis, delay_s, severity, skill)
JOIN point p ON p.key = l.key;
INSERT INTO technician (key, name, email, phone, skills) VALUES
    ('a-adler', 'Anna Adler', 'adler@nordlippe.example', '05263 1', '{heating,metering}'),
    ('b-busch', 'Bernd Busch', 'busch@nordlippe.example', NULL, '{heating}'),
    ('c-clas', 'Cem Clas', 'clas@nordlippe.example', NULL, '{electrical}');
INSERT INTO technician_municipality
SELECT t.id, m.id FROM technician t, municipality m
WHERE m.key = 'kalletal' OR t.key = 'c-clas';
"""


class Houses:
    """Three buildings with six points and a team of three; readings as minutes before `now`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = NOW
        with self.connect() as connection:
            connection.execute(_HOUSES)

    def connect(self) -> Connection:
        return connect(self.url, name="test", autocommit=True)

    def read(self, point: str, *readings: tuple[float, float], now: datetime | None = None) -> None:
        """Stores (minutes ago, value) at the point."""
        rows = [
            (point, (now or self.now) - timedelta(minutes=ago), value) for ago, value in readings
        ]
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO reading (point_id, time, value) SELECT id, %s, %s FROM point"
                " WHERE key = %s ON CONFLICT (point_id, time) DO UPDATE SET value = EXCLUDED.value",
                [(time, value, key) for key, time, value in rows],
            )

    def overheat(self, now: datetime | None = None) -> None:
        """Room 204 has been at 29.4 °C for 35 minutes."""
        self.read("raum", *[(ago, 29.4) for ago in (35, 25, 15, 5, 0)], now=now)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query, values or None).fetchall()  # type: ignore[call-overload,no-any-return]

    def one(self, query: str, *values: Any) -> Any:
        return self.ask(query, *values)[0][0]


@pytest.fixture
def houses(database_url: str) -> Houses:
    return Houses(database_url)


class MailServer:
    """aiosmtpd in a process of its own, which keeps what it takes in a maildir."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory, self.port = directory, port
        self.url = f"smtp://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, size_limit: int = 1_000_000, options: Sequence[str] = ()) -> None:
        """Raises unless it listens within ten seconds; `options` are aiosmtpd's own."""
        command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{self.port}"]
        command += ["-s", str(size_limit), *options]
        command += ["-c", "aiosmtpd.handlers.Mailbox", str(self.directory)]
        environment = os.environ | {"PYTHONWARNINGS": "ignore"}
        self._process = subprocess.Popen(command, env=environment)
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._process.poll() is not None:
                    break
                signal.sigtimedwait([], 0.05)
            else:
                return
        raise AssertionError("the mail server does not answer")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def mails(self) -> list[EmailMessage]:
        """What has arrived, in the order of their subjects."""
        if not self.directory.exists():
            return []
        parser = BytesParser(policy=policy.default)
        box = mailbox.Maildir(self.directory, create=False)
        found = [parser.parsebytes(box.get_bytes(key)) for key in box.keys()]  # noqa: SIM118
        return sorted(found, key=lambda mail: (str(mail["Subject"]), str(mail["Message-ID"])))


@pytest.fixture
def mail_server(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[MailServer]:
    """A mail server that is not started yet."""
    server = MailServer(tmp_path / "mails", free_port())
    yield server
    server.stop()


class Workers:
    """`gebaeude work` as processes."""

    def __init__(self, url: str, log: Path) -> None:
        self._environment = {**os.environ, "GEBAEUDE_DATABASE_URL": url,
                             "GEBAEUDE_PUBLIC_URL": "http://haus.example:8050"}  # fmt: skip
        self._log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, **settings: str) -> subprocess.Popen[bytes]:
        given = {f"GEBAEUDE_{name.upper()}": value for name, value in settings.items()}
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "gebaeude.cli", "work"],
                env=self._environment | given,
                stderr=log,
            )
        self.running.append(process)
        return process

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


@pytest.fixture
def workers(database_url: str, tmp_path: Path) -> Iterator[Workers]:
    started = Workers(database_url, tmp_path / "worker.log")
    yield started
    started.end()
