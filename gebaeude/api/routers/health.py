"""Health: `live` says that this process answers, `ready` that it can do its work."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from gebaeude.api.parameters import Pooled
from gebaeude.api.problems import DETAILS, NOT_MIGRATED, respond
from gebaeude.api.schemas import Live, Process, Ready
from gebaeude.store.database import LOST, Pool
from gebaeude.store.heartbeat import heartbeats
from gebaeude.store.schema import is_current
from gebaeude.store.scope import unscoped
from gebaeude.text import _

router = APIRouter(prefix="/health", tags=["Operation"])

PATIENCE_S = 2.0  # for the database


@router.get("/live", response_model=Live, summary="Is the process up?")
def live() -> Any:
    """Answers as long as the process does, with or without a database. For restarting it."""
    return Live(status="ok")


@router.get("/ready", response_model=Ready, summary="Can it do its work?")
def ready(request: Request, pool: Pooled) -> Any:
    """200 where the database answers and has the schema this version expects, else 503.

    The other processes' signs of life are told and do not decide: the stored data can be read
    without them. For sending requests here or elsewhere.
    """
    state = check(pool)
    if state.status == "ready":
        return state
    detail = _(NOT_MIGRATED) if state.database else _(DETAILS[503])
    return respond(503, detail, request.url.path, **state.model_dump(exclude={"status"}))


def check(pool: Pool) -> Ready:
    """What the database says, asked now."""
    try:
        with unscoped(pool, PATIENCE_S) as connection:
            migrated = is_current(connection)
            signs = heartbeats(connection) if migrated else {}
    except LOST:
        return Ready(status="not_ready", database=False, migrated=False, processes=[])
    return Ready(
        status="ready" if migrated else "not_ready",
        database=True,
        migrated=migrated,
        processes=[
            Process(process=sign.process, alive=sign.alive, age_s=round(sign.age_s, 1))
            for _name, sign in sorted(signs.items())
        ],
    )
