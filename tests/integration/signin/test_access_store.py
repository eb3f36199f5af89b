"""Accounts, sessions, tokens, links and attempts in the database."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from gebaeude.access import totp
from gebaeude.access.delays import WITHIN
from gebaeude.access.roles import Right, Role
from gebaeude.access.secrets import recovery_hash, token_hash
from gebaeude.errors import Conflict, NotFound, UsageError
from gebaeude.store import accounts, attempts, links, sessions, tokens
from gebaeude.store.database import Connection, connect
from gebaeude.store.links import Purpose
from gebaeude.store.sessions import Strength

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def connection(houses: object) -> Connection:
    with connect(houses.url, name="test") as one:  # type: ignore[attr-defined]
        yield one  # type: ignore[misc]


@pytest.fixture
def anna(connection: Connection) -> int:
    """A technician in Kalletal, and a reader in Barntrup."""
    account = accounts.add(connection, "Adler@nordlippe.example", "  Anna  Adler ", NOW)
    accounts.give_role(connection, account, "kalletal", Role.TECHNICIAN)
    accounts.give_role(connection, account, "barntrup", Role.READER)
    return account


def begin(connection: Connection, account: int, **more: object) -> str:
    told = {"strength": Strength.PASSWORD, "origin": "192.0.2.1", "agent": "test", "now": NOW}
    return sessions.start(connection, account=account, **(told | more))  # type: ignore[arg-type]


def test_an_account_is_known_by_its_address_whatever_its_capitals(
    connection: Connection, anna: int
) -> None:
    found = accounts.by_email(connection, " ADLER@Nordlippe.example ")
    assert (found.id, found.name, found.technician) == (anna, "Anna Adler", "a-adler")
    assert {one.key: one.role for one in found.memberships} == {
        "kalletal": Role.TECHNICIAN,
        "barntrup": Role.READER,
    }
    with pytest.raises(Conflict):
        accounts.add(connection, "adler@NORDLIPPE.example", "Another", NOW)
    with pytest.raises(NotFound):
        accounts.by_email(connection, "nobody@nordlippe.example")


@pytest.mark.parametrize(
    "email", ["", "anna", "a@b@c", "a b@c.de", "a@b\x00.de", "x" * 300 + "@b.de"]
)
def test_what_is_no_address_makes_no_account(connection: Connection, email: str) -> None:
    with pytest.raises(UsageError):
        accounts.add(connection, email, "Name", NOW)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x07b"])
def test_what_is_no_name_makes_no_account(connection: Connection, name: str) -> None:
    with pytest.raises(UsageError):
        accounts.add(connection, "x@nordlippe.example", name, NOW)


def test_roles_are_given_changed_and_taken(connection: Connection, anna: int) -> None:
    accounts.give_role(connection, anna, "barntrup", Role.ADMINISTRATOR)
    municipality = accounts.one(connection, anna).memberships[0].municipality
    assert accounts.administrators(connection, municipality) == 1
    accounts.take_role(connection, anna, "barntrup")
    assert accounts.administrators(connection, municipality) == 0
    assert [one.key for one in accounts.one(connection, anna).memberships] == ["kalletal"]
    assert accounts.listed(connection, [municipality]) == ()
    with pytest.raises(NotFound):
        accounts.give_role(connection, anna, "nowhere", Role.READER)
    with pytest.raises(UsageError):
        accounts.give_role(connection, anna, "barntrup", Role.GUEST)


def test_a_session_brings_the_person_back(connection: Connection, anna: int) -> None:
    token = begin(connection, anna)
    found = sessions.find(connection, token, NOW)
    assert found is not None
    assert (found.person.account, found.person.name, found.person.technician) == (
        anna, "Anna Adler", "a-adler"
    )  # fmt: skip
    assert found.person.may(Right.WORK_TICKETS, "kalletal")
    assert sessions.find(connection, token + "x", NOW) is None
    assert sessions.find(connection, "\ud800", NOW) is None
    kept = connection.execute("SELECT hash FROM session").fetchall()
    assert kept == [(token_hash(token),)]


def test_a_session_slides_and_ends(connection: Connection, anna: int) -> None:
    token = begin(connection, anna)
    almost = NOW + timedelta(hours=11, minutes=59)
    found = sessions.find(connection, token, almost)
    assert found is not None
    assert sessions.is_to_touch(found, almost)
    assert sessions.find(connection, token, NOW + timedelta(hours=12)) is None
    sessions.touch(connection, found, almost)
    assert sessions.find(connection, token, NOW + timedelta(hours=23)) is not None
    late = NOW + timedelta(days=6, hours=23)
    sessions.touch(connection, found, late)
    assert sessions.find(connection, token, NOW + timedelta(days=7)) is None


def test_an_administrators_session_is_short(connection: Connection, anna: int) -> None:
    accounts.give_role(connection, anna, "barntrup", Role.ADMINISTRATOR)
    token = begin(connection, anna)
    assert sessions.find(connection, token, NOW + 29 * MINUTE) is not None
    assert sessions.find(connection, token, NOW + 30 * MINUTE) is None


def test_sessions_are_revoked_one_by_one_and_all_but_this(
    connection: Connection, anna: int
) -> None:
    here, there, elsewhere = (begin(connection, anna) for _n in range(3))
    mine = sessions.find(connection, here, NOW)
    other = sessions.find(connection, there, NOW)
    assert mine is not None
    assert other is not None
    assert len(sessions.listed(connection, anna, NOW)) == 3
    assert not sessions.revoke(connection, other.id, NOW, account=anna + 1)
    assert sessions.revoke(connection, other.id, NOW, account=anna)
    assert sessions.find(connection, there, NOW) is None
    assert sessions.revoke_all(connection, anna, NOW, but=mine.id) == 1
    assert sessions.find(connection, elsewhere, NOW) is None
    assert sessions.find(connection, here, NOW) is not None


def test_a_disabled_account_is_out_at_once(connection: Connection, anna: int) -> None:
    session = begin(connection, anna)
    token = tokens.create(
        connection, anna, "Skript", {Right.SEE_READINGS}, now=NOW, lasts=timedelta(days=1)
    )
    accounts.disable(connection, anna, NOW)
    assert sessions.find(connection, session, NOW) is None
    assert tokens.find(connection, token, NOW) is None
    accounts.enable(connection, anna)
    assert sessions.find(connection, session, NOW) is not None


def test_a_browser_is_known_for_a_while(connection: Connection, anna: int) -> None:
    begin(connection, anna, browser=b"one")
    assert sessions.is_known(connection, anna, b"one", NOW + timedelta(days=89))
    assert not sessions.is_known(connection, anna, b"one", NOW + timedelta(days=91))
    assert not sessions.is_known(connection, anna, b"two", NOW)
    assert not sessions.is_known(connection, anna + 1, b"one", NOW)


def test_a_code_and_a_recovery_code_count_once(connection: Connection, anna: int) -> None:
    secret, step = totp.new_secret(), totp.step_of(NOW)
    codes = ("abcde-fghjk", "mnpqr-stuvw")
    hashes = [recovery_hash(anna, one) for one in codes]
    accounts.set_second_factor(connection, anna, secret, step, hashes)
    assert not accounts.take_code(connection, anna, step)
    assert accounts.take_code(connection, anna, step + 1)
    assert not accounts.take_code(connection, anna, step + 1)
    assert not accounts.take_recovery_code(connection, anna, "abcde-fghjm", NOW)
    assert accounts.take_recovery_code(connection, anna, codes[0], NOW)
    assert not accounts.take_recovery_code(connection, anna, codes[0], NOW)
    assert accounts.recovery_codes_left(connection, anna) == 1
    from_before = hashlib.sha256(f"{anna}:22222aaaaa".encode()).digest()
    accounts.set_recovery_codes(connection, anna, [from_before])
    assert accounts.take_recovery_code(connection, anna, "22222-AAAAA", NOW)
    assert not accounts.take_recovery_code(connection, anna, "22222-AAAAA", NOW)
    accounts.drop_second_factor(connection, anna)
    assert accounts.recovery_codes_left(connection, anna) == 0
    kept = accounts.secrets(connection, anna)
    assert kept is not None
    assert kept.totp_secret is None


def test_a_token_is_scoped_expires_and_is_revoked(connection: Connection, anna: int) -> None:
    places = {key: number for number, key, _name in accounts.municipalities(connection)}
    token = tokens.create(
        connection, anna, "Skript", {Right.SEE_READINGS, Right.MANAGE_ACCOUNTS},
        now=NOW, lasts=timedelta(days=30), municipalities=[places["kalletal"]],
    )  # fmt: skip
    found = tokens.find(connection, token, NOW)
    assert found is not None
    assert found.person.may(Right.SEE_READINGS, "kalletal")
    assert not found.person.may(Right.SEE_READINGS, "barntrup")
    assert not found.person.may(Right.SEE_TICKETS)
    assert not found.person.may(Right.MANAGE_ACCOUNTS)
    assert tokens.find(connection, token, NOW + timedelta(days=30)) is None
    assert tokens.find(connection, token[:-1], NOW) is None
    assert [one.municipalities for one in tokens.listed(connection, anna)] == [("Kalletal",)]
    assert not tokens.revoke(connection, found.id, anna + 1, NOW)
    assert tokens.revoke(connection, found.id, anna, NOW)
    assert tokens.find(connection, token, NOW) is None


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", {Right.SEE_READINGS}, 1), ("x", set(), 1), ("x", {Right.SEE_READINGS}, 0),
     ("x", {Right.SEE_READINGS}, 400), ("a\x00", {Right.SEE_READINGS}, 1)],
)  # fmt: skip
def test_a_token_without_name_scope_or_end_is_refused(
    connection: Connection, anna: int, name: str, scopes: set[Right], days: int
) -> None:
    with pytest.raises(UsageError):
        tokens.create(connection, anna, name, scopes, now=NOW, lasts=timedelta(days=days))


def test_a_link_counts_once_and_the_newest_alone(connection: Connection, anna: int) -> None:
    old = links.create(connection, Purpose.RESET, NOW, account=anna)
    new = links.create(connection, Purpose.INVITE, NOW, account=anna)
    assert links.find(connection, old, links.PASSWORD_LINKS, NOW) is None
    found = links.find(connection, new, links.PASSWORD_LINKS, NOW)
    assert found is not None
    assert links.find(connection, new, {Purpose.GUEST}, NOW) is None
    assert links.use(connection, found, NOW)
    assert not links.use(connection, found, NOW)
    assert links.find(connection, new, links.PASSWORD_LINKS, NOW) is None


def test_a_link_ends(connection: Connection, anna: int) -> None:
    secret = links.create(connection, Purpose.RESET, NOW, account=anna)
    assert links.find(connection, secret, links.PASSWORD_LINKS, NOW + 59 * MINUTE)
    assert links.find(connection, secret, links.PASSWORD_LINKS, NOW + 60 * MINUTE) is None


def test_a_guest_sees_one_building_until_the_link_ends(connection: Connection, anna: int) -> None:
    secret = links.create_guest(connection, "schule", timedelta(days=2), NOW, anna)
    link = links.find(connection, secret, {Purpose.GUEST}, NOW)
    assert link is not None
    token = sessions.start(
        connection, strength=Strength.LINK, origin="", agent="", now=NOW, guest_link=link.id
    )
    found = sessions.find(connection, token, NOW)
    assert found is not None
    guest = found.person
    assert (guest.account, guest.building) == (None, link.building)
    assert [(one.key, one.role) for one in guest.memberships] == [("kalletal", Role.GUEST)]
    places = [guest.memberships[0].municipality]
    assert [one.building for one in links.guests(connection, places, NOW)] == ["schule"]
    assert not links.end_guest(connection, link.id, [], NOW)
    assert links.end_guest(connection, link.id, places, NOW)
    assert sessions.find(connection, token, NOW) is None
    with pytest.raises(NotFound):
        links.create_guest(connection, "nosuch", timedelta(days=2), NOW, anna)
    with pytest.raises(UsageError):
        links.create_guest(connection, "schule", timedelta(days=200), NOW, anna)


def test_wrong_attempts_are_counted_forgiven_and_forgotten(connection: Connection) -> None:
    for second in range(3):
        attempts.note(connection, "password", "a", NOW + timedelta(seconds=second))
    attempts.note(connection, "password", "b", NOW)
    assert attempts.failures(connection, "password", "a", NOW).count == 3
    attempts.forgive(connection, "password", "a")
    assert attempts.failures(connection, "password", "a", NOW).count == 0
    assert attempts.failures(connection, "password", "b", NOW + WITHIN).count == 1
    assert attempts.failures(connection, "password", "b", NOW + WITHIN + MINUTE).count == 0
