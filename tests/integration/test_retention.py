"""Personal data is dropped when its time is over: in parts, counted, and said."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gebaeude.access.roles import Right, Role
from gebaeude.config import Settings
from gebaeude.store import accounts, attempts, links, retention, sessions, tokens
from gebaeude.store.database import Connection, connect
from gebaeude.store.links import Purpose
from gebaeude.store.sessions import Strength
from gebaeude.worker import jobs
from gebaeude.worker.retention import forget

DAY = timedelta(days=1)
YEAR = timedelta(days=365.25)


@pytest.fixture
def connection(houses: Any) -> Iterator[Connection]:
    with connect(houses.url, name="test", autocommit=True) as one:
        yield one


def run(connection: Connection, now: datetime) -> None:
    forget(connection, Settings(), now, threading.Event())


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("gebaeude_worker_forgotten_total", {"kind": kind}) or 0.0


@pytest.fixture
def account(houses: Any, connection: Connection) -> int:
    """With a session, links, a token and an attempt of now."""
    now = houses.now
    account = accounts.add(connection, "adler@nordlippe.example", "Anna Adler", now)
    accounts.give_role(connection, account, "kalletal", Role.TECHNICIAN)
    told = {"strength": Strength.PASSWORD, "origin": "192.0.2.1", "agent": "test", "now": now}
    sessions.start(connection, account=account, **told)
    links.create(connection, Purpose.RESET, now, account=account)
    links.create(connection, Purpose.OIDC, now, detail="state")
    scopes = {Right.SEE_TICKETS}
    tokens.create(connection, account, "x", scopes, now=now, lasts=DAY)
    attempts.note(connection, "password", "adler@nordlippe.example", now)
    return account


def kept(houses: Any) -> dict[str, int]:
    tables = ("session", "one_time_link", "api_token", "attempt", "account")
    return {table: houses.one(f"SELECT count(*) FROM {table}") for table in tables}


def test_what_gave_access_is_kept_for_90_days_after_its_end(
    houses: Any, connection: Connection, account: int, caplog: pytest.LogCaptureFixture
) -> None:
    run(connection, houses.now)
    assert kept(houses) == {
        "session": 1, "one_time_link": 2, "api_token": 1, "attempt": 1, "account": 1,
    }  # fmt: skip
    assert caplog.records == []
    run(connection, houses.now + timedelta(minutes=16))  # attempts, and steps of a sign-in
    assert kept(houses) == {
        "session": 1, "one_time_link": 1, "api_token": 1, "attempt": 0, "account": 1,
    }  # fmt: skip
    before = counted("sessions")
    with caplog.at_level(logging.INFO):
        run(connection, houses.now + 92 * DAY)
    assert kept(houses) == {
        "session": 0, "one_time_link": 0, "api_token": 0, "attempt": 0, "account": 1,
    }  # fmt: skip
    assert counted("sessions") == before + 1
    assert "sessions 1, links 1, tokens 1" in caplog.records[-1].getMessage()


def test_what_was_revoked_is_over_from_then_on(
    houses: Any, connection: Connection, account: int
) -> None:
    sessions.revoke_all(connection, account, houses.now - 91 * DAY)
    tokens.revoke_all(connection, account, houses.now - 91 * DAY)
    run(connection, houses.now)
    assert (kept(houses)["session"], kept(houses)["api_token"]) == (0, 0)


def test_mails_that_left_or_were_given_up_go_and_waiting_ones_stay(
    houses: Any, connection: Connection
) -> None:
    connection.execute(
        "INSERT INTO mail (recipient, subject, body, created_at, sent_at, next_at) VALUES"
        " ('sent', '', '', %(old)s, %(old)s, '-infinity'),"
        " ('given up', '', '', %(old)s, NULL, 'infinity'),"
        " ('waiting', '', '', %(old)s, NULL, %(new)s),"
        " ('sent late', '', '', %(old)s, %(new)s, '-infinity')",
        {"old": houses.now - 91 * DAY, "new": houses.now - 89 * DAY},
    )
    run(connection, houses.now)
    rows = houses.ask("SELECT recipient FROM mail ORDER BY recipient")
    assert rows == [("sent late",), ("waiting",)]


def close_tickets(connection: Connection, closed_at: datetime, count: int) -> None:
    """Tickets of Anna's, with five lines each."""
    connection.execute(
        "WITH new AS (INSERT INTO ticket (building_id, title, task, priority, skill, state,"
        " technician_id, opened_at, closed_at) SELECT b.id, 'Kessel', '', 'low', 'heating', 'done',"
        " t.id, %(at)s, %(at)s FROM building b, technician t, generate_series(1, %(count)s)"
        " WHERE b.key = 'schule' AND t.key = 'a-adler' RETURNING id)"
        " INSERT INTO ticket_event (ticket_id, at, actor, kind, state, comment)"
        " SELECT id, %(at)s, v.* FROM new, (VALUES ('Wartungsplan', 'opened', NULL, 'Schule'),"
        " ('Wartungsplan', 'assigned', NULL, 'Anna Adler'),"
        " ('E-Mail-Versand', 'mail', NULL, 'E-Mail an adler@nordlippe.example gesendet.'),"
        " ('Anna Adler', 'state', 'done', NULL),"
        " ('Bernd Busch', 'comment', NULL, 'Danke, Anna Adler')) v",
        {"at": closed_at, "count": count},
    )


def test_names_leave_closed_tickets_after_three_years(houses: Any, connection: Connection) -> None:
    close_tickets(connection, houses.now - 2.9 * YEAR, 1)
    close_tickets(connection, houses.now - 3.1 * YEAR, retention.PART + 1)
    before = counted("ticket_names")
    run(connection, houses.now)
    assert counted("ticket_names") == before + retention.PART + 1
    said = "SELECT actor, comment FROM ticket_event WHERE ticket_id = %s ORDER BY id"
    assert houses.ask(said, 2) == [
        ("Wartungsplan", "Schule"),
        ("Wartungsplan", "Person 1"),
        ("E-Mail-Versand", "E-Mail an … gesendet."),
        ("Person 1", None),
        ("Person 2", "Danke, Person 1"),
    ]
    named = "SELECT DISTINCT ticket_id FROM ticket_event"
    named += " WHERE actor ~ 'Anna|Bernd' OR comment ~ 'Anna|adler@'"
    assert houses.ask(named) == [(1,)]
    assert houses.ask("SELECT id FROM ticket WHERE technician_id IS NOT NULL") == [(1,)]
    run(connection, houses.now)
    assert counted("ticket_names") == before + retention.PART + 1
    # What was removed has not gone into the audit instead.
    told = "SELECT count(*) FROM audit WHERE subject ~ '^ticket' AND before::text ~ 'Anna|adler@'"
    assert houses.one(told) == 0
    # Opened again, worked on, closed, and old once more.
    connection.execute("UPDATE ticket SET closed_at = %s WHERE id = 2", [houses.now + DAY])
    run(connection, houses.now + DAY + 3.1 * YEAR)
    assert counted("ticket_names") == before + retention.PART + 3


def test_names_leave_the_history_of_devices(houses: Any, connection: Connection) -> None:
    connection.execute(
        "INSERT INTO device_event (at, format, device, actor, kind, detail) VALUES"
        " (%s, 'senml', 'x', 'Anna Adler', 'claimed', '{}'),"
        " (%s, 'senml', 'x', 'Anna Adler', 'released', '{}')",
        [houses.now - 3.1 * YEAR, houses.now - 2.9 * YEAR],
    )
    run(connection, houses.now)
    rows = houses.ask("SELECT actor FROM device_event ORDER BY id")
    assert rows == [("nicht mehr genannt",), ("Anna Adler",)]


def test_what_somebody_has_in_hand_waits_and_a_stop_leaves_the_rest(
    houses: Any, connection: Connection
) -> None:
    close_tickets(connection, houses.now - 3.1 * YEAR, retention.PART + 2)
    told = threading.Event()
    told.set()
    with houses.connect() as other, other.transaction():
        other.execute("SELECT FROM ticket WHERE id = 1 FOR UPDATE")
        forget(connection, Settings(), houses.now, told)
        left = houses.one("SELECT count(*) FROM ticket WHERE people_removed_at IS NULL")
        assert left == 2
        run(connection, houses.now)
        assert houses.ask("SELECT id FROM ticket WHERE people_removed_at IS NULL") == [(1,)]
    run(connection, houses.now)
    assert houses.ask("SELECT id FROM ticket WHERE people_removed_at IS NULL") == []


def test_the_worker_does_it_every_day_and_when_it_starts() -> None:
    assert jobs.JOBS["retention"].cron == "17 2 * * *"
    assert "retention" in jobs.AT_START
