"""Two municipalities with something of everything, as the web role sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from gebaeude.access.person import Membership, Person
from gebaeude.access.roles import Role
from gebaeude.store import webrole
from gebaeude.store.database import Connection, Pool, connect
from gebaeude.store.scope import open_scoped_pool, scoped

# Beside what `houses` brings: two municipalities, three buildings, six points, limits, a team.
_MORE = """
INSERT INTO technician (key, name, email, skills)
VALUES ('d-dorn', 'Dora Dorn', 'd@x.example', '{}');
INSERT INTO technician_municipality
SELECT t.id, m.id FROM technician t, municipality m WHERE t.key = 'd-dorn' AND m.key = 'barntrup';
INSERT INTO asset (building_id, key, name, kind, cost_group)
SELECT id, 'kessel', 'Kessel ' || key, 'boiler', '421' FROM building;
INSERT INTO space (building_id, name) SELECT id, 'Keller' FROM building;
INSERT INTO meter_mount (point_id, mounted_from, serial)
SELECT id, '2020-01-01Z', 'Z' || id FROM point;
INSERT INTO device (building_id, format, external_id, name)
SELECT id, 'senml', 'dev-' || key, 'Gerät ' || key FROM building;
INSERT INTO channel (device_id, field, point_id)
SELECT d.id, p.key, p.id FROM device d JOIN point p USING (building_id);
INSERT INTO device_heard (device_id, heard_at) SELECT id, now() FROM device;
INSERT INTO unread (device_id, since) SELECT id, now() FROM device;
INSERT INTO device_event (format, device, actor, kind, detail)
SELECT format, external_id, 'x', 'claimed', '{"fields": {}}'::jsonb FROM device
UNION ALL VALUES ('senml', 'nobody:', 'x', 'released', '{"fields": [], "readings": 0}'::jsonb);
INSERT INTO withdrawn (format, device, field, time, value, unit, quality)
SELECT format, external_id, 'f', '2026-01-01Z'::timestamptz, 1, 'K', 0 FROM device
UNION ALL VALUES ('senml', 'nobody:', 'f', '2026-01-01Z'::timestamptz, 1, 'K', 0);
INSERT INTO quarantine
    (fingerprint, reason, detail, format, device, topic, payload, first_at, last_at)
SELECT decode(md5(coalesce(d.n, '')), 'hex'), 'unknown_device', '', d.f, d.n, 'senml/x', '{}',
       now(), now()
FROM (SELECT format, external_id FROM device
      UNION ALL VALUES ('senml', 'nobody:'), (NULL, NULL)) AS d (f, n);
INSERT INTO reading (point_id, time, value)
SELECT p.id, t, CASE b.key WHEN 'rathaus' THEN 0 ELSE 7 END
FROM point p JOIN building b ON b.id = p.building_id,
     generate_series('2026-01-01Z'::timestamptz, '2026-03-31Z', '1 day') t;
INSERT INTO finding (rule, point_id, severity, opened_at, evidence)
SELECT 'silent', id, 'info', now(), '{"last": "2026-01-01T00:00:00Z", "interval_s": 600}'
FROM point;
INSERT INTO plan (building_id, key, name, task, rrule, starts_on, skill)
SELECT id, 'wartung', 'Wartung', 't', 'FREQ=YEARLY', '2026-01-01', 'heating' FROM building;
INSERT INTO ticket (building_id, finding_id, title, task, priority, skill, opened_at)
SELECT p.building_id, f.id, 'Auftrag', 't', 'normal', 'heating', now()
FROM finding f JOIN point p ON p.id = f.point_id;
INSERT INTO plan_due (plan_id, due_on, ticket_id)
SELECT p.id, '2026-01-01', min(t.id) FROM plan p JOIN ticket t USING (building_id) GROUP BY p.id;
INSERT INTO ticket_event (ticket_id, at, actor, kind)
SELECT id, now(), 'x', 'opened' FROM ticket;
INSERT INTO mail (ticket_id, recipient, subject, body, created_at)
SELECT id, 'x@example.org', 's', 'b', now() FROM ticket;
INSERT INTO mail (recipient, subject, body, created_at) VALUES ('y@example.org', 's', 'b', now());
INSERT INTO heartbeat (process, at) VALUES ('ingest', now());
"""


class World:
    """url: the owner's. Persons are made of (municipality key, role)."""

    def __init__(self, url: str, web_url: str, pool: Pool) -> None:
        self.url, self.web_url, self.pool = url, web_url, pool

    def ask(self, query: str, *values: Any) -> list[Any]:
        """As the owner: everything."""
        with connect(self.url, name="test", autocommit=True) as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.ask(query, *values)[0][0]

    def person(self, *keys: str, role: Role = Role.READER, building: str | None = None) -> Person:
        ids = dict(self.ask("SELECT key, id FROM municipality"))
        within = self.one("SELECT id FROM building WHERE key = %s", building) if building else None
        return Person(
            account=None,
            email="",
            name="Petra Probe",
            memberships=tuple(Membership(ids[key], key, key, role) for key in keys),
            building=within,
            origin="192.0.2.7",
        )

    @contextmanager
    def as_(self, *keys: str, **more: Any) -> Iterator[Connection]:
        """A connection of the web role in the scope of these municipalities."""
        with scoped(self.pool, self.person(*keys, **more)) as connection:
            yield connection

    @contextmanager
    def unscoped(self) -> Iterator[Connection]:
        with self.pool.connection() as connection:
            yield connection

    def refuses(self, query: str, *keys: str) -> psycopg.Error | None:
        """What the database answers the web role to a statement; None where it does it."""
        try:
            with self.as_(*keys) as connection:
                connection.execute(query.encode())
        except psycopg.Error as error:
            return error
        return None


@pytest.fixture
def world(houses: Any, database_url: str, as_web: Callable[[str], str]) -> Iterator[World]:
    with connect(database_url, name="test") as connection:
        connection.execute(_MORE)
        webrole.grant(connection)  # a clone lacks what was granted on the database itself
    url = as_web(database_url)
    with open_scoped_pool(url, name="test-web", max_size=2) as pool:
        yield World(database_url, url, pool)
