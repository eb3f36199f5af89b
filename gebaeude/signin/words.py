"""What several of our pages say alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gebaeude.access.person import Membership
from gebaeude.text import ROLES, _


def by_role(memberships: Sequence[Membership]) -> list[tuple[str, str]]:
    """(municipalities, role) of each role somebody has, in the order in which they come."""
    places: dict[str, list[str]] = {}
    for one in memberships:
        places.setdefault(one.role, []).append(one.name)
    return [(", ".join(names), _(ROLES[role])) for role, names in places.items()]


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
             ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip


def browser_name(agent: str) -> str:
    """ "Firefox, Windows": as much as a person recognises of what a browser says it is; empty
    where it says nothing we know. Nothing else of what it says is in it."""
    found = [
        next((name for mark, name in known if mark in agent), None)
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(one for one in found if one)


def agent_name(agent: str) -> str:
    """The same; of what we do not know, its own first word."""
    return browser_name(agent) or re.split(r"[/ ]", agent)[0][:40] or "–"
