"""Passwords: argon2id, and which ones are refused.

Hashing takes about a tenth of a second and 64 MiB on purpose (RFC 9106, second recommendation):
never on an event loop, never many at once. Rules as NIST SP 800-63B and ASVS 2.1: length counts,
no composition rules, nothing that is tried first (guessable.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gebaeude.access import guessable
from gebaeude.text import N_, _

SHORTEST = 12
LONGEST = 128  # characters: longer ones only cost time

BETTER = N_("Besser: vier Wörter, die nicht zusammenpassen.")

_hasher = PasswordHasher()  # argon2id, RFC_9106_LOW_MEMORY


def complaint(password: str, *, email: str = "", names: Iterable[str] = ()) -> str | None:
    """Why this password cannot be taken, None where it can.

    names: of the person, of places and buildings here; whoever guesses knows them too.
    """
    if len(password) < SHORTEST:
        return _("Das Kennwort braucht mindestens {n} Zeichen.").format(n=SHORTEST)
    if len(password) > LONGEST:
        return _("Das Kennwort darf höchstens {n} Zeichen haben.").format(n=LONGEST)
    why = _guessed(password, (email, *names))
    return why and f"{why} {_(BETTER)}"


def _guessed(password: str, names: Iterable[str]) -> str | None:
    """Why it is tried first, None where it is not."""
    if guessable.is_pattern(password):
        return _("Dieses Kennwort wiederholt sich oder folgt der Tastatur.")
    words = guessable.words_of(password, guessable.known(names))
    if words:
        shown = ", ".join(f"„{word}“" for word in words)
        text = _(
            "Dieses Kennwort besteht nur aus Wörtern, die hier naheliegen: {words}. Ziffern dazu "
            "helfen wenig."
        )
        return text.format(words=shown)
    if password.strip().lower() in guessable.commonest():
        return _("Dieses Kennwort ist eines der 10.000 häufigsten; die werden zuerst probiert.")
    return None


def hashed(password: str) -> str:
    """The password as it is kept."""
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether the password is the one that is kept; the same work where none is."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with less effort than we take today."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    """So that an unknown account takes as long as a known one."""
    return _hasher.hash("nobody has this password")
