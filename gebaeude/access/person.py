"""Who asks: a person or program with roles in municipalities."""

from __future__ import annotations

import msgspec

from gebaeude.access.roles import RIGHTS, Right, Role


class Membership(msgspec.Struct, frozen=True):
    """One role in one municipality."""

    municipality: int  # id
    key: str
    name: str
    role: Role


class Person(msgspec.Struct, frozen=True):
    """Somebody who has proved who they are; what they may do follows from their memberships."""

    account: int | None  # id; None for a guest and for our own processes
    email: str
    name: str
    memberships: tuple[Membership, ...]
    technician: str | None = None  # key, where the account is one of the team's
    building: int | None = None  # id of the one building a guest may see
    session: int | None = None  # id
    token: int | None = None  # id, where a program asks
    scopes: frozenset[Right] | None = None  # a token's; None: whatever the roles allow
    origin: str = ""  # IP address
    demo: bool = False
    system: bool = False  # one of our own processes

    def may(self, right: Right, municipality: str | None = None) -> bool:
        """Whether they have the right in the municipality of this key; None: in any."""
        if self.system:
            return True
        return any(municipality in (None, one.key) for one in self.municipalities(right))

    def municipalities(self, right: Right) -> tuple[Membership, ...]:
        """Where they have the right; empty for our own processes, which are asked nothing."""
        if self.scopes is not None and right not in self.scopes:
            return ()
        return tuple(one for one in self.memberships if right in RIGHTS[one.role])

    @property
    def roles(self) -> frozenset[Role]:
        """All roles they have anywhere."""
        return frozenset(one.role for one in self.memberships)


SYSTEM = Person(None, "", "Gebäude", (), origin="system", system=True)
