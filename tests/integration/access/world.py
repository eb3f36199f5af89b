"""Two municipalities with something of everything behind one web process, and who may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from gebaeude.access.roles import Right, Role
from gebaeude.access.secrets import form_token
from gebaeude.store import accounts, links, sessions, tokens
from gebaeude.store.database import Connection, connect
from gebaeude.store.links import Purpose
from gebaeude.store.sessions import Strength

HOME, FOREIGN = "kalletal", "barntrup"
API = "/api/v1"
_number = count(1)

CONTENT = """
INSERT INTO municipality (key, name, ags, population) VALUES
    ('kalletal', 'Kalletal', '05766036', 13390), ('barntrup', 'Barntrup', '05766012', 8520);
INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
SELECT id, key, name, 'Schulweg 1', 52, 9 FROM municipality;
INSERT INTO building (site_id, key, name, use, floor_area_m2, built)
SELECT s.id, b.key, b.name, 'school', 1000, 1974
FROM (VALUES ('kalletal', 'schule', 'Waldschule'), ('kalletal', 'halle', 'Sporthalle'),
             ('barntrup', 'rathaus', 'Rathaus Barntrup')) AS b (site, key, name)
JOIN site s ON s.key = b.site;
INSERT INTO point (building_id, key, name, medium, quantity, unit, kind, interval_s)
SELECT id, 'waerme', 'Wärme ' || name, 'heat', 'energy', 'kWh', 'counter', 900 FROM building;
INSERT INTO technician (key, name, email, skills) VALUES
    ('a-adler', 'Anna Adler', 'adler@nordlippe.example', '{heating}');
INSERT INTO technician_municipality SELECT t.id, m.id FROM technician t, municipality m;
INSERT INTO device (building_id, format, external_id, name)
SELECT id, 'senml', 'dev-' || key, 'Gerät ' || key FROM building;
INSERT INTO channel (device_id, field, point_id)
SELECT d.id, p.key, p.id FROM device d JOIN point p USING (building_id);
INSERT INTO reading (point_id, time, value)
SELECT p.id, t, extract(epoch FROM t) / 1e6
FROM point p, generate_series(now() - interval '2 days', now(), '1 hour') t;
INSERT INTO finding (rule, point_id, severity, opened_at, evidence)
SELECT 'silent', id, 'info', now(), '{"last": "2026-01-01T00:00:00Z", "interval_s": 600}'
FROM point;
INSERT INTO quarantine
    (fingerprint, reason, detail, format, device, topic, payload, first_at, last_at)
SELECT decode(md5(d.n), 'hex'), 'unknown_device', '', 'senml', d.n, 'senml/x', '{}', now(), now()
FROM (SELECT external_id FROM device UNION ALL VALUES ('neu')) AS d (n);
"""


@dataclass
class Asker:
    """Somebody, or a program, that asks; `headers` are what their browser sends."""

    name: str
    column: str  # of the table in docs/access.md
    home: bool  # whether they belong to the municipality whose things are asked for
    headers: dict[str, str] = field(default_factory=dict)
    secret: str = ""
    role: Role | None = None
    scopes: frozenset[Right] | None = None

    @property
    def form(self) -> str:
        return form_token(self.secret) if self.secret else ""


class World:
    """The web process at `address`, over the database at `url`."""

    def __init__(self, url: str, address: str) -> None:
        self.address = address
        self.connection = connect(url, name="test", autocommit=True)
        self.client = httpx.Client(base_url=address, timeout=30)
        self.program = httpx.Client(base_url=address, timeout=30)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """The owner's connection, always the same."""
        yield self.connection

    def ask(self, query: str, *values: Any) -> list[Any]:
        with self.connect() as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.ask(query, *values)[0][0]

    def ticket(self, building: str = "schule") -> str:
        """The number of a new ticket that nobody has."""
        return str(
            self.one(
                "INSERT INTO ticket (building_id, title, task, priority, skill, opened_at)"
                " SELECT id, 'Auftrag', 't', 'normal', 'heating', now() FROM building"
                " WHERE key = %s RETURNING"
                " 'A-' || to_char(opened_at, 'YYYY') || '-' || lpad(id::text, 4, '0')",
                building,
            )
        )

    def state(self, number: str) -> str:
        """What has become of a ticket."""
        ticket = int(number.rsplit("-", 1)[-1])
        return str(self.one("SELECT state FROM ticket WHERE id = %s", ticket))

    def device(self) -> str:
        """A device of the school that feeds a point of its own, for whoever takes it away."""
        key = f"weg-{next(_number)}"
        self.connection.execute(
            "WITH d AS (INSERT INTO device (building_id, format, external_id, name)"
            " SELECT id, 'senml', %(key)s, %(key)s FROM building WHERE key = 'schule'"
            " RETURNING id, building_id), p AS (INSERT INTO point"
            " (building_id, key, name, medium, quantity, unit, kind, interval_s)"
            " SELECT building_id, %(key)s, %(key)s, 'heat', 'energy', 'kWh', 'counter', 900 FROM d"
            " RETURNING id) INSERT INTO channel (device_id, field, point_id)"
            " SELECT d.id, 'f', p.id FROM d, p",
            {"key": key},
        )
        return key

    def unknown(self) -> str:
        """A device that nobody has attached yet."""
        key = f"neu-{next(_number)}"
        self.connection.execute(
            "INSERT INTO quarantine (fingerprint, reason, detail, format, device, topic, payload,"
            " first_at, last_at) VALUES (decode(md5(%(key)s), 'hex'), 'unknown_device', '',"
            " 'senml', %(key)s, 'senml/x', '{}', now(), now())",
            {"key": key},
        )
        return key

    def account(self, **roles: Role) -> int:
        """An account of one of the team, without a password."""
        number = next(_number)
        key, email = f"t-{number}", f"wer{number}@nordlippe.example"
        with self.connect() as connection:
            connection.execute(
                "INSERT INTO technician (key, name, email, skills) VALUES (%s, %s, %s, '{}')",
                (key, f"Person {number}", email),
            )
            connection.execute(
                "INSERT INTO technician_municipality SELECT t.id, m.id"
                " FROM technician t, municipality m WHERE t.key = %s", (key,),
            )  # fmt: skip
            made = accounts.add(connection, email, f"Person {number}", datetime.now(UTC), key)
            for municipality, role in roles.items():
                accounts.give_role(connection, made, municipality, role)
        return made

    def session(self, account: int | None = None, link: int | None = None, **more: Any) -> str:
        """The secret of a session that has proved everything."""
        told = {"now": datetime.now(UTC), "strength": Strength.SECOND_FACTOR} | more
        with self.connect() as connection:
            return sessions.start(
                connection, account=account, guest_link=link, origin="192.0.2.1", agent="Test",
                **told,
            )  # fmt: skip

    def person(self, name: str, column: str, **roles: Role) -> Asker:
        secret = self.session(self.account(**roles))
        role = next(iter(roles.values()))
        return Asker(name, column, HOME in roles, cookie(secret), secret, role)

    def guest(self, building: str) -> Asker:
        now = datetime.now(UTC)
        with self.connect() as connection:
            secret = links.create_guest(connection, building, timedelta(days=1), now, None)
            link = links.find(connection, secret, {Purpose.GUEST}, now)
            assert link is not None
        begun = self.session(link=link.id, strength=Strength.LINK)
        home = building == "schule"
        return Asker(f"guest of {building}", "guest", home, cookie(begun), begun, Role.GUEST)

    def token(self, account: int, *scopes: Right, **more: Any) -> dict[str, str]:
        told = {"now": datetime.now(UTC), "lasts": timedelta(hours=1)} | more
        with self.connect() as connection:
            made = tokens.create(connection, account, "Test", frozenset(scopes), **told)
        return {"Authorization": f"Bearer {made}"}


def cookie(secret: str) -> dict[str, str]:
    return {"Cookie": f"gebaeude={secret}"}
