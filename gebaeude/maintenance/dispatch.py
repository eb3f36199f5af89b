"""Who gets a ticket: skilled for it, responsible for the municipality, fewest open tickets."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Technician(msgspec.Struct, frozen=True):
    """A member of the team as dispatch sees them."""

    key: str
    name: str
    email: str
    skills: frozenset[str]
    municipalities: frozenset[str]  # keys
    active: int  # tickets that are theirs and not finished


def fits(technician: Technician, *, municipality: str, skill: str) -> bool:
    """Whether the technician may get this ticket without being asked."""
    return municipality in technician.municipalities and skill in technician.skills


def choose(team: Iterable[Technician], *, municipality: str, skill: str) -> Technician | None:
    """Of those who fit the one with the fewest tickets, the first by key if several; or nobody."""
    fitting = (t for t in team if fits(t, municipality=municipality, skill=skill))
    return min(fitting, key=lambda t: (t.active, t.key), default=None)
