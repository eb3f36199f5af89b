"""Sessions: who is signed in where. A browser holds the token, we hold its hash."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from gebaeude.access.person import Person
from gebaeude.access.places import Place
from gebaeude.access.roles import idle_limit, longest_session
from gebaeude.access.secrets import new_token, token_hash
from gebaeude.store.accounts import memberships
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

TOUCH_EVERY = timedelta(minutes=1)  # a session is written at most this often
REMEMBER = timedelta(days=90)  # how long a browser is known, and a session kept
AGENT_LIMIT = 300  # characters

_sql = queries(__file__)


class Strength(StrEnum):
    """How somebody has proved who they are."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"
    OIDC = "oidc"
    DEMO = "demo"
    LINK = "link"


class Session(msgspec.Struct, frozen=True):
    """A session that counts, and whose it is."""

    id: int
    strength: Strength
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    person: Person


class Ended(msgspec.Struct, frozen=True):
    """A session that counts no more, as long as it is kept."""

    email: str | None  # whose; None: a guest's
    origin: str
    expires_at: datetime
    revoked_at: datetime | None

    def has_expired(self, now: datetime) -> bool:
        """Whether nothing but time has ended it."""
        return self.revoked_at is None and self.expires_at <= now


class SessionView(msgspec.Struct, frozen=True):
    """A session as its owner sees it."""

    id: int
    strength: Strength
    origin: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def start(
    connection: Connection,
    *,
    strength: Strength,
    origin: str,
    agent: str,
    now: datetime,
    account: int | None = None,
    guest_link: int | None = None,
    browser: bytes | None = None,
    told: bool = False,
) -> str:
    """Begins a session of an account or a guest and returns its token, which is kept nowhere.

    told: the owner of the account gets a mail about it.
    """
    token = new_token()
    # How long it lasts follows from the roles, which reading it back tells.
    _sql.start(
        connection, hash=token_hash(token), account=account, guest_link=guest_link,
        strength=strength.value, browser=browser, origin=origin, agent=agent[:AGENT_LIMIT],
        now=now, expires=now + TOUCH_EVERY, told=told,
    )  # fmt: skip
    begun = find(connection, token, now)
    if begun is not None:  # else disabled meanwhile
        touch(connection, begun, now)
    return token


def find(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of this token with its person, None where it does not count (any more)."""
    row = _sql.find(connection, hash=token_hash(token), now=now)
    if row is None:
        return None
    number, strength, created, seen, expires, account, email, name, technician, building, held = row
    person = Person(
        account=account,
        email=email or "",
        name=name or _("Gast"),
        memberships=memberships(held),
        technician=technician,
        building=building,
        session=number,
        demo=strength == Strength.DEMO,
    )
    return Session(number, Strength(strength), created, seen, expires, person)


def ended(connection: Connection, token: str) -> Ended | None:
    """The session of a token that `find` does not find; None where there never was one."""
    row = _sql.ended(connection, hash=token_hash(token))
    return None if row is None else Ended(*row)


def is_to_touch(session: Session, now: datetime) -> bool:
    """Whether it is time to note that somebody is still there."""
    return now - session.seen_at >= TOUCH_EVERY


def touch(connection: Connection, session: Session, now: datetime) -> None:
    """Notes that somebody is still there: the session lasts longer, up to its longest."""
    roles = session.person.roles
    expires = min(now + idle_limit(roles), session.created_at + longest_session(roles))
    _sql.touch(connection, id=session.id, now=now, expires=expires)


def listed(connection: Connection, account: int, now: datetime) -> tuple[SessionView, ...]:
    """Sessions of an account that count, last used first."""
    rows = _sql.sessions(connection, account=account, now=now)
    return tuple(SessionView(number, Strength(how), *rest) for number, how, *rest in rows)


def revoke(connection: Connection, session: int, now: datetime, account: int | None = None) -> bool:
    """Ends a session, with `account` only if it is theirs; False where there was none to end."""
    return bool(_sql.revoke(connection, id=session, account=account, now=now))


def revoke_all(connection: Connection, account: int, now: datetime, but: int | None = None) -> int:
    """Ends all sessions of an account, except the one of id `but`; returns how many."""
    return int(_sql.revoke_all(connection, account=account, but=but, now=now))


def is_known(connection: Connection, account: int, browser: bytes, now: datetime) -> bool:
    """Whether this browser has signed in to the account in the last 90 days."""
    found = _sql.is_known(connection, account=account, browser=browser, since=now - REMEMBER)
    return bool(found)


def places(connection: Connection, account: int, now: datetime) -> tuple[Place, ...]:
    """Where sessions of an account have begun in the last 90 days."""
    rows = _sql.places(connection, account=account, since=now - REMEMBER)
    return tuple(Place(*row) for row in rows)


def told(connection: Connection, account: int, since: datetime) -> int:
    """Of how many sessions the owner of an account was told by mail since then."""
    return int(_sql.told(connection, account=account, since=since))
