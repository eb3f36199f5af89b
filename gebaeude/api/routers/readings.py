"""Readings of a point over a range: JSON page by page, CSV page by page or as one stream.

A stream takes a connection for each of its chunks only: a reader on a slow line holds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from gebaeude.api import csv
from gebaeude.api.parameters import DAY, BuildingKey, Moment, Now, PointKey, Pooled
from gebaeude.api.schemas import Readings
from gebaeude.errors import UsageError
from gebaeude.store import series as store
from gebaeude.store.database import Pool
from gebaeude.store.series import Point, Reading
from gebaeude.text import _

router = APIRouter(prefix="/points", tags=["Readings"])

CHUNK = 5_000  # readings
PAGE = 1_000
LARGEST_PAGE = 10_000
_TICK = timedelta(microseconds=1)

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The readings.",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "time,value,quality\r\n2026-11-22T14:00:00Z,184220.5,0\r\n",
            }
        },
        "headers": {
            "Link": {
                "description": 'The next page as <address>; rel="next" (RFC 8288).',
                "schema": {"type": "string"},
            }
        },
    }
}


@router.get(
    "/{building}/{point}/readings",
    response_model=Readings,
    responses=ANSWERS,
    summary="Readings over a range",
)
def readings(
    request: Request,
    pool: Pooled,
    now: Now,
    building: BuildingKey,
    point: PointKey,
    start: Annotated[
        Moment | None,
        Query(
            alias="from",
            description="From this time on; default: one day before `to`.",
            examples=["2026-11-21T00:00:00+01:00"],
        ),
    ] = None,
    end: Annotated[
        Moment | None,
        Query(
            alias="to",
            description="Before this time; default: now.",
            examples=["2026-11-22T00:00:00+01:00"],
        ),
    ] = None,
    after: Annotated[
        Moment | None, Query(description="Only later than this: for the next page.")
    ] = None,
    limit: Annotated[
        int | None,
        Query(
            ge=1,
            le=LARGEST_PAGE,
            description=f"Readings a page. JSON: {PAGE} by default; CSV: all in one stream.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002  the name in the address
        Literal["json", "csv"], Query(description="How the readings are written.")
    ] = "json",
    dialect: Annotated[
        Literal["en", "de"],
        Query(description="CSV: `de` has semicolons, decimal commas and local time besides UTC."),
    ] = "en",
) -> Response:
    """Readings from `from` (included) to `to` (not included) in the order of time.

    A page names the next one in its `Link` header, and JSON in `next` as well.
    """
    end = end or now + _TICK
    start = start or end - DAY
    if start > end:
        raise UsageError(_("Der Zeitraum beginnt nach seinem Ende."))
    since = max(start - _TICK, after) if after else start - _TICK
    with pool.connection(timeout=5) as connection:
        of = store.point(connection, building, point)
        if format == "csv" and limit is None:
            return _streamed(pool, of, since, end, dialect)
        size = limit or PAGE
        page = store.page(connection, of.id, since, end, size + 1)
    following = _next(request, page[size - 1].time, end) if len(page) > size else None
    if format == "csv":
        return _csv_page(of, page[:size], dialect, following)
    return _json_page(of, page[:size], following)


def _next(request: Request, last: datetime, end: datetime) -> str:
    """Address of the page after `last`; it keeps the range's end, or it would never be reached."""
    query = dict(request.query_params) | {"after": _rfc3339(last), "to": _rfc3339(end)}
    return f"{request.url.path}?{urlencode(query)}"


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _headers(following: str | None) -> dict[str, str]:
    return {"Link": f'<{following}>; rel="next"'} if following else {}


def _json_page(of: Point, page: list[Reading], following: str | None) -> Response:
    body = {
        "building": of.building,
        "point": of.key,
        "unit": of.unit,
        "readings": [reading._asdict() for reading in page],
        "next": following,
    }
    return Response(
        msgspec.json.encode(body), media_type="application/json", headers=_headers(following)
    )


def _csv_page(of: Point, page: list[Reading], dialect: str, following: str | None) -> Response:
    text = csv.DIALECTS[dialect].head(of.unit) + csv.DIALECTS[dialect].lines(page)
    headers = csv.headers(of.building, of.key) | _headers(following)
    return Response(text, media_type=csv.MEDIA_TYPE, headers=headers)


def _streamed(pool: Pool, of: Point, since: datetime, end: datetime, dialect: str) -> Response:
    return StreamingResponse(
        _chunks(pool, of, since, end, csv.DIALECTS[dialect]),
        media_type=csv.MEDIA_TYPE,
        headers=csv.headers(of.building, of.key),
    )


def _chunks(
    pool: Pool, of: Point, since: datetime, end: datetime, dialect: csv.Dialect
) -> Iterator[str]:
    yield dialect.head(of.unit)
    while True:
        with pool.connection(timeout=10) as connection:
            page = store.page(connection, of.id, since, end, CHUNK)
        if page:
            yield dialect.lines(page)
            since = page[-1].time
        if len(page) < CHUNK:
            return
