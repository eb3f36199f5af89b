"""The second factor: six digits from a shared secret and the time (RFC 6238, SHA-1, 30 s)."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
WINDOW = 1  # steps a phone's clock may be wrong


def new_secret() -> str:
    """160 random bits in base 32, as the apps want them."""
    return b32encode(secrets.token_bytes(20)).decode()


def step_of(now: datetime) -> int:
    """The number of the half minute."""
    return int(now.timestamp()) // STEP_S


def code(secret: str, step: int) -> str:
    """The digits of one half minute (RFC 4226, section 5.3)."""
    digest = hmac.new(b32decode(secret), step.to_bytes(8, "big"), "sha1").digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: str, given: str, now: datetime) -> int | None:
    """The half minute these digits belong to, None where they are wrong.

    The caller accepts a step only if it is higher than the last one accepted: a code counts once.
    """
    digits = "".join(given.split())
    here = step_of(now)
    found = None
    for step in range(here - WINDOW, here + WINDOW + 1):
        if hmac.compare_digest(code(secret, step).encode(), digits.encode("utf-8", "replace")):
            found = step
    return found


def address(secret: str, email: str, issuer: str) -> str:
    """What the QR code says (Key Uri Format)."""
    label = quote(f"{issuer}:{email}")
    asked = {"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{label}?{urlencode(asked)}"
