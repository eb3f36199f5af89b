"""Points: what is measured where, and the newest value of each."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from gebaeude.api.parameters import KEY, BuildingKey, Connected, Now, PointKey
from gebaeude.api.schemas import Latest, Point
from gebaeude.errors import NotFound
from gebaeude.model import Medium
from gebaeude.reports.building import point_line
from gebaeude.store import summary
from gebaeude.text import _

router = APIRouter(prefix="/points", tags=["Points"])


@router.get("", response_model=list[Point], summary="Points with their newest value")
def points(
    connection: Connected,
    now: Now,
    building: Annotated[
        str | None, Query(pattern=KEY, max_length=100, description="Only of this building (key).")
    ] = None,
    medium: Annotated[Medium | None, Query(description="Only of this medium.")] = None,
) -> Any:
    """All points, those of a building or of a medium, by building and name."""
    found = summary.points(connection, building=building, medium=medium)
    return [_point(row, now) for row in found]


@router.get("/{building}/{point}", response_model=Point, summary="One point")
def one_point(connection: Connected, now: Now, building: BuildingKey, point: PointKey) -> Any:
    """A point with its newest value, its limits and the devices that send it."""
    return _point(_one(connection, building, point), now)


@router.get("/{building}/{point}/latest", response_model=Latest, summary="Newest value")
def latest(connection: Connected, now: Now, building: BuildingKey, point: PointKey) -> Any:
    """The newest reading of a point; 404 where there never was one."""
    line = point_line(_one(connection, building, point), now)
    if line.latest is None:
        raise NotFound(_("Dieser Messpunkt hat noch keinen Wert gesendet."))
    return line.latest


def _one(connection: Connected, building: str, point: str) -> summary.PointRow:
    found = summary.points(connection, building=building, point=point)
    if not found:
        raise NotFound(_("Diesen Messpunkt gibt es nicht."))
    return found[0]


def _point(row: summary.PointRow, now: Now) -> dict[str, Any]:
    line = msgspec.structs.asdict(point_line(row, now))
    return line | {"building": row.building, "within": row.within}
