"""Secrets we make: shown once, kept as a hash.

They hold 256 random bits, so a plain SHA-256 is enough: there is nothing to guess, and looking one
up is one read of an index. Recovery codes hold 50, because people write them down: each has a
random salt of its own, so that no table made beforehand has it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper
_SALT, _DIGEST = 16, 32  # bytes
_FORM = b"gebaeude form token"


def new_token(prefix: str = "") -> str:
    """32 random bytes in letters that go into addresses and headers."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def form_token(session_token: str) -> str:
    """What a form of this session carries, so that nobody else's page can send it."""
    return hmac.new(session_token.encode("utf-8", "surrogatepass"), _FORM, "sha256").hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def new_recovery_codes() -> tuple[str, ...]:
    """Codes to write down, each good for one sign-in: abcde-fghjk."""
    return tuple(f"{_word()}-{_word()}" for _number in range(RECOVERY_CODES))


def recovery_hash(account: int, code: str) -> bytes:
    """What is kept of a recovery code: a new salt, and the hash with it."""
    return _salted(secrets.token_bytes(_SALT), account, code)


def is_recovery(account: int, code: str, kept: bytes) -> bool:
    """Whether the code is the one that is kept; capitals, blanks and the dash do not matter."""
    salt = kept[:-_DIGEST]  # none in those from before codes had one
    return hmac.compare_digest(_salted(salt, account, code), kept)


def _salted(salt: bytes, account: int, code: str) -> bytes:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return salt + hashlib.sha256(salt + f"{account}:{plain}".encode("utf-8", "replace")).digest()


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _number in range(5))
