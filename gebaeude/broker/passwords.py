"""Passwords in Mosquitto's format: `$7$iterations$salt$hash`, PBKDF2 with SHA-512.

Source: mosquitto, src/password_mosq.c.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode

ITERATIONS = 101  # as mosquitto_passwd; our passwords are random, so guessing gains nothing
SALT_BYTES = 12  # Mosquitto 2.0.11 removes entries with any other length


def new_password() -> str:
    """192 random bits, in letters and digits that every configuration file takes."""
    return secrets.token_hex(24)


def hashed(password: str) -> str:
    """The password as it stands in the broker's file."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${b64encode(salt).decode()}${b64encode(digest).decode()}"
