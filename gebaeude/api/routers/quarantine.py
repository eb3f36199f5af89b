"""Quarantine: messages that could not become readings, and why."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from gebaeude.api.pages import following
from gebaeude.api.parameters import Before, Connected, Limit
from gebaeude.api.schemas import QuarantineMessage, QuarantinePage
from gebaeude.model import Reason
from gebaeude.reports.quality import readable
from gebaeude.store import summary
from gebaeude.store.summary import Quarantined
from gebaeude.text import REASONS, _

router = APIRouter(prefix="/quarantine", tags=["Quarantine"])

MOST_BYTES = 1024 * 1024  # of a payload that are handed out
MOST_TEXT = 16_384  # characters of it as text

MessageId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Id from the list.", examples=[17])]


@router.get("", response_model=QuarantinePage, summary="Messages in quarantine")
def messages(
    request: Request,
    response: Response,
    connection: Connected,
    reason: Annotated[Reason | None, Query(description="Only for this reason.")] = None,
    before: Before = None,
    limit: Limit = 100,
) -> Any:
    """Messages without their payload, the newest first. A repeated message is one, counted."""
    found = summary.quarantine(connection, reason=reason, before=before, limit=limit + 1)
    page = found[:limit]
    address = following(request, response, found, limit, lambda one: one.id)
    return {"messages": [_summary(one) for one in page], "next": address}


@router.get("/{message}", response_model=QuarantineMessage, summary="One message")
def one_message(connection: Connected, message: MessageId) -> Any:
    """A message with its payload, as base64 and as readable text."""
    found = summary.quarantined(connection, message)
    payload = (found.payload or b"")[:MOST_BYTES]
    return _summary(found) | {
        "payload_base64": b64encode(payload).decode(),
        "payload_text": readable(payload[:MOST_TEXT])[:MOST_TEXT],
        "topic_base64": b64encode(found.topic).decode(),
    }


def _summary(one: Quarantined) -> dict[str, Any]:
    record = msgspec.structs.asdict(one)
    return record | {"topic": readable(one.topic), "reason_text": _(REASONS[one.reason])}
