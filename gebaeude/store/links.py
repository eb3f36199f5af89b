"""Links that let somebody in once, or a guest for a while; and the steps between two pages.

Whoever has the link is let in, so each lives short, counts once (a guest's until it ends), and is
kept as a hash.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from gebaeude.access.secrets import new_token, token_hash
from gebaeude.errors import NotFound, UsageError
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

_sql = queries(__file__)


class Purpose(StrEnum):
    """What a link is for."""

    FIRST = "first"  # the first administrator's, printed by a command
    RESET = "reset"
    INVITE = "invite"
    GUEST = "guest"
    SECOND_FACTOR = "second_factor"  # between password and second factor
    OIDC = "oidc"  # while somebody signs in elsewhere


PASSWORD_LINKS = frozenset({Purpose.FIRST, Purpose.RESET, Purpose.INVITE})
LASTS: dict[Purpose, timedelta] = {
    Purpose.FIRST: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.INVITE: timedelta(days=7),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.OIDC: timedelta(minutes=10),
}
LONGEST_GUEST = timedelta(days=90)


class Link(msgspec.Struct, frozen=True):
    """A link that counts."""

    id: int
    purpose: Purpose
    account: int | None
    building: int | None
    detail: str | None
    expires_at: datetime


class GuestLink(msgspec.Struct, frozen=True):
    """A guest's link as administrators see it."""

    id: int
    building: str  # key
    building_name: str
    created_at: datetime
    expires_at: datetime
    created_by: str | None  # name


def create(
    connection: Connection,
    purpose: Purpose,
    now: datetime,
    *,
    account: int | None = None,
    detail: str | None = None,
    created_by: int | None = None,
) -> str:
    """Makes a link of an account and returns its secret; earlier password links count no more."""
    if purpose in PASSWORD_LINKS and account is not None:
        withdraw(connection, account, now)
    return _create(connection, purpose, now, LASTS[purpose], account, None, detail, created_by)


def create_guest(
    connection: Connection, building: str, lasts: timedelta, now: datetime, created_by: int | None
) -> str:
    """Makes a guest's link to a building (key) and returns its secret."""
    if not timedelta(0) < lasts <= LONGEST_GUEST:
        raise UsageError(_("Ein Gastlink gilt höchstens {n} Tage.").format(n=LONGEST_GUEST.days))
    if not _sql.is_building(connection, building=building):
        raise NotFound(_("Dieses Gebäude gibt es nicht."))
    return _create(connection, Purpose.GUEST, now, lasts, None, building, None, created_by)


def find(
    connection: Connection, secret: str, purposes: Collection[Purpose], now: datetime
) -> Link | None:
    """The link of this secret, None where it does not count (any more)."""
    wanted = [purpose.value for purpose in purposes]
    row = _sql.find(connection, hash=token_hash(secret), purposes=wanted, now=now)
    if row is None:
        return None
    number, purpose, *rest = row
    return Link(number, Purpose(purpose), *rest)


def building_key(connection: Connection, link: Link) -> str:
    """The building (key) a guest's link leads to."""
    return str(_sql.building_key(connection, id=link.id))


def building_name(connection: Connection, link: Link) -> str:
    """What the building is called that a guest's link leads to."""
    return str(_sql.building_name(connection, id=link.id))


def use(connection: Connection, link: Link, now: datetime) -> bool:
    """Uses a link up; False where somebody else was faster."""
    return bool(_sql.use(connection, id=link.id, now=now))


def withdraw(connection: Connection, account: int, now: datetime) -> None:
    """Password links sent earlier count no more."""
    wanted = [purpose.value for purpose in PASSWORD_LINKS]
    _sql.withdraw(connection, account=account, purposes=wanted, now=now)


def guests(
    connection: Connection, municipalities: Collection[int], now: datetime
) -> tuple[GuestLink, ...]:
    """Guests' links that count into these municipalities (ids), those that end first, first."""
    rows = _sql.guests(connection, municipalities=[*municipalities], now=now)
    return tuple(GuestLink(*row) for row in rows)


def end_guest(
    connection: Connection, link: int, municipalities: Collection[int], now: datetime
) -> bool:
    """Ends a guest's link and the sessions it began; False where there was none to end."""
    ended = _sql.end_guest(connection, id=link, municipalities=[*municipalities], now=now)
    return bool(ended)


def _create(
    connection: Connection,
    purpose: Purpose,
    now: datetime,
    lasts: timedelta,
    account: int | None,
    building: str | None,
    detail: str | None,
    created_by: int | None,
) -> str:
    secret = new_token()
    _sql.create(
        connection, hash=token_hash(secret), purpose=purpose.value, account=account,
        building=building, detail=detail, created_by=created_by, now=now, expires=now + lasts,
    )  # fmt: skip
    return secret
