"""Brings a database to the present schema: the .sql files of migrations/, in order, by Alembic.

Each file runs in one transaction together with its mark, so that a crash leaves all of it or
nothing. Two that migrate at once wait for each other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from procrastinate.schema import SchemaManager

from gebaeude.store import schema, timescale, webrole
from gebaeude.store.database import Connection, connect, queries

log = logging.getLogger(__name__)

_sql = queries(__file__)


class SqlScripts(ScriptDirectory):
    """Revisions that are plain .sql files, each following the one before it by name."""

    def _load_revisions(self) -> Iterator[Script]:
        previous: str | None = None
        for path in sorted(schema.MIGRATIONS.glob("*.sql")):
            module = ModuleType(path.stem)
            module.__dict__.update(down_revision=previous, upgrade=_runner(path))
            yield Script(module, path.stem, path)
            previous = path.stem


def migrate(url: str, web_url: str = "") -> list[str]:
    """Applies what is missing and returns its names; on a present database, nothing.

    web_url: the web process's own address of the same database, whose role is made or brought up
    to date; without one only the group that such a role belongs to. Raises ServiceMissing where
    the server lacks TimescaleDB or the role and we may not make it, SettingsError where web_url
    cannot be used, psycopg.OperationalError where the server does not answer.
    """
    with connect(url, name="gebaeude-migrate", autocommit=True) as connection:
        _sql.take_lock(connection)
        timescale.edition(connection)
        webrole.ensure_group(connection)
        timescale.install(connection)
        done = _apply_files(url)
        done += _apply_job_tables(connection)
        timescale.set_up(connection)
        webrole.grant(connection)
        if web_url:
            webrole.ensure_login(connection, web_url)
    for name in done:
        log.info("applied migration %s", name)
    return done


def _runner(path: Path) -> Callable[[], None]:
    def upgrade() -> None:
        # Without parameters the driver takes several statements at once, and leaves % alone.
        bind = op.get_bind().execution_options(no_parameters=True)
        bind.exec_driver_sql(path.read_text(encoding="utf-8"))

    return upgrade


def _apply_files(url: str) -> list[str]:
    config = Config()
    scripts = SqlScripts(str(schema.MIGRATIONS))
    applied: list[str] = []

    def steps(revision: Any, context: Any) -> Any:
        todo = scripts._upgrade_revs("head", revision)
        applied.extend(step.revision.revision for step in todo)
        return todo

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: connect(url, name="gebaeude-migrate")
    )
    try:
        with (
            engine.connect() as connection,
            EnvironmentContext(config, scripts, fn=steps, destination_rev="head") as environment,
        ):
            environment.configure(connection=connection, transaction_per_migration=True)
            with environment.begin_transaction():
                environment.run_migrations()
    finally:
        engine.dispose()
    return applied


def _apply_job_tables(connection: Connection) -> list[str]:
    """The job queue's own tables, from the library that uses them."""
    if _sql.has_job_tables(connection):
        return []
    with connection.transaction():
        connection.execute(SchemaManager.get_schema())
    return ["jobs"]
