"""What is kept about a person: their copy of it, and that nothing is left when it is deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from gebaeude import cli
from gebaeude.access.roles import Right, Role
from gebaeude.config import settings
from gebaeude.errors import Conflict, NotFound
from gebaeude.maintenance.wording import Letter
from gebaeude.model import TicketState
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.portfolio.records import Portfolio
from gebaeude.store import (
    accounts,
    audit,
    board,
    disclosure,
    links,
    mail,
    persons,
    portfolio,
    retention,
    sessions,
    tickets,
    tokens,
)
from gebaeude.store.database import Connection, connect
from gebaeude.store.links import Purpose
from gebaeude.store.sessions import Strength

ANNA = ("Anna Adler", "Anna  Adler", "Adler, Anna", "adler@nordlippe.example", "05263 1", "a-adler")
# Where something of a deleted person stays on purpose; docs/datenschutz.md says why.
STAYS = {f"audit.{column}" for column in ("actor", "subject", "before", "after")}

_COLUMNS = """
SELECT c.oid::regclass::text, quote_ident(a.attname), t.typname = 'bytea'
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE n.nspname !~ '^(pg_|_?timescaledb|information_schema)' AND c.relkind IN ('r', 'p', 'm')
    AND a.attnum > 0 AND NOT a.attisdropped
    AND coalesce(e.typcategory, t.typcategory) NOT IN ('N', 'D', 'B', 'T', 'E')
"""


@pytest.fixture
def connection(houses: Any) -> Iterator[Connection]:
    with connect(houses.url, name="test", autocommit=True) as one:
        yield one


@pytest.fixture
def anna(houses: Any, connection: Connection) -> int:
    """A technician with an account, who has left traces wherever a person can."""
    now = houses.now
    account = accounts.add(connection, "Adler@nordlippe.example", "Anna Adler", now)
    accounts.give_role(connection, account, "kalletal", Role.TECHNICIAN)
    sessions.start(
        connection, strength=Strength.PASSWORD, origin="192.0.2.7", agent="Firefox", now=now,
        account=account,
    )  # fmt: skip
    lasts = timedelta(days=30)
    tokens.create(connection, account, "Skript", {Right.SEE_TICKETS}, now=now, lasts=lasts)
    links.create(connection, Purpose.RESET, now, account=account, detail="für Anna Adler")
    links.create_guest(connection, "schule", timedelta(days=3), now, account)
    _work(connection, now)
    return account


def _work(connection: Connection, now: Any) -> None:
    """Tickets of Anna's, one done and one begun, and what others say of her."""
    for n in (1, 2, 3):
        connection.execute(
            "INSERT INTO ticket"
            " (building_id, title, task, priority, skill, technician_id, opened_at)"
            " SELECT b.id, 'Kessel prüfen', 'Schlüssel bei Anna Adler, Tel. 05263 1', 'normal',"
            " 'heating', t.id, %s FROM building b, technician t"
            " WHERE b.key = 'schule' AND t.key = 'a-adler'",
            [now],
        )
        connection.execute(
            "INSERT INTO ticket_event (ticket_id, at, actor, kind, comment)"
            " VALUES (%s, %s, 'Wartungsplan', 'assigned', 'Anna Adler')",
            [n, now],
        )
    number = {n: board.cards(connection, closed_since=now)[n].number for n in range(3)}
    tickets.start(connection, number[0], technician="a-adler", now=now)
    tickets.finish(connection, number[0], actor="Anna Adler", now=now, comment="Anna Adlers Werk")
    tickets.start(connection, number[1], technician="a-adler", now=now)
    tickets.comment(
        connection, number[1], actor="Bernd Busch", now=now,
        comment="Adler, Anna anrufen: 05263 1, adler@nordlippe.example.",
    )  # fmt: skip
    letter = Letter("Auftrag für Anna Adler", "Guten Tag Anna Adler,\n\nbitte")
    mail.put(connection, 1, "adler@nordlippe.example", letter, now)
    connection.execute("UPDATE mail SET sent_at = created_at")
    mail.put(connection, 2, "adler@nordlippe.example", letter, now)
    connection.execute(
        "INSERT INTO device_event (format, device, actor, kind, detail)"
        """ VALUES ('senml', 'x', 'Anna Adler', 'claimed', '{"note": "von Anna  Adler"}')"""
    )


def mentions(connection: Connection, *texts: str) -> set[str]:
    """table.column of everything in the whole database that has one of the texts in it."""
    found = set()
    for table, column, is_bytes in connection.execute(_COLUMNS).fetchall():
        said = f"encode({column}, 'escape')" if is_bytes else f"{column}::text"
        query = f"SELECT EXISTS (SELECT FROM {table} WHERE {said} ILIKE ANY (%s))"
        if connection.execute(query, [[f"%{text}%" for text in texts]]).fetchone()[0]:  # type: ignore[index,call-overload]
            found.add(f"{table}.{column}")
    return found


def test_nothing_is_left_of_a_deleted_person(
    houses: Any, connection: Connection, anna: int
) -> None:
    before = mentions(connection, *ANNA)
    assert {
        "account.email", "device_event.actor", "device_event.detail", "mail.body",
        "mail.recipient", "one_time_link.detail", "technician.key", "technician.phone",
        "ticket.task", "ticket_event.actor", "ticket_event.comment",
    } <= before  # fmt: skip
    done = persons.erase(connection, "a-adler", houses.now)
    assert done.pseudonym == "ehemalige Person 1"
    assert mentions(connection, *ANNA) - STAYS == set()
    gone = "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM session),"
    gone += " (SELECT count(*) FROM api_token), (SELECT count(*) FROM one_time_link)"
    assert houses.ask(gone) == [(0, 0, 0, 1)]  # the guest's link into the school stays
    said = houses.ask("SELECT actor, comment FROM ticket_event WHERE kind = 'state' ORDER BY id")
    assert said[1] == ("ehemalige Person 1", "ehemalige Person 1 Werk")


def test_the_audit_forgets_them_when_its_time_is_over(
    houses: Any, connection: Connection, anna: int
) -> None:
    entries = houses.one("SELECT count(*) FROM audit")
    persons.erase(connection, "a-adler", houses.now)
    # What the erasure itself has left there tells nothing of them.
    new = "SELECT count(*) FROM audit WHERE position > %s AND num_nonnulls(before, after) > 0"
    assert houses.one(new, entries) == 1
    noted = houses.one("SELECT after FROM audit WHERE action = 'person.erased'")
    assert noted["Konto"] == 1
    assert {"audit.after", "audit.subject"} <= mentions(connection, *ANNA) <= STAYS
    for _kind in retention.forget(connection, settings(), houses.now + timedelta(days=1200)):
        pass
    assert mentions(connection, *ANNA) == set()
    told = audit.verify(connection)
    assert told.fault is None
    assert told.emptied == told.entries > entries


def test_open_tickets_go_to_somebody_else(houses: Any, connection: Connection, anna: int) -> None:
    done = persons.erase(connection, "a-adler", houses.now)
    cards = {one.id: one for one in board.cards(connection, closed_since=houses.now)}
    assert [one.technician for one in cards.values()] == [None, "b-busch", "b-busch"]
    assert [one.state for one in cards.values()] == [TicketState.DONE, *[TicketState.OPEN] * 2]
    assert done.handed_back == (cards[2].number, cards[3].number)
    recipients = houses.ask("SELECT recipient FROM mail WHERE sent_at IS NULL ORDER BY id")
    assert recipients == [("busch@nordlippe.example",)] * 2
    history = [line.comment for line in board.history(connection, 2)]
    assert "ehemalige Person 1 ist nicht mehr im Team; der Auftrag wird neu vergeben." in history


def test_a_second_time_changes_nothing(houses: Any, connection: Connection, anna: int) -> None:
    persons.erase(connection, "adler@nordlippe.example", houses.now)
    events = houses.one("SELECT count(*) FROM ticket_event")
    again = persons.erase(connection, "a-adler", houses.now)
    assert again == persons.Erased("ehemalige Person 1", {}, (), (), ())
    assert houses.one("SELECT count(*) FROM ticket_event") == events
    with pytest.raises(NotFound):
        persons.erase(connection, "nobody@nordlippe.example", houses.now)


def test_a_dry_run_says_the_same_and_changes_nothing(
    houses: Any, connection: Connection, anna: int
) -> None:
    before = mentions(connection, *ANNA)
    told = persons.erase(connection, "a-adler", houses.now, dry_run=True)
    assert mentions(connection, *ANNA) == before
    done = persons.erase(connection, "a-adler", houses.now)
    assert told.counts == done.counts
    assert done.counts["Konto"] == done.counts["Eintrag im Team"] == 1


def test_what_others_are_called_as_well_stays_in_texts_and_is_told(
    houses: Any, connection: Connection, anna: int
) -> None:
    connection.execute("UPDATE technician SET phone = '05263 1' WHERE key = 'b-busch'")
    other = accounts.add(connection, "other@nordlippe.example", "Anna Adler", houses.now)
    done = persons.erase(connection, "a-adler", houses.now)
    assert done.shared == ("Anna Adler", "05263 1")
    assert accounts.one(connection, other).name == "Anna Adler"
    assert mentions(connection, "adler@nordlippe.example") - STAYS == set()


def test_the_last_administrator_stays(houses: Any, connection: Connection, anna: int) -> None:
    accounts.give_role(connection, anna, "barntrup", Role.ADMINISTRATOR)
    with pytest.raises(Conflict, match="Barntrup"):
        persons.erase(connection, "a-adler", houses.now)
    assert accounts.one(connection, anna).name == "Anna Adler"


def test_an_address_of_several_people_is_nobodys(houses: Any, connection: Connection) -> None:
    connection.execute("UPDATE technician SET email = 'team@nordlippe.example'")
    with pytest.raises(Conflict):
        persons.find(connection, "team@nordlippe.example")
    assert persons.find(connection, "c-clas").names == ("Cem Clas",)


def test_a_portfolio_file_does_not_bring_somebody_back(portfolio_db: str, houses_now: Any) -> None:
    read: Portfolio = load(NORDLIPPE)
    one = read.team[0]
    with connect(portfolio_db, name="test", autocommit=True) as connection:
        persons.erase(connection, one.key, houses_now)
        with pytest.raises(Conflict, match="ehemalige Person 1"):
            portfolio.write(connection, read)
        assert mentions(connection, one.name, one.email) - STAYS == set()
        persons.readmit(connection, one.email)
        portfolio.write(connection, read)
        assert persons.find(connection, one.key).names == (one.name,)


@pytest.fixture
def houses_now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_the_copy_has_everything_and_no_secret(
    houses: Any, connection: Connection, anna: int
) -> None:
    accounts.set_password(connection, anna, "$argon2id$secret")
    copy = disclosure.copy(connection, settings(), "a-adler", houses.now)
    entries = {one["Bezeichnung"]: one["Einträge"] for one in copy["Daten"]}
    assert all(entries.values()), [name for name, rows in entries.items() if not rows]
    text = json.dumps(copy, ensure_ascii=False)
    assert "192.0.2.7" in text
    assert "gesetzt, nur als Hash" in text
    assert "argon2id" not in text
    # Whatever the database has of them, the copy has too.
    for table, column in (one.split(".") for one in mentions(connection, *ANNA)):
        rows = houses.ask(f"SELECT {column}::text FROM {table}")
        named = [row[0] for row in rows if row[0] and any(one in row[0] for one in ANNA)]
        missing = [
            said
            for said in named
            if said not in text and json.dumps(said, ensure_ascii=False)[1:-1] not in text
        ]
        assert missing == [] or (table, column) in _TOLD_OTHERWISE, (table, column)


_TOLD_OTHERWISE = {("one_time_link", "detail")}  # what the next step needs is secret


def test_the_command(
    houses: Any,
    anna: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", houses.url)
    settings.cache_clear()
    try:
        assert cli.run(["person", "export", "a-adler"]) == 0
        assert json.loads(capsys.readouterr().out)["Person"]["Namen"] == ["Anna Adler"]
        assert cli.run(["person", "delete", "a-adler", "--dry-run"]) == 0
        assert "Das würde gelöscht oder ersetzt:" in capsys.readouterr().out
        assert cli.run(["person", "delete", "a-adler"]) == 0
        assert "Neu vergeben:" in capsys.readouterr().out
        assert cli.run(["person", "delete", "a-adler"]) == 0
        assert "schon gelöscht" in capsys.readouterr().out
        assert cli.run(["person", "export", "a-adler"]) == 1
        assert cli.run(["person", "readmit", "a-adler"]) == 0
        noted = houses.ask("SELECT action FROM audit WHERE action ~ '^person' ORDER BY position")
        assert noted == [("person.exported",), ("person.erased",), ("person.readmitted",)]
    finally:
        settings.cache_clear()
