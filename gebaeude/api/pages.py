"""Pages of a list: the address of the next one, in the body and as a Link header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response

T = TypeVar("T")


def following(
    request: Request, response: Response, found: Sequence[T], limit: int, id_of: Callable[[T], int]
) -> str | None:
    """Address of the page after the first `limit` of what was found; None where that was all."""
    if len(found) <= limit:
        return None
    query = dict(request.query_params) | {"before": str(id_of(found[limit - 1]))}
    address = f"{request.url.path}?{urlencode(query)}"
    response.headers["Link"] = f'<{address}>; rel="next"'
    return address
