"""Which schema this code expects, and whether a database has it; `migrate` brings it there.

Apart from `migrate`, because every process asks at its start and only one needs what migrates.
"""

from __future__ import annotations

from pathlib import Path

from gebaeude.store.database import Connection, queries

MIGRATIONS = Path(__file__).parent / "migrations"

_sql = queries(__file__)


def head() -> str:
    """The name of the newest migration."""
    return max(path.stem for path in MIGRATIONS.glob("*.sql"))


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema that this code expects, the job queue's included."""
    return bool(_sql.has_tables(connection)) and _sql.version(connection) == head()
