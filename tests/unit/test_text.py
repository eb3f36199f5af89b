"""Numbers and times as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gebaeude import text
from gebaeude.model import Kind, Medium, Quality, Reason, Severity, Skill, TicketState, Use


@pytest.mark.parametrize(
    ("value", "unit", "digits", "expected"),
    [
        (1234.5, "kWh", 1, "1.234,5 kWh"),
        (1234.5, "kWh", None, "1.234 kWh"),
        (12_345.6, "kWh", None, "12,3 MWh"),
        (1_234_567.0, "kWh", None, "1,23 GWh"),
        (0.45, "kW", None, "450 W"),
        (0.0, "kW", None, "0 kW"),
        (3.14159, "m3", None, "3,14 m³"),
        (21.456, "°C", 1, "21,5 °C"),
        (-0.04, "°C", 1, "0,0 °C"),
        (None, "kWh", None, "–"),
        (float("nan"), "kWh", None, "–"),
        (float("inf"), None, None, "–"),
        (1_000_000, None, 0, "1.000.000"),
    ],
)
def test_numbers(value: float, unit: str, digits: int | None, expected: str) -> None:
    assert text.number(value, unit, digits).replace("\u202f", " ") == expected


NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(seconds=20), "gerade eben"),
        (timedelta(seconds=78), "vor 1 Minute"),
        (timedelta(minutes=5), "vor 5 Minuten"),
        (timedelta(hours=3), "vor 3 Stunden"),
        (timedelta(days=3), "vor 3 Tagen"),
    ],
)
def test_ago(elapsed: timedelta, expected: str) -> None:
    assert text.ago(NOW - elapsed, NOW) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=20), "20 Sekunden"),
        (timedelta(seconds=87), "1 Minute"),
        (timedelta(minutes=89), "89 Minuten"),
        (timedelta(days=3), "3 Tage"),
    ],
)
def test_duration(span: timedelta, expected: str) -> None:
    assert text.duration(span) == expected


def test_never_heard() -> None:
    assert text.ago(None, NOW) == "noch nie"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (datetime(2026, 11, 22, 13, 10, tzinfo=UTC), "heute 14:10"),
        (datetime(2026, 11, 21, 22, 59, tzinfo=UTC), "gestern 23:59"),
        (datetime(2026, 11, 21, 23, 1, tzinfo=UTC), "heute 00:01"),  # local midnight, not UTC's
        (datetime(2026, 3, 2, 13, 10, tzinfo=UTC), "Mo 2. März 14:10"),
        (datetime(2025, 3, 3, 13, 10, tzinfo=UTC), "Mo 3. März 2025 14:10"),
    ],
)
def test_when(time: datetime, expected: str) -> None:
    assert text.when(time, NOW) == expected


def test_short_day() -> None:
    assert text.day_short(date(2026, 12, 31)) == "31.12.2026"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (text.MEDIA, Medium),
        (text.USES, Use),
        (text.KINDS, Kind),
        (text.SEVERITIES, Severity),
        (text.STATES, TicketState),
        (text.SKILLS, Skill),
        (text.QUALITIES, Quality),
        (text.REASONS, Reason),
    ],
)
def test_every_word_has_its_label(labels: dict[object, str], words: type) -> None:
    assert set(labels) == set(words)
