"""Who did what is told to those who need it; others read „Technik“."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gebaeude.access.person import Membership, Person
from gebaeude.access.roles import Role
from gebaeude.reports import board as reports
from gebaeude.reports.building import building
from gebaeude.store import board, mail, tickets
from gebaeude.store.database import Connection, connect
from gebaeude.store.scope import asking
from ingest import desk

NAMES = ("Anna", "Adler", "a-adler", "Busch", "b-busch", "05263 1")


@pytest.fixture
def connection(houses: Any) -> Iterator[Connection]:
    with connect(houses.url, name="test", autocommit=True) as one:
        yield one


@pytest.fixture
def number(houses: Any, connection: Connection) -> str:
    """A ticket in the school that Anna has begun and Bernd has commented on."""
    now = houses.now
    connection.execute(
        "INSERT INTO ticket (building_id, title, task, priority, skill, technician_id, opened_at)"
        " SELECT b.id, 'Kessel prüfen', '', 'normal', 'heating', t.id, %s"
        " FROM building b, technician t WHERE b.key = 'schule' AND t.key = 'a-adler'",
        [now],
    )
    connection.execute(
        "INSERT INTO ticket_event (ticket_id, at, actor, kind, comment) VALUES"
        " (1, %(at)s, 'Wartungsplan', 'assigned', 'Anna Adler'),"
        " (1, %(at)s, 'E-Mail-Versand', 'mail', 'E-Mail an adler@nordlippe.example gesendet.')",
        {"at": now},
    )
    number = board.cards(connection, closed_since=now)[0].number
    tickets.start(connection, number, technician="a-adler", now=now)
    said = "Anna Adler fehlt der Schlüssel"
    tickets.comment(connection, number, actor="Bernd Busch", now=now, comment=said)
    letter = reports.wording.Letter("Auftrag", "Guten Tag Anna Adler")
    mail.put(connection, 1, "adler@nordlippe.example", letter, now)
    return number


def somebody(*roles: tuple[str, Role]) -> Person:
    held = tuple(Membership(n, key, key, role) for n, (key, role) in enumerate(roles, 1))
    return Person(1, "x@nordlippe.example", "X", held)


def seen(connection: Connection, number: str, now: Any, person: Person) -> str:
    """Everything the reports say to the person."""
    with asking(person):
        told = (
            reports.board(connection, now),
            reports.board(connection, now, reports.Filters(technician="a-adler")),
            reports.board(connection, now, reports.Filters(text="adler")),
            reports.ticket(connection, number, now),
            building(connection, "schule", now).tickets,
        )
    return msgspec.json.encode(told).decode()


@pytest.mark.parametrize("role", [Role.READER, Role.TREASURER])
def test_who_only_reads_learns_no_name(
    houses: Any, connection: Connection, number: str, role: Role
) -> None:
    text = seen(connection, number, houses.now, somebody(("kalletal", role)))
    filters = '"technician":"a-adler"', '"text":"adler"'  # what was asked for is said again
    for said in filters:
        text = text.replace(said, "")
    assert [name for name in NAMES if name in text] == []
    assert "Zugewiesen an Technik" in text
    assert "Technik fehlt der Schlüssel" in text


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.FACILITY_MANAGER, Role.ADMINISTRATOR])
def test_who_works_with_them_sees_them(
    houses: Any, connection: Connection, number: str, role: Role
) -> None:
    text = seen(connection, number, houses.now, somebody(("kalletal", role)))
    assert [name for name in NAMES if name not in text] == []


def test_the_right_counts_where_it_was_given(
    houses: Any, connection: Connection, number: str
) -> None:
    mixed = somebody(("kalletal", Role.READER), ("barntrup", Role.TECHNICIAN))
    with asking(mixed):
        report = reports.ticket(connection, number, houses.now)
        cards = reports.board(connection, houses.now, reports.Filters(technician="a-adler"))
    assert (report.card.technician, report.card.technician_key) == ("Technik", None)
    assert (report.technician_phone, report.mails, report.team) == (None, (), ())
    assert cards.open == 0


def test_a_ticket_of_nobody_stays_nobodys(houses: Any, connection: Connection, number: str) -> None:
    connection.execute("UPDATE ticket SET technician_id = NULL")
    with asking(somebody(("kalletal", Role.READER))):
        report = reports.board(connection, houses.now)
    assert report.unassigned == 1


def test_who_attached_a_device(houses: Any, connection: Connection) -> None:
    connection.execute(
        "WITH new AS (INSERT INTO device (building_id, format, external_id, name)"
        " SELECT id, 'senml', 'x', 'Fühler' FROM building WHERE key = 'schule' RETURNING id)"
        " INSERT INTO channel (device_id, field) SELECT id, 't' FROM new"
    )
    connection.execute(
        "INSERT INTO device_event (format, device, actor, kind, detail)"
        """ VALUES ('senml', 'x', 'Anna Adler', 'released', '{"fields": [], "readings": 0}')"""
    )
    for role, actor in ((Role.READER, "Technik"), (Role.TECHNICIAN, "Anna Adler")):
        with asking(somebody(("kalletal", role))):
            report = desk.device(connection, "senml", "x")
        assert [one.actor for one in report.history] == [actor]
