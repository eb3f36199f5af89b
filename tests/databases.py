"""Databases of the tests' own, cloned from a template; addresses as the processes have them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit, urlunsplit

from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from gebaeude.store.database import Pool, connect

_number = count(1)


@contextmanager
def database(server_url: str, template: str = "") -> Iterator[str]:
    """The address of a new database on the server, a copy of the one at `template` if given."""
    name = f"test_{os.getpid()}_{next(_number)}"
    # Copying files does not go through the server's cache, which has to be searched and emptied.
    copy = SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(Identifier(urlsplit(template).path[1:]))
    create = SQL("CREATE DATABASE {}").format(Identifier(name)) + (copy if template else SQL(""))
    with connect(server_url, name="test-admin", autocommit=True) as admin:
        admin.execute(create)
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        with connect(server_url, name="test-admin", autocommit=True) as admin:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def as_web(url: str) -> str:
    """The address as the web process has it: of the role that the municipalities bind."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"gebaeude_web_tests:not-a-secret@{host}"))


def no_pool() -> Pool:
    """A pool that is never opened, for what only looks at how things are put together."""
    return ConnectionPool("postgresql://127.0.0.1/nothing", open=False)
