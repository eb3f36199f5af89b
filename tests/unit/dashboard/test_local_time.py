"""Moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.local_time import moment, shown_in_field
from gebaeude.errors import UsageError

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # in Berlin it is Monday already


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03.11.2026 08:00", datetime(2026, 11, 3, 7, tzinfo=UTC)),
        ("3.11.2026, 8:05 Uhr", datetime(2026, 11, 3, 7, 5, tzinfo=UTC)),
        ("3.7.2026", datetime(2026, 7, 2, 22, tzinfo=UTC)),
        ("2026-07-03T08:00", datetime(2026, 7, 3, 6, tzinfo=UTC)),
        ("2026-07-03", datetime(2026, 7, 2, 22, tzinfo=UTC)),
        ("heute 14:00", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("Gestern", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("29.03.2026 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # a time that was left out
        ("25.10.2026 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of the two
    ],
)
def test_what_people_type_is_local_time(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "  ", None])
def test_nothing_is_no_moment(text: str | None) -> None:
    assert moment(text, NOW) is None


@pytest.mark.parametrize(
    "text",
    ["morgen", "31.02.2026", "3.11.2026 25:00", "3.11.2026 8 Uhr", "8:00", "3.11.26", "1.1.1800",
     "3.11.2026 08:00 08:00", "heute heute", "2026-07-03T", "--", "²²"],
)  # fmt: skip
def test_what_is_no_moment_is_said_so(text: str) -> None:
    with pytest.raises(UsageError, match=r"Bitte Tag und Uhrzeit|Jahr"):
        moment(text, NOW)


def test_a_moment_is_shown_as_it_is_taken() -> None:
    there = datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert shown_in_field(there) == "03.11.2026 08:00"
    assert moment(shown_in_field(there), NOW) == there
