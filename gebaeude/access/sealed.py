"""Secrets of second factors as the database has them: encrypted, and of one account alone.

Fernet (AES-128-CBC with HMAC-SHA-256, of the library cryptography). Of several keys the first
encrypts and all decrypt, so that a key can be replaced while people sign in.
"""

from __future__ import annotations

import re

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# As they stood there before: base 32.
_PLAIN = re.compile(r"[A-Z2-7]{16,64}")


class Unreadable(Exception):
    """The secret was encrypted with a key that we do not have, or for somebody else."""


class Sealer:
    """keys: as `new_key` makes them, separated by blanks. Raises ValueError where one is none."""

    def __init__(self, keys: str) -> None:
        self._keys = [Fernet(key) for key in keys.split()]
        if not self._keys:
            raise ValueError("no key")
        self._all = MultiFernet(self._keys)

    def seal(self, account: int, secret: str) -> str:
        """The secret as it is kept for the account of this id."""
        return self._keys[0].encrypt(f"{account} {secret}".encode()).decode()

    def open(self, account: int, kept: str) -> str:
        """The secret itself; Unreadable."""
        if _PLAIN.fullmatch(kept):
            return kept
        try:
            whose, _blank, secret = self._all.decrypt(kept).decode().partition(" ")
        except InvalidToken:
            raise Unreadable from None
        if whose != str(account):
            raise Unreadable
        return secret

    def is_current(self, kept: str) -> bool:
        """Whether the first key, and no other, opens it."""
        try:
            self._keys[0].decrypt(kept)
        except InvalidToken:
            return False
        return True


def new_key() -> str:
    """A key to put first in the settings."""
    return Fernet.generate_key().decode()
