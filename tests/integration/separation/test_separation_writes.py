"""What the web role writes stays within its scope, and what it needs to write it may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from gebaeude.access.roles import Role
from gebaeude.config import load
from gebaeude.errors import NotFound
from gebaeude.model import Reason
from gebaeude.store import claims, heartbeat, tickets
from gebaeude.store.attachments import Attach, Claim
from ingest import desk
from ingest.replay import replay_reason

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)

_FOREIGN_DEVICE = (
    "INSERT INTO device (building_id, format, external_id, name)"
    " SELECT id, 'thingsboard', 'theirs', 'Fremd' FROM building WHERE key = 'rathaus'"
    " RETURNING 1"
)

FOREIGN = {
    "reading": "INSERT INTO reading SELECT {point}, now(), 1, 0",
    "reading in the past": "INSERT INTO reading SELECT {point}, '2010-01-01Z', 1, 0",
    "moved reading": "UPDATE reading SET point_id = {point}, time = time + interval '1 s'"
    " WHERE time = '2026-01-01Z' AND point_id = (SELECT min(id) FROM point)",
    "corrected reading": "INSERT INTO reading SELECT {point}, '2026-01-01Z', 5, 0"
    " ON CONFLICT (point_id, time) DO UPDATE SET value = 5",
    "point": "INSERT INTO point (building_id, key, name, medium, quantity, unit, kind, interval_s)"
    " VALUES ({building}, 'neu', 'n', 'heat', 'energy', 'kWh', 'counter', 60)",
    "space": "INSERT INTO space (building_id, name) VALUES ({building}, 'neu')",
    "device": "INSERT INTO device (building_id, format, external_id, name)"
    " VALUES ({building}, 'senml', 'neu', 'n')",
    "moved device": "UPDATE device SET building_id = {building}",
    "taken device": "INSERT INTO device (building_id, format, external_id, name)"
    " SELECT min(id), 'senml', 'dev-rathaus', 'n' FROM building"
    " ON CONFLICT (format, external_id) DO UPDATE SET building_id = excluded.building_id",
    "channel": "INSERT INTO channel (device_id, field, point_id)"
    " SELECT min(id), 'neu', {point} FROM device",
    "history": "INSERT INTO ticket_event (ticket_id, at, actor, kind)"
    " VALUES ({ticket}, now(), 'x', 'comment')",
    "mail": "INSERT INTO mail (ticket_id, recipient, subject, body, created_at)"
    " VALUES ({ticket}, 'x', 'x', 'x', now())",
    "withdrawn": "INSERT INTO withdrawn VALUES ('senml', 'dev-rathaus', 'f2', now(), 1, 'K', 0)",
    "sign of life": "INSERT INTO heartbeat VALUES ('ingest', now())"
    " ON CONFLICT (process) DO UPDATE SET at = now()",
}  # fmt: skip


def foreign(world: Any) -> dict[str, int]:
    row = world.ask(
        "SELECT p.id, p.building_id, t.id FROM point p JOIN ticket t USING (building_id)"
        " WHERE p.key = 'strom' LIMIT 1"
    )[0]
    return dict(zip(("point", "building", "ticket"), row, strict=True))


REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.WithCheckOptionViolation)


def test_nothing_is_put_elsewhere(world: Any) -> None:
    known = foreign(world)
    errors = {
        what: world.refuses(query.format(**known), "kalletal") for what, query in FOREIGN.items()
    }
    assert {what: error for what, error in errors.items() if not isinstance(error, REFUSED)} == {}


UNTOUCHED = (
    "DELETE FROM reading WHERE point_id = {point}",
    "UPDATE reading SET value = 3 WHERE point_id = {point}",
    "UPDATE ticket SET state = 'done' WHERE id = {ticket}",
    "DELETE FROM device WHERE building_id = {building}",
    "DELETE FROM quarantine WHERE device = 'dev-rathaus'",
    "DELETE FROM withdrawn WHERE device = 'dev-rathaus'",
    "SELECT FROM ticket WHERE id = {ticket} FOR UPDATE",
)


def test_nothing_foreign_is_changed(world: Any) -> None:
    known = foreign(world)
    with world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection:
        touched = {
            query: connection.execute(query.format(**known).encode()).rowcount
            for query in UNTOUCHED
        }
    assert not any(touched.values())


def test_a_foreign_ticket_is_none(world: Any) -> None:
    of, opened = world.ask(
        "SELECT t.id, t.opened_at FROM ticket t JOIN building b ON b.id = t.building_id"
        " WHERE b.key = 'rathaus' LIMIT 1"
    )[0]
    number = f"A-{opened.year}-{of:04}"
    with world.as_("kalletal") as connection, pytest.raises(NotFound):
        tickets.comment(connection, number, actor="x", now=NOW, comment="y")
    with world.as_("barntrup") as connection:
        tickets.comment(connection, number, actor="x", now=NOW, comment="y")
        tickets.start(connection, number, technician="c-clas", now=NOW)
        tickets.reassign(connection, number, actor="x", technician="c-clas", now=NOW)
        tickets.cancel(connection, number, actor="x", now=NOW, comment="y")
        tickets.reopen(connection, number, actor="x", now=NOW, comment="y")
    assert world.one("SELECT count(*) FROM mail WHERE ticket_id = %s", of) == 3


def test_claiming_and_releasing_need_no_other_rights(world: Any) -> None:
    """Attaches an unknown device with what is kept of it, and takes that back."""
    world.ask(
        "UPDATE quarantine SET topic = 'senml/nobody', payload = convert_to("
        '\'[{"bn":"nobody:","n":"t","u":"Cel","v":21.5,"bt":1767225600}]\', \'UTF8\')'
        " WHERE device = 'nobody:' RETURNING 1"
    )
    wanted = Claim("senml", "nobody:", "schule", "Fühler", "Petra", (Attach("t", "raum"),))
    with world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection:
        assert desk.look(connection, "senml", "nobody:").values
        done = desk.claim(connection, load(), wanted)
    assert (done.released, done.readings) == (1, 1)
    with world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection:
        gone = claims.release(connection, ("senml", "nobody:"), actor="Petra", force=True)
    assert gone.readings > 0
    with world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection:
        assert desk.look(connection, "senml", "nobody:").waiting.withdrawn == gone.readings + 1


def test_what_another_municipality_sends_with_it_hinders_nobody(world: Any) -> None:
    """One message holds a device of each: either's values are read, whoever comes first."""
    world.ask(
        "UPDATE quarantine SET topic = 'v1/gateway/telemetry', format = 'thingsboard', payload ="
        ' convert_to(\'{"nobody:": [{"ts": 1767225600000, "values": {"t": 21.5}}],'
        ' "theirs": [{"ts": 1767225600000, "values": {"t": 3}}]}\', \'UTF8\')'
        " WHERE device = 'nobody:' RETURNING 1"
    )
    world.ask(_FOREIGN_DEVICE)
    wanted = Claim("thingsboard", "nobody:", "schule", "F", "Petra", (Attach("t", "raum"),))
    with world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection:
        done = desk.claim(connection, load(), wanted)
    assert (done.checked, done.released, done.readings) == (1, 1, 1)
    assert world.ask("SELECT 1 FROM quarantine WHERE device = 'theirs'") == []


def test_what_holds_a_foreign_device_stays_for_those_who_may(world: Any) -> None:
    """What could not be read at all when it came, and can be now: nobody knows whose it is."""
    world.ask(
        "INSERT INTO quarantine (fingerprint, reason, detail, format, topic, payload, first_at,"
        " last_at) SELECT decode(md5(name), 'hex'), 'undecoded', '', 'thingsboard',"
        ' \'v1/gateway/telemetry\', convert_to(format(\'{%s: [{"ts": 1767225600000, "values":'
        " {\"t\": 3}}]}', to_json(name)), 'UTF8'), now(), now()"
        " FROM (VALUES ('new'), ('theirs'), ('newer')) AS device (name) RETURNING 1"
    )
    world.ask(_FOREIGN_DEVICE)
    with world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection:
        done = replay_reason(connection, load(), Reason.UNDECODED)
    assert done.released == 2
    left = "SELECT convert_from(payload, 'UTF8') FROM quarantine WHERE reason = 'undecoded'"
    assert ["theirs" in one for (one,) in world.ask(left)] == [True]


def test_a_claim_for_a_foreign_building_finds_none(world: Any) -> None:
    wanted = Claim("senml", "nobody:", "rathaus", "Fühler", "Petra", (Attach("t", "strom"),))
    with (
        world.as_("kalletal", role=Role.FACILITY_MANAGER) as connection,
        pytest.raises(NotFound),
    ):
        claims.claim(connection, wanted)


def test_its_sign_of_life(world: Any) -> None:
    with world.unscoped() as connection:
        heartbeat.beat(connection, "web")
        assert heartbeat.heartbeats(connection)["web"].alive
