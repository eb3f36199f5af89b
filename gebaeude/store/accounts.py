"""Accounts: who can sign in, how they prove it, and their roles.

Each function is part of the caller's transaction. Errors are NotFound, Conflict and UsageError,
each with a sentence for the person. Who may do this to whom is the caller's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from gebaeude.access.person import Membership
from gebaeude.access.roles import Role
from gebaeude.access.secrets import is_recovery
from gebaeude.errors import Conflict, NotFound, UsageError
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

NAME_LIMIT = 200  # characters of a person's name
EMAIL_LIMIT = 254  # characters of an address (RFC 5321)

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_sql = queries(__file__)


class Account(msgspec.Struct, frozen=True):
    """One account as lists show it."""

    id: int
    email: str
    name: str
    technician: str | None  # key, where they are one of the team's
    has_password: bool
    has_second_factor: bool
    signs_in_elsewhere: bool  # has come through OpenID Connect
    created_at: datetime
    disabled_at: datetime | None
    memberships: tuple[Membership, ...]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(one.role for one in self.memberships)


class Secrets(msgspec.Struct, frozen=True):
    """What proves who somebody is; never to be shown or logged."""

    id: int
    email: str
    password_hash: str | None
    totp_secret: str | None  # encrypted; see gebaeude.access.sealed
    totp_last: int
    is_disabled: bool


def add(
    connection: Connection, email: str, name: str, now: datetime, technician: str | None = None
) -> int:
    """Makes an account without a password and returns its id; Conflict where the address is taken.

    Without `technician` (key), whoever of the team has this address is it.
    """
    email, name = _checked_email(email), _checked_name(name)
    key = technician or _sql.technician_of(connection, email=email)
    added: int | None = _sql.add(connection, email=email, name=name, technician=key, now=now)
    if added is None:
        raise Conflict(_("Für {email} gibt es schon ein Konto.").format(email=email))
    return added


def one(connection: Connection, account: int) -> Account:
    """The account; NotFound where there is none."""
    for found in _accounts(connection, ids=[account]):
        return found
    raise NotFound(_("Dieses Konto gibt es nicht."))


def by_email(connection: Connection, email: str) -> Account:
    """The account of this address, whatever its capitals; NotFound where there is none."""
    found = id_of(connection, email)
    if found is None:
        raise NotFound(_("Ein Konto {email} gibt es nicht.").format(email=email))
    return one(connection, found)


def id_of(connection: Connection, email: str) -> int | None:
    """Whose address this is, None where nobody's is."""
    if "\x00" in email:
        return None
    found: int | None = _sql.id_of(connection, email=email.strip())
    return found


def listed(
    connection: Connection, municipalities: Collection[int] | None = None
) -> tuple[Account, ...]:
    """Accounts by name; with `municipalities` (ids), those with a role in one of them."""
    return _accounts(
        connection, municipalities=None if municipalities is None else [*municipalities]
    )


def are_there_any(connection: Connection) -> bool:
    """Whether anybody at all has an account."""
    return bool(_sql.are_there_any(connection))


def secrets(connection: Connection, account: int | None) -> Secrets | None:
    """What proves who they are; None for nobody."""
    row = None if account is None else _sql.secrets(connection, id=account)
    return None if row is None else Secrets(*row)


def set_password(connection: Connection, account: int, password_hash: str) -> None:
    """Keeps another password; sessions are the caller's business."""
    _sql.set_password(connection, id=account, hash=password_hash)


def rename(connection: Connection, account: int, name: str) -> None:
    """Keeps another name."""
    _sql.rename(connection, id=account, name=_checked_name(name))


def set_second_factor(
    connection: Connection, account: int, secret: str, step: int, codes: Sequence[bytes]
) -> None:
    """Keeps a second factor (encrypted), proved by the code of `step`, with the hashes of recovery
    codes."""
    _sql.set_totp(connection, id=account, secret=secret, step=step)
    set_recovery_codes(connection, account, codes)


def reseal(connection: Connection, account: int, sealed: str) -> None:
    """Keeps the same second factor, encrypted anew."""
    _sql.reseal(connection, id=account, sealed=sealed)


def second_factors(connection: Connection) -> tuple[tuple[int, str], ...]:
    """(id, secret as it is kept) of every account with a second factor."""
    return tuple(_sql.second_factors(connection))


def set_recovery_codes(connection: Connection, account: int, codes: Sequence[bytes]) -> None:
    """Keeps these hashes and forgets all earlier ones."""
    _sql.drop_recovery(connection, id=account)
    _sql.add_recovery(connection, id=account, hashes=[*codes])


def drop_second_factor(connection: Connection, account: int) -> None:
    """Forgets the second factor and its recovery codes."""
    _sql.set_totp(connection, id=account, secret=None, step=0)
    _sql.drop_recovery(connection, id=account)


def take_code(connection: Connection, account: int, step: int) -> bool:
    """Uses the code of a half minute up; False where it was used before."""
    return bool(_sql.take_totp(connection, id=account, step=step))


def take_recovery_code(connection: Connection, account: int, code: str, now: datetime) -> bool:
    """Uses a recovery code up; False where it is wrong or was used before."""
    for (kept,) in _sql.recovery(connection, id=account):
        if is_recovery(account, code, kept):
            return bool(_sql.take_recovery(connection, id=account, hash=kept, now=now))
    return False


def recovery_codes_left(connection: Connection, account: int) -> int:
    """How many recovery codes are still good."""
    return int(_sql.recovery_left(connection, id=account))


def disable(connection: Connection, account: int, now: datetime) -> None:
    """Nobody signs in to it any more; its sessions and tokens count no more, at once."""
    _sql.set_disabled(connection, id=account, at=now)


def enable(connection: Connection, account: int) -> None:
    """It can be signed in to again."""
    _sql.set_disabled(connection, id=account, at=None)


def give_role(connection: Connection, account: int, municipality: str, role: Role) -> None:
    """Gives the one role in a municipality (key); NotFound where there is no such one."""
    if role is Role.GUEST:
        raise UsageError(_("Gäste haben kein Konto, sondern einen Link zu einem Gebäude."))
    if not _sql.give_role(connection, id=account, municipality=municipality, role=role.value):
        raise NotFound(_("Eine Kommune {key} gibt es nicht.").format(key=municipality))


def take_role(connection: Connection, account: int, municipality: str) -> None:
    """Takes the role in a municipality (key) away."""
    _sql.take_role(connection, id=account, municipality=municipality)


def set_technician(connection: Connection, account: int, technician: str | None) -> None:
    """Says which of the team they are (key)."""
    _sql.set_technician(connection, id=account, technician=technician)


def administrators(connection: Connection, municipality: int) -> int:
    """How many people can administer a municipality (id)."""
    return int(_sql.administrators(connection, municipality=municipality))


def municipalities(connection: Connection) -> tuple[tuple[int, str, str], ...]:
    """(id, key, name) of every municipality, by name."""
    return tuple(_sql.municipalities(connection))


def id_of_subject(connection: Connection, issuer: str, subject: str) -> int | None:
    """Whose account somebody known elsewhere has used before."""
    found: int | None = _sql.id_of_subject(connection, issuer=issuer, subject=subject)
    return found


def bind_subject(connection: Connection, account: int, issuer: str, subject: str) -> bool:
    """Ties an account to who they are elsewhere; False where that issuer has tied it already."""
    return bool(_sql.bind_subject(connection, id=account, issuer=issuer, subject=subject))


def unbind_subject(connection: Connection, account: int) -> None:
    """Forgets who they are elsewhere; their verified address ties the account again."""
    _sql.unbind_subject(connection, id=account)


def memberships(held: Sequence[Sequence[object]]) -> tuple[Membership, ...]:
    """Roles as the queries bring them: [id, key, name, role] each."""
    return msgspec.convert(
        [dict(zip(Membership.__struct_fields__, one, strict=True)) for one in held],
        tuple[Membership, ...],
    )


def _accounts(
    connection: Connection,
    ids: list[int] | None = None,
    municipalities: list[int] | None = None,
) -> tuple[Account, ...]:
    rows = _sql.accounts(connection, ids=ids, municipalities=municipalities)
    return tuple(Account(*[*told, memberships(held)]) for *told, held in rows)


def _checked_email(email: str) -> str:
    email = email.strip()
    if len(email) > EMAIL_LIMIT or not _EMAIL.fullmatch(email):
        raise UsageError(_("„{text}“ ist keine E-Mail-Adresse.").format(text=email[:60]))
    return email


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT or _CONTROL.search(name):
        text = _("Ein Name hat 1 bis {n} Zeichen.")
        raise UsageError(text.format(n=NAME_LIMIT))
    return name
