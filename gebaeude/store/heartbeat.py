"""Which processes are alive: each writes its row every few seconds, and others read its age."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

EVERY_S = 5.0  # how often a process writes its row
DEAD_AFTER_S = 20.0  # a row older than this: the process is not there


@dataclass(frozen=True)
class Heartbeat:
    """The last sign of life of a process."""

    process: str  # 'ingest', 'worker', 'web'; of several ingests 'ingest-<name>'
    at: datetime  # by the database's clock
    age_s: float
    detail: dict[str, Any]

    @property
    def alive(self) -> bool:
        return self.age_s <= DEAD_AFTER_S


def beat(connection: Connection, process: str, detail: dict[str, Any] | None = None) -> None:
    """Marks the process as alive now."""
    _sql.beat(connection, process=process, detail=json.dumps(detail or {}))


def heartbeats(connection: Connection) -> dict[str, Heartbeat]:
    """The last sign of life of each process that ever gave one, by name."""
    return {row[0]: Heartbeat(*row) for row in _sql.heartbeats(connection)}


def forget(connection: Connection, process: str) -> None:
    """Forgets a process that has ended for good."""
    _sql.forget(connection, process=process)
