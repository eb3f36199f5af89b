"""Profiles: what is known about a kind of device. One readable file each, in `shipped/`.

Own ones are added in the directory that the setting `profiles_dir` names.
"""

from __future__ import annotations

from functools import cache

from gebaeude.config import settings
from gebaeude.profiles.guess import guess, score
from gebaeude.profiles.load import load
from gebaeude.profiles.records import About, Clock, Field, Profile, WrongClock

__all__ = ["About", "Clock", "Field", "Profile", "WrongClock", "guess", "profiles", "score"]


@cache
def profiles() -> dict[str, Profile]:
    """All profiles by key, read once. Raises ProfileError."""
    return load(settings().profiles_dir)
