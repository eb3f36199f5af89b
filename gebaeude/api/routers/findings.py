"""Findings: what is wrong, or was."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from gebaeude.api.pages import following
from gebaeude.api.parameters import KEY, Before, Connected, Limit, Now
from gebaeude.api.schemas import FindingPage
from gebaeude.store import findings as store

router = APIRouter(prefix="/findings", tags=["Maintenance"])


@router.get("", response_model=FindingPage, summary="Findings")
def findings(
    request: Request,
    response: Response,
    connection: Connected,
    now: Now,
    open: Annotated[  # noqa: A002  the name in the address
        bool, Query(description="Only open ones.")
    ] = False,
    building: Annotated[
        str | None, Query(pattern=KEY, max_length=100, description="Only of this building (key).")
    ] = None,
    before: Before = None,
    limit: Limit = 100,
) -> Any:
    """Findings, the newest first, each with a German sentence and the numbers it rests on."""
    found = store.findings(
        connection, now=now, open_only=open, building=building, before=before, limit=limit + 1
    )
    address = following(request, response, found, limit, lambda one: one.id)
    return {"findings": found[:limit], "next": address}
