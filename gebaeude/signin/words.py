"""What several of our pages say alike."""

from __future__ import annotations

from collections.abc import Sequence

from gebaeude.access.person import Membership
from gebaeude.text import ROLES, _


def by_role(memberships: Sequence[Membership]) -> list[tuple[str, str]]:
    """(municipalities, role) of each role somebody has, in the order in which they come."""
    places: dict[str, list[str]] = {}
    for one in memberships:
        places.setdefault(one.role, []).append(one.name)
    return [(", ".join(names), _(ROLES[role])) for role, names in places.items()]
