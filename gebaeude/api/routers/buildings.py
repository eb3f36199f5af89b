"""Buildings: the list with search and order, and one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query

from gebaeude.access.roles import Right
from gebaeude.api.parameters import KEY, LINE, BuildingKey, Connected, Now
from gebaeude.api.schemas import Building, BuildingSummary
from gebaeude.model import Medium, Use
from gebaeude.reports import building as reports
from gebaeude.reports.lines import worst_first
from gebaeude.reports.records import BuildingLine
from gebaeude.store.scope import who

router = APIRouter(prefix="/buildings", tags=["Buildings"])


def _used(line: BuildingLine, medium: Medium) -> float:
    """Minus yesterday's consumption, so that the greatest comes first."""
    return -sum(one.value or 0.0 for one in line.consumption if one.medium is medium)


Order = Literal[
    "name", "municipality", "use", "area", "built", "condition", "heat", "electricity", "water"
]
ORDERS: dict[Order, Callable[[BuildingLine], Any]] = {
    "name": lambda line: line.name.casefold(),
    "municipality": lambda line: (line.municipality_name, line.name.casefold()),
    "use": lambda line: (line.use, line.name.casefold()),
    "area": lambda line: -line.floor_area_m2,
    "built": lambda line: line.built,
    "condition": worst_first,
    "heat": lambda line: _used(line, Medium.HEAT),
    "electricity": lambda line: _used(line, Medium.ELECTRICITY),
    "water": lambda line: _used(line, Medium.WATER),
}


@router.get("", response_model=list[BuildingSummary], summary="All buildings")
def buildings(
    connection: Connected,
    now: Now,
    municipality: Annotated[
        str | None,
        Query(pattern=KEY, max_length=100, description="Only of this municipality (key)."),
    ] = None,
    use: Annotated[Use | None, Query(description="Only of this use.")] = None,
    q: Annotated[
        str, Query(pattern=LINE, max_length=100, description="Words in name or municipality.")
    ] = "",
    sort: Annotated[Order, Query(description="What comes first.")] = "name",
) -> Any:
    """Buildings with their condition and yesterday's consumption per medium."""
    words = q.casefold().split()
    lines = [
        line
        for line in reports.buildings(connection, now)
        if (municipality is None or line.municipality == municipality)
        and (use is None or line.use is use)
        and all(word in f"{line.name} {line.municipality_name}".casefold() for word in words)
    ]
    return sorted(lines, key=ORDERS[sort])


@router.get("/{building}", response_model=Building, summary="One building")
def one_building(connection: Connected, now: Now, building: BuildingKey) -> Any:
    """A building with its condition, room climate and plants; its points are at /points."""
    report = reports.building(connection, building, now)
    if not who().may(Right.SEE_QUALITY, report.line.municipality):
        report = msgspec.structs.replace(report, findings=())
    if not who().may(Right.SEE_TICKETS, report.line.municipality):
        report = msgspec.structs.replace(report, tickets=())
    return msgspec.structs.asdict(report) | msgspec.structs.asdict(report.line)
