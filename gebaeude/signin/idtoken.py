"""Whether an ID token proves anything: its signature, who issued it, for whom, when, and for which
sign-in (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet

from gebaeude.access.secrets import same

# Signatures with the provider's private key. Not HS256, whose key is ours as well, and not "none".
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KEY_TYPES = frozenset({"RSA", "EC"})
SKEW_S = 60  # seconds by which the provider's clock and ours may differ
LONGEST_SUBJECT = 255  # characters, as the specification says

Claims = Mapping[str, Any]


class Unproven(Exception):
    """The token proves nothing; says why, for the log."""


class Wanted(msgspec.Struct, frozen=True):
    """What a token must say to be the answer to our question."""

    issuer: str
    client: str
    nonce: str
    now: datetime


class UnknownKey(Unproven):
    """It is signed with a key that the provider may have taken up since we asked."""


def key_set(told: object) -> KeySet:
    """The keys for signatures among those that a provider publishes; others it has are passed over.

    Unproven where there is none.
    """
    found = told.get("keys") if isinstance(told, dict) else None
    keys = [_key(one) for one in found] if isinstance(found, list) else []
    usable = [one for one in keys if one is not None]
    if not usable:
        raise Unproven("the provider publishes no key for signatures")
    return KeySet(usable)


def claims(token: str, keys: KeySet, wanted: Wanted) -> Claims:
    """What the token says, once all of it has been checked; Unproven (UnknownKey) otherwise."""
    try:
        said = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        _rules(wanted).validate(said)
    except InvalidKeyIdError as error:
        raise UnknownKey(str(error)) from None
    except (JoseError, ValueError, TypeError, UnicodeError) as error:
        raise Unproven(str(error)) from None
    if not same(str(said["nonce"]), wanted.nonce):
        raise Unproven("it belongs to another sign-in")
    # A token for several must say that it was us who asked for it.
    others = isinstance(said["aud"], list) and len(said["aud"]) > 1
    if said.get("azp", None if others else wanted.client) != wanted.client:
        raise Unproven("another client asked for it")
    if not 0 < len(said["sub"]) <= LONGEST_SUBJECT or not said["sub"].isprintable():
        raise Unproven("its subject is none")
    return said


def _rules(wanted: Wanted) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(wanted.now.timestamp()),
        leeway=SKEW_S,
        iss={"essential": True, "value": wanted.issuer},
        aud={"essential": True, "value": wanted.client},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )


def _key(told: object) -> Any:
    if not isinstance(told, dict) or told.get("use", "sig") != "sig":
        return None
    if told.get("kty") not in KEY_TYPES:
        return None
    try:
        return JWKRegistry.import_key(told)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
