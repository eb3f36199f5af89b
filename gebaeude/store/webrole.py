"""The role that the web process connects as: what it may do, and that it is nothing more.

The group `gebaeude_web` belongs to the whole server, its rights to one database. The login role
that `web_database_url` names is a member of it.
"""

from __future__ import annotations

import logging

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

log = logging.getLogger(__name__)

GROUP = "gebaeude_web"
SEARCH_PATH = "scope,public"  # the views of `scope` stand in front of the tables of that name

# Roles belong to all databases of a server, and no lock spans those. The last is what PostgreSQL
# says of two that change one at the same time.
_OVERTAKEN = (
    psycopg.errors.DuplicateObject,
    psycopg.errors.UniqueViolation,
    psycopg.errors.InternalError_,
)
_sql = queries(__file__)


def ensure_group(connection: Connection) -> None:
    """The group role; twice is once, also for databases of one server that do so together.

    Raises ServiceMissing with what an administrator must do, where we may not.
    """
    if _sql.group_exists(connection):
        return
    try:
        with connection.transaction():
            _sql.create_group(connection)
    except _OVERTAKEN:
        log.debug("another database made the role %s at the same time", GROUP)
    except psycopg.errors.InsufficientPrivilege:
        raise ServiceMissing(_must_do(f"CREATE ROLE {GROUP} NOLOGIN;")) from None


def grant(connection: Connection) -> None:
    """Exactly the rights of the group in this database, whatever it had before."""
    with connection.transaction():
        _sql.revoke_everything(connection)
        connection.execute(
            sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                sql.Identifier(connection.info.dbname)
            )
        )
        _sql.grant_rights(connection)


def ensure_login(connection: Connection, web_url: str, *, tries: int = 10) -> None:
    """The login role of this address, with its password and in the group.

    Other databases of the server may do the same at this moment. Raises SettingsError where it
    cannot be the one, ServiceMissing with what an administrator must do, where we may not.
    """
    name, password = _credentials(web_url)
    if name == connection.info.user:
        raise SettingsError(
            _(
                "Einstellung GEBAEUDE_WEB_DATABASE_URL: {name} ist schon die Rolle, der die "
                "Tabellen gehören; das Dashboard braucht eine eigene."
            ).format(name=name)
        )
    known = _sql.login(connection, name=name)
    try:
        with connection.transaction():
            for statement in _statements(connection, name, password, exists=known is not None):
                connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        if known is None or not known[2]:
            told = f"CREATE ROLE {name} LOGIN PASSWORD '…' IN ROLE {GROUP};"
            raise ServiceMissing(_must_do(told)) from None
        log.info("may not set the password of %s; it stays as it is", name)
    except _OVERTAKEN:
        if not tries:
            raise
        ensure_login(connection, web_url, tries=tries - 1)


def is_bound(connection: Connection) -> bool:
    """Whether row level security binds this connection."""
    _name, is_free, is_owner = _sql.role(connection)
    return not (is_free or is_owner)


def refuse_unbound(connection: Connection) -> None:
    """Raises SettingsError where row level security does not bind this connection."""
    name = connection.info.user
    if not is_bound(connection):
        raise SettingsError(
            _(
                "Einstellung GEBAEUDE_WEB_DATABASE_URL: Die Rolle {name} ist nicht an die Trennung "
                "der Kommunen gebunden; das Dashboard braucht eine, die nur zu {group} gehört "
                "(gebaeude migrate legt sie an)."
            ).format(name=name, group=GROUP)
        )


def _credentials(web_url: str) -> tuple[str, str]:
    told = conninfo_to_dict(web_url)
    name, password = told.get("user"), told.get("password")
    if not name or not password:
        raise SettingsError(
            _("Einstellung GEBAEUDE_WEB_DATABASE_URL: Benutzer oder Passwort fehlt.")
        )
    return str(name), str(password)


def _statements(
    connection: Connection, name: str, password: str, *, exists: bool
) -> list[sql.Composed]:
    """What makes the role; the server gets a verifier, so that its log has no password."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    verb = sql.SQL("ALTER" if exists else "CREATE")
    role, group = sql.Identifier(name), sql.Identifier(GROUP)
    return [
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, sql.Literal(verifier)),
        sql.SQL("GRANT {} TO {}").format(group, role),
    ]


def _must_do(statement: str) -> str:
    return _(
        "Wir dürfen auf dem Datenbankserver keine Rollen anlegen. Bitte als dessen Verwalter "
        "ausführen und noch einmal migrieren: {statement}"
    ).format(statement=statement)
