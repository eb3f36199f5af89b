"""Passwords: argon2id, and which ones are refused.

Hashing takes about a tenth of a second and 64 MiB on purpose (RFC 9106, second recommendation):
never on an event loop, never many at once. Rules as NIST SP 800-63B and ASVS 2.1: length counts,
no composition rules, nothing that everybody tries first.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gebaeude.text import _

SHORTEST = 12
LONGEST = 128  # characters: longer ones only cost time

_hasher = PasswordHasher()  # argon2id, RFC_9106_LOW_MEMORY

# The commonest of at least 12 characters, and what people make of the rule.
COMMON = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456123456 123123123123 111111111111
    000000000000 123456789abc 1234567890ab abcdefghijkl abcd12345678 abc123abc123 aaaaaaaaaaaa
    0987654321 1q2w3e4r5t6y 1q2w3e4r5t6z q1w2e3r4t5y6 qwertzuiopas qwertzuiopü qwertyuiopas
    qwertyuiop12 qwertz123456 qwerty123456 qwertzqwertz qwertyqwerty qwertz1234567 asdfghjklöäy
    asdfghjkl123 asdfasdfasdf yxcvbnmasdfg passwort1234 passwort12345 passwort123456
    passwort123! passwort2024 passwort2025 passwort2026 passwortpasswort password1234
    password12345 password123456 password123! passwordpassword kennwort1234 kennwort12345
    kennwortkennwort willkommen12 willkommen123 willkommen1! willkommen2025 willkommen2026
    welcome12345 administrator administrator1 admin1234567 adminadminadmin admin123admin
    iloveyou1234 iloveyouiloveyou ichliebedich ichliebedich1 hallohallo12 hallo1234567
    hallohallohallo sonnenschein sonnenschein1 schatzischatzi schalke04schalke borussia1909
    bayernmuenchen fussball1234 sommer202512 sommer2025!! sommer2026!! winter2025!! winter2026!!
    herbst2026!! gebaeude1234 gebäude12345 hausmeister1 hausmeister12 hausmeister123
    gemeinde1234 rathaus12345 nordlippe1234 letmeinletmein changeme1234 changemechangeme
    trustno1trustno1 superman1234 computer1234 internet1234 geheim123456 geheimgeheim
    """.split()  # noqa: SIM905  a list would take a page
)


def complaint(password: str, *, email: str = "") -> str | None:
    """Why this password cannot be taken, None where it can."""
    plain = password.strip().lower()
    if len(password) < SHORTEST:
        return _("Das Kennwort braucht mindestens {n} Zeichen.").format(n=SHORTEST)
    if len(password) > LONGEST:
        return _("Das Kennwort darf höchstens {n} Zeichen haben.").format(n=LONGEST)
    if plain in COMMON or len(set(plain)) < 4 or _is_row(plain):
        return _("Dieses Kennwort probieren alle zuerst. Besser: vier Wörter, die nicht passen.")
    name = email.partition("@")[0].lower()
    if len(name) > 2 and plain.replace(name, "").strip("0123456789!.-_") == "":
        return _("Das Kennwort darf nicht aus der eigenen Adresse bestehen.")
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


def _is_row(plain: str) -> bool:
    """abcdefgh…, 98765432…: each character follows the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})
