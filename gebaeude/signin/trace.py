"""The one place from which sign-ins, refusals and changes go to the audit."""

from __future__ import annotations

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


def note(connection: Connection, action: str, subject: str, **detail: str) -> None:
    """Keeps that somebody did something, in the name of whom the connection is.

    subject: table/key. Never a password, a code or a token, nor what strangers have typed.
    """
    audit.note(connection, action, subject, dict(detail))
