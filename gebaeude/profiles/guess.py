"""Which profile a device that nobody has named may have, from what it sends."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gebaeude.profiles.records import Profile

LEAST = 0.1  # below it a guess is none
_GENERIC = 0.5
_UNNAMED = 0.8
_NAMED = 0.6  # what the device's own word for its model is worth


def guess(
    candidates: Iterable[Profile], kind: str, fields: Collection[str], hint: str | None = None
) -> list[tuple[Profile, float]]:
    """The profiles that may fit, each with its score from 0 to 1, the best first.

    kind: the format's name. fields: what the device sends; empty where its frame is undecoded.
    hint: whatever it or its network server says about its model.
    """
    scored = [
        (profile, score(profile, fields, hint)) for profile in candidates if kind in profile.formats
    ]
    found = [pair for pair in scored if pair[1] >= LEAST]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].key))


def score(profile: Profile, fields: Collection[str], hint: str | None = None) -> float:
    """How well fields and hint fit the profile, 0 to 1."""
    fit = _coverage(profile, fields) * (0.5 + 0.5 * _completeness(profile, fields))
    if profile.is_generic:
        return fit * _GENERIC
    # Of a relative only the name is alike: a heat cost allocator is no heat meter.
    is_alike = fit > 0 or not fields
    if is_alike and hint is not None and any(_is_in(model, hint) for model in profile.models):
        return _NAMED + (1 - _NAMED) * fit
    # What carries a name of its own and is not called so can only be probable.
    return fit * _UNNAMED


def _coverage(profile: Profile, fields: Collection[str]) -> float:
    """The share of what it sends that the profile knows."""
    known = sum(profile.field(name) is not None or profile.is_ignored(name) for name in fields)
    return known / len(fields) if fields else 0.0


def _completeness(profile: Profile, fields: Collection[str]) -> float:
    """The share of the profile's quantities that it sends."""
    wanted = [name for name, field in profile.fields.items() if field.quantity and "*" not in name]
    if not wanted:
        return 0.0
    return sum(name in fields for name in wanted) / len(wanted)


def _is_in(model: str, hint: str) -> bool:
    return _plain(model) in _plain(hint)


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
