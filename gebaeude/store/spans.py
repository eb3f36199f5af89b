"""Spans of time that may have no beginning or no end."""

from __future__ import annotations

from datetime import datetime

Span = tuple[datetime | None, datetime | None]  # from, and to before; None: without end


def common(one: Span, other: Span) -> Span:
    """From the later beginning to the earlier end, which may come before it."""
    return _later(one[0], other[0]), _earlier(one[1], other[1])


def overlap(one: Span, other: Span) -> bool:
    """Whether they have a moment in common."""
    starts, ends = common(one, other)
    return starts is None or ends is None or starts < ends


def as_text(span: Span) -> dict[str, str | None]:
    """For a record of what was done, in ISO 8601."""
    start, end = (None if moment is None else moment.isoformat() for moment in span)
    return {"from": start, "to": end}


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None else other if one is None else max(one, other)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None else other if one is None else min(one, other)
