"""Roles, rights, and who may what where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gebaeude.access.person import SYSTEM, Membership, Person
from gebaeude.access.roles import (
    RIGHTS,
    Policy,
    Right,
    Role,
    idle_limit,
    longest_session,
    needs_second_factor,
)

KALLETAL, BARNTRUP = (1, "kalletal", "Kalletal"), (2, "barntrup", "Barntrup")


def person(*held: tuple[tuple[int, str, str], Role], **more: object) -> Person:
    memberships = tuple(Membership(*place, role) for place, role in held)
    return Person(1, "a@b.example", "Anna", memberships, **more)  # type: ignore[arg-type]


def test_every_role_has_rights_and_nobody_unnamed_has_any() -> None:
    assert set(RIGHTS) == set(Role)
    assert RIGHTS[Role.ADMINISTRATOR] == set(Right)


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (Role.GUEST, Role.READER),
        (Role.READER, Role.TREASURER),
        (Role.READER, Role.TECHNICIAN),
        (Role.TECHNICIAN, Role.FACILITY_MANAGER),
        (Role.FACILITY_MANAGER, Role.ADMINISTRATOR),
    ],
)
def test_the_stronger_role_may_more(weaker: Role, stronger: Role) -> None:
    assert RIGHTS[weaker] < RIGHTS[stronger]


@pytest.mark.parametrize("role", [Role.TREASURER, Role.READER, Role.GUEST])
def test_who_only_reads_changes_nothing_and_sees_no_people(role: Role) -> None:
    changing = {right for right in Right if right.value.startswith(("manage_", "work_"))}
    assert not RIGHTS[role] & (changing | {Right.SEE_PEOPLE, Right.SEE_AUDIT})


def test_a_right_counts_in_its_municipality_alone() -> None:
    anna = person((KALLETAL, Role.TECHNICIAN), (BARNTRUP, Role.READER))
    assert anna.may(Right.WORK_TICKETS, "kalletal")
    assert not anna.may(Right.WORK_TICKETS, "barntrup")
    assert not anna.may(Right.WORK_TICKETS, "extertal")
    assert anna.may(Right.WORK_TICKETS)
    assert not anna.may(Right.MANAGE_ACCOUNTS)
    assert [one.key for one in anna.municipalities(Right.SEE_BUILDINGS)] == ["kalletal", "barntrup"]


def test_a_token_may_no_more_than_its_scopes_and_its_owner() -> None:
    wide = frozenset({Right.SEE_READINGS, Right.MANAGE_ACCOUNTS})
    program = person((KALLETAL, Role.READER), scopes=wide)
    assert program.may(Right.SEE_READINGS, "kalletal")
    assert not program.may(Right.SEE_TICKETS, "kalletal")
    assert not program.may(Right.MANAGE_ACCOUNTS)


def test_our_own_processes_may_everything_and_nobody_nothing() -> None:
    assert all(SYSTEM.may(right, "anywhere") for right in Right)
    assert not any(person().may(right) for right in Right)


@pytest.mark.parametrize(
    ("policy", "needed"),
    [
        ("managers", {Role.ADMINISTRATOR, Role.FACILITY_MANAGER}),
        ("everybody", set(Role)),
        ("nobody", set()),
    ],
)
def test_who_needs_a_second_factor(policy: Policy, needed: set[Role]) -> None:
    assert {role for role in Role if needs_second_factor({role}, policy)} == needed


def test_the_strongest_role_decides_how_long_a_session_lasts() -> None:
    both = {Role.ADMINISTRATOR, Role.READER}
    assert idle_limit(both) == timedelta(minutes=30)
    assert idle_limit({Role.READER}) == timedelta(hours=12)
    assert longest_session(both) < longest_session({Role.READER})
