"""The one place from which sign-ins, refusals and changes go to the audit."""

from __future__ import annotations

from typing import Any

from gebaeude.access.person import Person
from gebaeude.store import audit
from gebaeude.store.database import Connection

_AS = """
SELECT set_config('gebaeude.account', %s, true), set_config('gebaeude.actor', %s, true),
       set_config('gebaeude.origin', %s, true)
"""


def act_as(connection: Connection, person: Person) -> None:
    """What follows in this transaction is in the name of this person, who has just come in."""
    account = "" if person.account is None else str(person.account)
    connection.execute(_AS, [account, person.name, person.origin])


def note(
    connection: Connection, action: str, subject: str, *, building: int | None = None, **detail: Any
) -> None:
    """Keeps that somebody did something, in the name of whom the connection is.

    subject: table/key. detail: what else there is to say, without what is None. Never a password,
    a code or a token, nor what strangers have typed.
    """
    told = {name: value for name, value in detail.items() if value is not None}
    audit.note(connection, action, subject, told, building=building)
