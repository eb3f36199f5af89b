"""The one seam to TimescaleDB: which edition the server runs, and what follows from it.

Apache edition (Debian): hypertables and chunks. Community edition: columnstore compression by
policy on top. Nothing outside this module knows the difference.
"""

from __future__ import annotations

from typing import LiteralString

from gebaeude.errors import ServiceMissing
from gebaeude.store.database import Connection, queries
from gebaeude.text import _

_sql = queries(__file__)

COMMUNITY = "timescale"
APACHE = "apache"


def edition(connection: Connection) -> str:
    """`timescale` (Community) or `apache`; ServiceMissing where the extension is not to be had."""
    if not _sql.extension_available(connection):
        raise ServiceMissing(
            _("Dem Datenbankserver fehlt die Erweiterung TimescaleDB (shared_preload_libraries).")
        )
    return str(_sql.license(connection) or APACHE)


def install(connection: Connection) -> None:
    """The extension in this database; twice is once."""
    _sql.create_extension(connection)


def set_up(connection: Connection) -> None:
    """`reading` as hypertable, with compression where the edition has it; twice is once."""
    _sql.make_hypertable(connection)
    for statement in compression(edition(connection)):
        connection.execute(statement)


def compression(of: str) -> list[LiteralString]:
    """The statements that turn compression on in this edition; none in the Apache edition.

    Each can be run again. Source: TimescaleDB documentation, ALTER TABLE (compression) and
    add_compression_policy, valid for 2.11 and later.
    """
    if of != COMMUNITY:
        return []
    return [
        "ALTER TABLE reading SET (timescaledb.compress,"
        " timescaledb.compress_segmentby = 'point_id', timescaledb.compress_orderby = 'time DESC')",
        "SELECT add_compression_policy('reading', INTERVAL '90 days', if_not_exists => true)",
    ]
