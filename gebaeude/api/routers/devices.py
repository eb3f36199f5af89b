"""Devices: those that feed points, and the inbox of those that nobody has attached yet."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request

from gebaeude.api import device_schemas as schemas
from gebaeude.api.openapi import problems
from gebaeude.api.parameters import KEY, LINE, Connected, Limit
from gebaeude.store import claims
from gebaeude.store import inbox as store
from gebaeude.store.attachments import Attach, Claim, NewPoint
from gebaeude.store.scope import who
from ingest import desk

router = APIRouter(prefix="/devices", tags=["Devices"])
inbox = APIRouter(prefix="/inbox", tags=["Devices"])

Format = Annotated[
    str, Path(pattern=r"^[a-z0-9]+$", max_length=40, description="The format it speaks.",
              examples=["chirpstack"])
]  # fmt: skip
Device = Annotated[
    str, Path(pattern=LINE, max_length=200, description="What it calls itself; may have slashes.",
              examples=["24e124707c044108"])
]  # fmt: skip


@router.get("", response_model=list[schemas.Device], summary="Devices")
def devices(
    connection: Connected,
    building: Annotated[
        str | None, Query(pattern=KEY, max_length=100, description="Only of this building (key).")
    ] = None,
) -> Any:
    """All devices that are attached, by building and name."""
    return store.devices(connection, building=building)


@router.get("/{format}/{device:path}", response_model=schemas.DeviceDetail, summary="One device")
def one_device(connection: Connected, format: Format, device: Device) -> Any:  # noqa: A002
    """A device with all that is and was attached, and who did that."""
    report = desk.device(connection, format, device)
    return msgspec.structs.asdict(report.line) | {
        "channels": report.channels,
        "history": [
            {"at": one.at, "actor": one.actor, "text": desk.sentence(one)} for one in report.history
        ],
    }


@inbox.get("", response_model=list[schemas.Waiting], summary="Inbox")
def waiting(connection: Connected, limit: Limit = 100) -> Any:
    """Devices that send what is attached to nothing, the one heard last first."""
    return store.waiting(connection, limit=limit)


# Before the reading of a device, whose id may have slashes, too.
@inbox.post(
    "/{format}/{device:path}/claim", response_model=schemas.Claimed, responses=problems(400, 409),
    summary="Attach a device",
)  # fmt: skip
def claim(
    request: Request, connection: Connected, format: Format, device: Device, body: schemas.Claim,  # noqa: A002
) -> Any:  # fmt: skip
    """Its fields feed points from a moment on. What is kept of it becomes readings at once, with
    its original times; so does what an earlier attachment that was undone had made."""
    done = desk.claim(connection, request.app.state.settings, _claim(format, device, body))
    return msgspec.structs.asdict(done) | {"text": str(done)}


@inbox.post(
    "/{format}/{device:path}/release", response_model=schemas.Released,
    responses=problems(400, 409), summary="Undo an attachment",
)  # fmt: skip
def release(connection: Connected, format: Format, device: Device, body: schemas.Release) -> Any:  # noqa: A002
    """Ends attachments at a moment, or undoes them for a span of time. The readings of that time
    leave their points; they are back when the fields are attached for it again."""
    done = claims.release(
        connection, (format, device), actor=who().name, fields=body.fields, start=body.start,
        end=body.end, force=body.force,
    )  # fmt: skip
    return msgspec.structs.asdict(done) | {"text": str(done)}


@inbox.get("/{format}/{device:path}", response_model=schemas.Look, summary="A device in the inbox")
def look(
    connection: Connected,
    format: Format,  # noqa: A002
    device: Device,
    profile: Annotated[
        str | None, Query(pattern=KEY, max_length=60, description="Else the likeliest one.")
    ] = None,
) -> Any:
    """What it sends, what it may be, and what a profile suggests to do with each field."""
    found = desk.look(connection, format, device)
    chosen = profile or next((one.profile for one in found.guesses), None)
    suggestions = desk.suggest(found, chosen) if chosen else ()
    return (
        msgspec.structs.asdict(found.waiting)
        | msgspec.structs.asdict(found)
        | {"known": found.waiting.known, "suggestions": suggestions}
    )


def _claim(kind: str, device: str, body: schemas.Claim) -> Claim:
    replaces = body.replaces
    return Claim(
        format=kind,
        device=device,
        building=body.building,
        name=body.name,
        actor=who().name,
        attach=tuple(_attach(one) for one in body.attach),
        ignore=tuple(body.ignore),
        profile=body.profile,
        since=body.since,
        until=body.until,
        replaces=(replaces.format, replaces.device) if replaces else None,
    )


def _attach(one: schemas.Attach) -> Attach:
    new = one.new
    made = None if new is None else NewPoint(**dict(new))
    return Attach(one.field, one.point, one.unit, one.factor, made)
