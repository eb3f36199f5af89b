"""API tokens: what a program shows instead of a password. Scoped, expiring, kept as a hash."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from gebaeude.access.person import Person
from gebaeude.access.roles import Right
from gebaeude.access.secrets import new_token, token_hash
from gebaeude.errors import UsageError
from gebaeude.store.accounts import memberships
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

PREFIX = "geb_"  # by which people and leak scanners know it
LONGEST = timedelta(days=366)
NAME_LIMIT = 100  # characters
TOUCH_EVERY = timedelta(minutes=5)  # `used_at` is written at most this often

_sql = queries(__file__)


class Token(msgspec.Struct, frozen=True):
    """A token that counts, and whose it is."""

    id: int
    used_at: datetime | None
    person: Person


class TokenView(msgspec.Struct, frozen=True):
    """A token as its owner sees it."""

    id: int
    name: str
    scopes: tuple[Right, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    municipalities: tuple[str, ...] | None  # names; None: wherever its owner has a role


def create(
    connection: Connection,
    account: int,
    name: str,
    scopes: Collection[Right],
    *,
    now: datetime,
    lasts: timedelta,
    municipalities: Collection[int] | None = None,
) -> str:
    """Makes a token and returns it; it is kept nowhere. UsageError where something is missing.

    It may do what its owner may at the time, within `scopes` and `municipalities` (ids).
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise UsageError(_("Bitte einen Namen von höchstens {n} Zeichen.").format(n=NAME_LIMIT))
    if not scopes:
        raise UsageError(_("Bitte ankreuzen, was mit dem Schlüssel möglich sein soll."))
    if not timedelta(0) < lasts <= LONGEST:
        raise UsageError(_("Ein Schlüssel gilt höchstens ein Jahr."))
    token = new_token(PREFIX)
    _sql.create(
        connection, hash=token_hash(token), account=account, name=name,
        scopes=sorted(scope.value for scope in scopes),
        municipalities=None if municipalities is None else [*municipalities],
        now=now, expires=now + lasts,
    )  # fmt: skip
    return token


def find(connection: Connection, token: str, now: datetime) -> Token | None:
    """Whose token this is, None where it does not count (any more)."""
    row = _sql.find(connection, hash=token_hash(token), now=now)
    if row is None:
        return None
    number, scopes, used_at, account, email, name, technician, held = row
    person = Person(
        account=account,
        email=email,
        name=name,
        memberships=memberships(held),
        technician=technician,
        token=number,
        # A right that no longer exists gives nothing.
        scopes=frozenset(right for right in Right if right.value in scopes),
    )
    return Token(number, used_at, person)


def is_to_touch(token: Token, now: datetime) -> bool:
    """Whether it is time to note that it was used."""
    return token.used_at is None or now - token.used_at >= TOUCH_EVERY


def touch(connection: Connection, token: Token, now: datetime) -> None:
    """Notes that it was used."""
    _sql.used(connection, id=token.id, now=now)


def listed(connection: Connection, account: int) -> tuple[TokenView, ...]:
    """Tokens of an account, newest first, those that have expired too."""
    return tuple(
        TokenView(
            number, name, tuple(one for one in Right if one.value in scopes), created, expires,
            used, None if places is None else tuple(places),
        )
        for number, name, scopes, created, expires, used, places in _sql.tokens(
            connection, account=account
        )
    )  # fmt: skip


def revoke(connection: Connection, token: int, account: int, now: datetime) -> bool:
    """Ends a token of the account; False where there was none to end."""
    return bool(_sql.revoke(connection, id=token, account=account, now=now))


def revoke_all(connection: Connection, account: int, now: datetime) -> int:
    """Ends all tokens of an account; returns how many."""
    return int(_sql.revoke_all(connection, account=account, now=now))
