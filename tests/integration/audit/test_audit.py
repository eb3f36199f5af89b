"""Who changed what: told for every change, in order, and not to be altered unnoticed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from gebaeude.access.person import Membership, Person
from gebaeude.access.roles import Role
from gebaeude.cli import run
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.store import accounts, audit, tickets
from gebaeude.store.audit import Filters
from gebaeude.store.database import Connection, connect
from gebaeude.store.portfolio import write
from gebaeude.store.scope import open_scoped_pool, scoped

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def owner(url: str) -> Connection:
    return connect(url, name="gebaeude-test", autocommit=True)


def told(url: str, **filters: Any) -> list[tuple[Any, ...]]:
    with owner(url) as connection:
        found = audit.entries(connection, Filters(**filters), limit=1000)
    return [(one.action, one.subject, one.before, one.after) for one in reversed(found)]


def test_who_what_from_which_to_which_and_from_where(
    houses: Any, database_url: str, as_web: Callable[[str], str]
) -> None:
    with owner(database_url) as connection:
        found = connection.execute("SELECT key, id FROM municipality").fetchall()
        ids: dict[str, int] = dict(found)
        (ticket,) = connection.execute(
            "INSERT INTO ticket (building_id, title, task, priority, skill, opened_at)"
            " SELECT id, 'Heizung', 't', 'normal', 'heating', %s FROM building"
            " WHERE key = 'schule' RETURNING id",
            (NOW,),
        ).fetchone() or (0,)
    person = Person(
        account=None, email="p@x", name="Petra Probe", origin="192.0.2.7",
        memberships=(Membership(ids["kalletal"], "kalletal", "Kalletal", Role.FACILITY_MANAGER),),
    )  # fmt: skip
    other = Person(
        account=None, email="", name="Otto",
        memberships=(Membership(ids["barntrup"], "barntrup", "Barntrup", Role.READER),),
    )  # fmt: skip
    number = f"A-2026-{ticket:04}"
    with open_scoped_pool(as_web(database_url), name="test-web", max_size=1) as pool:
        with scoped(pool, person) as connection:
            tickets.start(connection, number, technician="a-adler", now=NOW)
            audit.note(connection, "refused", "page/konten", {"right": "manage_accounts"})
        with scoped(pool, person) as connection:
            newest, *_rest = audit.entries(connection, Filters(actor="Petra Probe"))
            mine = {entry.subject for entry in audit.entries(connection, Filters())}
        with scoped(pool, other) as connection:
            theirs = {entry.subject for entry in audit.entries(connection, Filters(), limit=1000)}
    assert (newest.action, newest.origin, newest.after) == (
        "refused", "192.0.2.7", {"right": "manage_accounts"},
    )  # fmt: skip
    state, technician = told(database_url, actor="Petra Probe", subject="ticket/")
    assert state == ("update", f"ticket/{number}", {"state": "open"}, {"state": "in_progress"})
    assert technician[2] == {"technician_id": None}
    assert f"ticket/{number}" in mine
    assert "building/rathaus" in theirs
    assert not {one for one in theirs if "schule" in one or one.startswith("ticket/")}
    assert told(database_url, building="schule", subject="building/")[0][0] == "insert"
    assert told(database_url, since=datetime.now(UTC) + timedelta(hours=1)) == []


def test_what_did_not_change_is_not_told(houses: Any, database_url: str) -> None:
    with owner(database_url) as connection:
        before = audit.verify(connection).entries
        connection.execute("UPDATE building SET name = name, built = built")
        assert audit.verify(connection).entries == before
        connection.execute("UPDATE building SET built = 1975 WHERE key = 'schule'")
        connection.execute("DELETE FROM limit_rule WHERE severity = 'critical'")
    changed, deleted = told(database_url)[before:]
    assert changed == ("update", "building/schule", {"built": 1974}, {"built": 1975})
    assert deleted[:2] == ("delete", "limit_rule/halle/vorlauf")
    assert deleted[2]["high"] == 90


def test_secrets_are_never_told(portfolio_db: str) -> None:
    with owner(portfolio_db) as connection:
        new = accounts.add(connection, "Petra@Example.org", "Petra", NOW)
        accounts.set_password(connection, new, "$argon2id$secret")
        accounts.give_role(connection, new, "barntrup", Role.READER)
        connection.execute(
            "INSERT INTO session (hash, account_id, strength, origin, agent, created_at, seen_at,"
            " expires_at) VALUES ('sesame', %s, 'password', '192.0.2.7', 'x', %s, %s, %s)",
            (new, NOW, NOW, NOW),
        )
        connection.execute("UPDATE session SET seen_at = now(), expires_at = now()")
        connection.execute("UPDATE session SET revoked_at = now()")
        everything = connection.execute("SELECT string_agg(a::text, '') FROM audit a").fetchone()
    assert "argon2id" not in str(everything)
    assert "736573616d65" not in str(everything)  # sesame, as bytes are shown
    found = [
        (action, subject.partition("/")[0], sorted(after or {}))
        for action, subject, _before, after in told(portfolio_db)
        if subject.endswith("/petra@example.org")
    ]
    assert [one[:2] for one in found] == [
        ("insert", "account"), ("update", "account"), ("insert", "account_role"),
        ("insert", "session"), ("update", "session"),
    ]  # fmt: skip
    assert found[1][2] == ["password"]


def test_several_at_once_keep_the_chain(houses: Any, database_url: str) -> None:
    """Long and short transactions, touching each other's rows, in several threads."""
    failed: list[Exception] = []

    def change(which: int) -> None:
        try:
            with connect(database_url, name=f"test-{which}") as connection:
                for turn in range(15):
                    connection.execute("UPDATE site SET name = %s", (f"{which} {turn}",))
                    connection.execute(
                        "UPDATE building SET built = %s WHERE key = 'schule'", (1900 + which,)
                    )
                    connection.execute("UPDATE asset SET power_kw = %s", (turn,))
                    if turn % 5 == 4:
                        connection.rollback()
                    connection.commit()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=change, args=(which,)) for which in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    with owner(database_url) as connection:
        whole = audit.verify(connection)
        rows = connection.execute("SELECT count(*), max(position) FROM audit").fetchone()
    assert whole.fault is None
    assert rows == (whole.entries, whole.entries)
    assert whole.entries > 6 * 12


TAMPERING: dict[str, str] = {
    "UPDATE audit SET actor = 'x' WHERE position = 5": "altered",
    "UPDATE audit SET at = at - interval '1 microsecond' WHERE position = 5": "altered",
    "UPDATE audit SET actor = 'x', content = audit_content(audit) WHERE position = 5": "altered",
    "UPDATE audit SET actor = 'x', hash = sha256('x') WHERE position = 5": "altered",
    "UPDATE audit SET content = sha256('x'), hash = sha256(previous || sha256('x')),"
    " emptied_at = now() WHERE position = 5": "unlinked",
    "DELETE FROM audit WHERE position = 5": "missing",
    "DELETE FROM audit WHERE position > 20": "cut",
    "DELETE FROM audit": "cut",
    "INSERT INTO audit (at, action, subject) VALUES (now(), 'x', 'y')": "unchained",
}  # fmt: skip


def test_whatever_is_altered_or_removed_shows(houses: Any, database_url: str) -> None:
    with connect(database_url, name="test") as connection:
        assert audit.verify(connection).fault is None
        for statement, fault in TAMPERING.items():
            if fault != "unchained":  # adding is what it is for, and then it is chained
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
                connection.rollback()
            connection.execute("ALTER TABLE audit DISABLE TRIGGER USER")
            connection.execute(statement.encode())
            assert (statement, _fault(connection)) == (statement, fault)
            connection.rollback()
        assert _fault(connection) is None


def _fault(connection: Connection) -> str | None:
    wrong = audit._sql.broken(connection)
    position, head, last, last_hash, _emptied = audit._sql.head(connection)
    return wrong[2] if wrong else None if (position, head) == (last, last_hash) else "cut"


def test_what_old_entries_say_of_people_can_go(houses: Any, database_url: str) -> None:
    with owner(database_url) as connection:
        entries = audit.verify(connection).entries
        assert audit.empty(connection, datetime.now(UTC) + timedelta(minutes=1)) == entries
        assert audit.verify(connection) == audit.verify(connection)
        found = audit.verify(connection)
        assert (found.fault, found.entries, found.emptied) == (None, entries, entries)
        assert audit.entries(connection, Filters(subject="technician/"))[0].after is None


def test_the_command_says_whether_it_is_whole(
    houses: Any, database_url: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from gebaeude.config import settings

    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", database_url)
    settings.cache_clear()
    try:
        assert run(["audit", "verify"]) == 0
        assert run(["audit", "list", "--subject", "building/", "--limit", "3"]) == 0
        said = capsys.readouterr().out
        with owner(database_url) as connection:
            connection.execute("ALTER TABLE audit DISABLE TRIGGER USER")
            connection.execute("DELETE FROM audit WHERE position = 7")
        assert run(["audit", "verify"]) == 1
        assert "Vor Eintrag 8 fehlt" in capsys.readouterr().err
    finally:
        settings.cache_clear()
    assert "keiner fehlt" in said
    assert said.count("insert building/") == 3


def test_an_import_is_told_once(portfolio_db: str) -> None:
    with owner(portfolio_db) as connection:
        entries = audit.verify(connection).entries
        write(connection, load(NORDLIPPE))
        found = audit.verify(connection)
        (points,) = connection.execute(
            "SELECT count(*) FROM audit WHERE subject LIKE 'point/%' AND action = 'insert'"
        ).fetchone() or (0,)
    assert (found.fault, found.entries) == (None, entries)
    assert points == len([p for b in load(NORDLIPPE).buildings() for p in b.points])
