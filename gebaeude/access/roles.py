"""Roles and what each of them may do; docs/access.md has the same table."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What somebody is in one municipality, strongest first."""

    ADMINISTRATOR = "administrator"
    FACILITY_MANAGER = "facility_manager"
    TECHNICIAN = "technician"
    TREASURER = "treasurer"
    READER = "reader"
    GUEST = "guest"


class Right(StrEnum):
    """One thing that may be allowed."""

    SEE_BUILDINGS = "see_buildings"
    SEE_READINGS = "see_readings"
    SEE_QUALITY = "see_quality"
    SEE_TICKETS = "see_tickets"
    SEE_PEOPLE = "see_people"  # technicians' names and times
    WORK_TICKETS = "work_tickets"  # take, start, finish, comment
    MANAGE_TICKETS = "manage_tickets"  # reassign, cancel, reopen
    MANAGE_DEVICES = "manage_devices"  # claim, release, inbox, replay
    SEE_COSTS = "see_costs"
    MANAGE_PORTFOLIO = "manage_portfolio"
    MANAGE_ACCOUNTS = "manage_accounts"
    SEE_AUDIT = "see_audit"
    OWN_TOKENS = "own_tokens"


_GUEST = frozenset({Right.SEE_BUILDINGS, Right.SEE_READINGS})
_READER = _GUEST | {Right.SEE_QUALITY, Right.SEE_TICKETS, Right.OWN_TOKENS}
_TECHNICIAN = _READER | {Right.SEE_PEOPLE, Right.WORK_TICKETS}
_FACILITY_MANAGER = _TECHNICIAN | {Right.MANAGE_TICKETS, Right.MANAGE_DEVICES, Right.SEE_COSTS}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.FACILITY_MANAGER: _FACILITY_MANAGER,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.TREASURER: _READER | {Right.SEE_COSTS},
    Role.READER: _READER,
    Role.GUEST: _GUEST,
}

# Who can change what others rely on proves twice who they are.
STRONG = frozenset({Role.ADMINISTRATOR, Role.FACILITY_MANAGER})

Policy = Literal["managers", "everybody", "nobody"]


def needs_second_factor(roles: Collection[Role], policy: Policy) -> bool:
    """Whether somebody with these roles must have a second factor (setting second_factor)."""
    return policy == "everybody" or (policy == "managers" and not STRONG.isdisjoint(roles))


def idle_limit(roles: Collection[Role]) -> timedelta:
    """How long a session of somebody with these roles lasts while nothing is asked for."""
    return timedelta(minutes=30) if Role.ADMINISTRATOR in roles else timedelta(hours=12)


def longest_session(roles: Collection[Role]) -> timedelta:
    """When a session ends even though it is used: after a day of an administrator, else a week."""
    return timedelta(hours=12) if Role.ADMINISTRATOR in roles else timedelta(days=7)
