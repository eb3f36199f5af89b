"""The one place from which sign-ins, refusals and changes go to the audit."""

from __future__ import annotations

import logging

from gebaeude.access.person import Person
from gebaeude.store.database import Connection

log = logging.getLogger(__name__)

NOBODY = Person(None, "", "", ())


def note(
    connection: Connection, person: Person | None, action: str, subject: str, **detail: str
) -> None:
    """Keeps that somebody did something; never a password, a code or a token."""
    who = person or NOBODY
    log.info(
        "%s %s %s", action, subject, detail,
        extra={"account": who.account, "origin": who.origin},
    )  # fmt: skip
