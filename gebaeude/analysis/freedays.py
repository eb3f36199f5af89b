"""Days on which a municipal building is used differently: holidays of North Rhine-Westphalia.

Source: the library `holidays`, offline. It knows school holidays from 2024 to the summer of 2029;
later years come without.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import holidays

_LANGUAGES = {"de": "de", "en": "en_US"}  # ours → those the library has


def public_holidays(days: Sequence[date], language: str = "de") -> dict[date, str]:
    """The public holidays among the days, by their names in this language (de, en)."""
    return {day: name for day in days if (name := _public(day.year, language).get(day))}


def school_holidays(days: Sequence[date]) -> frozenset[date]:
    """The days among the days that lie in school holidays, weekends not counted."""
    return frozenset(day for day in days if day.weekday() < 5 and day in _school(day.year))


@cache
def _public(year: int, language: str) -> dict[date, str]:
    spoken = _LANGUAGES[language]
    return dict(holidays.country_holidays("DE", subdiv="NW", years=year, language=spoken))


@cache
def _school(year: int) -> frozenset[date]:
    return frozenset(
        holidays.country_holidays("DE", subdiv="NW", years=year, categories=("school",))
    )
