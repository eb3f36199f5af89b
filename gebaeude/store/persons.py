"""Who somebody is in all tables, and removing them from there (Art. 17 DSGVO).

What they did stays, under a pseudonym that leads nowhere: „ehemalige Person 7“. A hash of their
key and addresses is kept, so that a portfolio file does not bring them back unnoticed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

import msgspec
import psycopg

from gebaeude.access.mentions import expression
from gebaeude.access.roles import Role
from gebaeude.errors import Conflict, NotFound
from gebaeude.maintenance.wording import ACTORS
from gebaeude.model import TicketState
from gebaeude.portfolio.records import Technician
from gebaeude.store import accounts, audit, dispatch, retention
from gebaeude.store.database import Connection, queries
from gebaeude.text import N_, _

_sql = queries(__file__)

PSEUDONYM = N_("ehemalige Person {n}")

# What is removed where, in the words of the summary.
CLEANED: dict[str, str] = {
    "clean_mails": N_("Mails"),
    "clean_tickets": N_("Texte von Aufträgen"),
    "clean_ticket_events": N_("Zeilen im Verlauf von Aufträgen"),
    "clean_device_events": N_("Zeilen im Verlauf von Geräten"),
    "clean_links": N_("Links anderer"),
}
DROPPED: dict[str, str] = {
    "drop_sessions": N_("Sitzungen"),
    "drop_tokens": N_("Zugriffsschlüssel"),
    "drop_links": N_("eigene Links"),
}


class Somebody(msgspec.Struct, frozen=True):
    """One person: their rows, and everything texts may call them by."""

    account: int | None  # id
    technician: int | None  # id
    key: str | None  # of the technician
    names: tuple[str, ...]
    emails: tuple[str, ...]  # in lower case
    phones: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """A regular expression for texts that name them."""
        return expression(self.names, self.emails, self.phones)


class Erased(msgspec.Struct, frozen=True):
    """What was removed of somebody."""

    pseudonym: str
    counts: dict[str, int]  # what, in words → how many
    handed_back: tuple[str, ...]  # numbers of tickets that were open
    shared: tuple[str, ...]  # what others are called by as well, and stays in texts
    portfolio: tuple[str, ...]  # places that name them still


def find(connection: Connection, of: str) -> Somebody:
    """Whose address or key this is; NotFound, and Conflict where it is several people's."""
    text = of.strip()
    team = list(_sql.technicians(connection, text=text))
    emails = {text.lower(), *(row[3].lower() for row in team)}
    found = list(_sql.accounts(connection, emails=[*emails], technicians=[row[0] for row in team]))
    if len(team) > 1 or len(found) > 1:
        several = _("„{text}“ gehört mehreren Personen; bitte das Kürzel oder die andere Adresse.")
        raise Conflict(several.format(text=text))
    if not team and not found:
        raise NotFound(_("„{text}“ ist niemandes Adresse oder Kürzel.").format(text=text))
    return Somebody(
        account=found[0][0] if found else None,
        technician=team[0][0] if team else None,
        key=team[0][1] if team else None,
        names=_distinct([row[1] for row in found] + [row[2] for row in team]),
        emails=_distinct([row[2].lower() for row in found] + [row[3].lower() for row in team]),
        phones=_distinct(row[4] for row in team if row[4]),
    )


def erase(connection: Connection, of: str, now: datetime, *, dry_run: bool = False) -> Erased:
    """Removes a person everywhere, in one transaction; open tickets go to others.

    A second time, nothing is left to remove. dry_run: says what would be done. Raises NotFound and
    Conflict.
    """
    with connection.transaction() as transaction:
        dispatch.hold(connection)
        pseudonym = erased(connection, of)
        done = (
            Erased(pseudonym, {}, (), (), ())
            if pseudonym is not None and not _is_there(connection, of)
            else _erase(connection, find(connection, of), now)
        )
        if dry_run:
            raise psycopg.Rollback(transaction)
    return done


def erased(connection: Connection, *of: str) -> str | None:
    """The pseudonym of whoever had one of these keys or addresses before they were erased."""
    number = _erased(connection, of)
    return None if number is None else _(PSEUDONYM).format(n=number)


def readmit(connection: Connection, of: str) -> None:
    """Allows that somebody is named again; NotFound."""
    number = _erased(connection, [of])
    if number is None:
        raise NotFound(_("„{text}“ steht nicht auf der Sperrliste.").format(text=of.strip()))
    _sql.readmit(connection, id=number)


def refuse_erased(connection: Connection, team: Iterable[Technician]) -> None:
    """Conflict where the team names somebody who was erased."""
    for one in team:
        pseudonym = erased(connection, one.key, one.email)
        if pseudonym is not None:
            text = _(
                "Die Daten von {name} wurden gelöscht ({pseudonym}). Bitte aus der Datei nehmen; "
                "wenn die Person wieder dabei ist: gebaeude person readmit {key}"
            )
            raise Conflict(text.format(name=one.name, pseudonym=pseudonym, key=one.key))


def _is_there(connection: Connection, of: str) -> bool:
    try:
        find(connection, of)
    except NotFound:
        return False
    return True


def _erase(connection: Connection, who: Somebody, now: datetime) -> Erased:
    _refuse_last_administrator(connection, who)
    own, shared = _own(connection, who)
    counts: dict[str, int] = {}
    number = _remember(connection, who, now)
    pseudonym = _(PSEUDONYM).format(n=number)
    taken = _take_tickets(connection, who, pseudonym, now)
    portfolio = tuple(row[0] for row in _sql.portfolio(connection, pattern=own.pattern))
    _drop(connection, who, own, counts)
    # Mails first: one that is just being sent adds its line to the history before it lets go.
    for query, words in CLEANED.items():
        rows = getattr(_sql, query)(connection, pattern=own.pattern, new=pseudonym)
        counts[_(words)] = counts.get(_(words), 0) + rows
    tickets = [dispatch.lock(connection, one) for one in taken]  # as their texts are now
    for ticket in tickets:
        what = f"{ticket.building}: {ticket.title}"
        dispatch.assign(connection, ticket, what=what, actor=_(ACTORS["privacy"]), now=now)
    # The audit keeps what was there before, as long as it is kept; not what is removed here.
    retention.forget_traces(connection, now)
    audit.note(connection, "person.erased", f"person/{number}", counts)
    handed_back = tuple(ticket.number for ticket in tickets)
    return Erased(pseudonym, counts, handed_back, shared, portfolio)


def _drop(connection: Connection, who: Somebody, own: Somebody, counts: dict[str, int]) -> None:
    for query, words in DROPPED.items():
        counts[_(words)] = getattr(_sql, query)(connection, account=who.account)
    counts[_("Konto")] = _sql.drop_account(connection, id=who.account)
    counts[_("Eintrag im Team")] = _sql.drop_technician(connection, id=who.technician)
    counts[_("Mails")] = _sql.drop_waiting_mails(connection, emails=list(own.emails))


def _take_tickets(
    connection: Connection, who: Somebody, pseudonym: str, now: datetime
) -> list[int]:
    """Open tickets of theirs (ids), open again and nobody's; closed ones are nobody's either."""
    ids = [row[0] for row in _sql.open_tickets(connection, technician=who.technician)]
    why = _("{name} ist nicht mehr im Team; der Auftrag wird neu vergeben.")
    for ticket in ids:
        held = dispatch.lock(connection, ticket)
        text = why.format(name=pseudonym)
        if held.state is TicketState.OPEN:
            dispatch.add_event(
                connection, ticket, now, _(ACTORS["privacy"]), "comment", comment=text
            )
        else:
            dispatch.set_state(
                connection,
                ticket,
                TicketState.OPEN,
                actor=_(ACTORS["privacy"]),
                now=now,
                comment=text,
            )
    _sql.hand_back(connection, technician=who.technician)
    return ids


def _own(connection: Connection, who: Somebody) -> tuple[Somebody, tuple[str, ...]]:
    """What they alone are called by, and what others are called by as well."""
    others = list(_sql.others(connection, account=who.account, technician=who.technician))
    taken = [{row[part] for row in others} for part in range(3)]
    given = (who.names, who.emails, who.phones)
    names, emails, phones = (
        tuple(one for one in mine if one not in of) for mine, of in zip(given, taken, strict=True)
    )
    shared = tuple(one for mine, of in zip(given, taken, strict=True) for one in mine if one in of)
    return msgspec.structs.replace(who, names=names, emails=emails, phones=phones), shared


def _refuse_last_administrator(connection: Connection, who: Somebody) -> None:
    if who.account is None:
        return
    account = accounts.one(connection, who.account)
    for held in account.memberships:
        is_one = held.role is Role.ADMINISTRATOR and account.disabled_at is None
        if is_one and accounts.administrators(connection, held.municipality) == 1:
            text = _("Niemand sonst verwaltet {name}; bitte zuerst jemand anderem die Rolle geben.")
            raise Conflict(text.format(name=held.name))


def _remember(connection: Connection, who: Somebody, now: datetime) -> int:
    salt = secrets.token_bytes(16)
    known = [_hash(salt, one) for one in (who.key, *who.emails) if one]
    return int(_sql.remember(connection, now=now, salt=salt, hashes=known))


def _erased(connection: Connection, of: Iterable[str]) -> int | None:
    for number, salt, hashes in _sql.erased(connection):
        if {_hash(salt, one) for one in of} & {bytes(one) for one in hashes}:
            return int(number)
    return None


def _hash(salt: bytes, text: str) -> bytes:
    return hashlib.sha256(salt + text.strip().lower().encode()).digest()


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
