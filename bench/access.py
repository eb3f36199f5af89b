"""A token for whoever asks the API in a measurement or a test."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from gebaeude.access.roles import Right, Role
from gebaeude.demo import people
from gebaeude.signin.cookies import SESSION
from gebaeude.store import accounts, sessions, webrole
from gebaeude.store.database import connect
from gebaeude.store.sessions import Strength


def token(url: str) -> str:
    """Of an administrator of every municipality the database has now."""
    return people.token(url, frozenset(Right), Role.ADMINISTRATOR)


def headers(url: str) -> dict[str, str]:
    """The same as a header to send."""
    return {"Authorization": f"Bearer {token(url)}"}


def as_web(url: str) -> str:
    """The same database as the web process connects to it, by a role that is made for it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bound = urlunsplit(parts._replace(netloc=f"gebaeude_web_bench:not-a-secret@{host}"))
    with connect(url, name=people.NAME) as connection:
        webrole.ensure_group(connection)
        webrole.ensure_login(connection, bound)
    return bound


def cookie(url: str, technician: str | None = None) -> tuple[str, str]:
    """Name and value of what a browser keeps that has signed in as the same, by plain http.

    technician: key of whom of the team it is.
    """
    token(url)
    with connect(url, name=people.NAME) as connection:
        account = accounts.id_of(connection, people.PROGRAM)
        if account is not None and technician:
            accounts.set_technician(connection, account, technician)
        begun = sessions.start(
            connection,
            account=account,
            strength=Strength.SECOND_FACTOR,
            origin="127.0.0.1",
            agent="test",
            now=datetime.now(UTC),
        )
    return SESSION, begun
