"""The people of the example, and a token for the demo's own questions.

Nobody has a password: in a demo one click is enough, and elsewhere nobody can sign in as them.
Where a database has accounts of its own, nothing is added to it, and there is no such click.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gebaeude.access.examples import DOMAIN, EXAMPLES, Example
from gebaeude.access.roles import Right, Role
from gebaeude.store import accounts, tokens
from gebaeude.store.database import Connection, connect

NAME = "gebaeude-demo"
PROGRAM = f"programm@{DOMAIN}"
TOKEN_LASTS = timedelta(hours=1)


def prepare(url: str) -> bool:
    """Makes the example's people, each once; False where the database has real ones."""
    now = datetime.now(UTC)
    with connect(url, name=NAME) as connection:
        known = {one.email for one in accounts.listed(connection)}
        if any(not email.endswith(f"@{DOMAIN}") for email in known):
            return False
        places = [key for _id, key, _name in accounts.municipalities(connection)]
        for example in EXAMPLES:
            if example.email not in known:
                _add(connection, example, places, now)
    return True


def token(url: str, scopes: frozenset[Right], role: Role = Role.READER) -> str:
    """A token for an hour, of an account for programs that nobody can sign in to."""
    now = datetime.now(UTC)
    with connect(url, name=NAME) as connection:
        account = accounts.id_of(connection, PROGRAM)
        if account is None:
            account = accounts.add(connection, PROGRAM, "Programm", now)
        for _id, key, _name in accounts.municipalities(connection):
            accounts.give_role(connection, account, key, role)
        return tokens.create(connection, account, NAME, scopes, now=now, lasts=TOKEN_LASTS)


def _add(connection: Connection, example: Example, places: list[str], now: datetime) -> None:
    account = accounts.add(
        connection, example.email, example.name, now, technician=example.technician
    )
    for key in places if example.everywhere else places[:1]:
        accounts.give_role(connection, account, key, example.role)
