"""Parameters that several resources take, each with its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Query, Request
from pydantic import GetPydanticSchema
from pydantic_core import PydanticCustomError, core_schema

from gebaeude.store.database import Connection, Pool

KEY = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LINE = r"^[^\x00-\x1f\x7f]*$"  # a text on one line
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # a text with line breaks

# Before and after these no building has readings; wider times are drawn in to them.
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _moment(text: str) -> datetime:
    """A time as RFC 3339 has it: with a date, a clock and its distance from UTC."""
    match = _RFC3339.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        if match[1] == "60":  # a leap second, which datetime does not know
            text = text[:17] + "59" + text[19:]
        local = datetime.fromisoformat(text.upper())
    except ValueError:
        raise PydanticCustomError("date_time", "not an RFC 3339 time") from None
    try:
        return min(max(local.astimezone(UTC), _FIRST), _LAST)
    except OverflowError:
        return _FIRST if local.year < 2000 else _LAST


def _moment_schema(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(
        _moment,
        core_schema.str_schema(max_length=64),
        metadata={"pydantic_js_updates": {"format": "date-time"}},
    )


Moment = Annotated[datetime, GetPydanticSchema(_moment_schema)]
BuildingKey = Annotated[
    str, Path(pattern=KEY, max_length=100, description="Key of the building.",
              examples=["barntrup-rathaus"])
]  # fmt: skip
PointKey = Annotated[
    str, Path(pattern=KEY, max_length=100, description="Key of the point in its building.",
              examples=["waerme"])
]  # fmt: skip
Limit = Annotated[int, Query(ge=1, le=1_000, description="How many at most.")]
Before = Annotated[
    int | None,
    Query(ge=1, le=2**63 - 1, description="Only entries older than this id: the next page."),
]


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def pool(request: Request) -> Pool:
    """The pool the application was made with."""
    return cast(Pool, request.app.state.pool)


def connection(request: Request) -> Iterator[Connection]:
    """A connection for the length of the request; commits at its end, rolls back on an error."""
    with pool(request).connection(timeout=5) as open_connection:
        yield open_connection


Connected = Annotated[Connection, Depends(connection)]
Pooled = Annotated[Pool, Depends(pool)]
Now = Annotated[datetime, Depends(now)]
DAY = timedelta(days=1)
