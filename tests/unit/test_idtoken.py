"""What an ID token must be to prove anything; the tokens are signed with keys of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OctKey, RSAKey
from pydantic import ValidationError

from gebaeude.config import Settings
from gebaeude.errors import SettingsError
from gebaeude.signin import provider
from gebaeude.signin.idtoken import UnknownKey, Unproven, Wanted, claims, key_set

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
WANTED = Wanted("https://stadt.example", "gebaeude", "once", NOW)
SAID = {
    "iss": "https://stadt.example", "aud": "gebaeude", "sub": "7", "nonce": "once",
    "iat": AT, "exp": AT + 300,
}  # fmt: skip
RSA, EC = (
    RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    ECKey.generate_key("P-256", {"kid": "ec"}),
)
KEYS = key_set({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]})


def token(key: Any = EC, alg: str = "ES256", kid: str = "ec", **other: Any) -> str:
    """A token that says SAID, but for `other`; None: does not say it."""
    said = {name: value for name, value in (SAID | other).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": kid}, said, key)


def packed(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"aud": ["gebaeude"]},
        {"aud": ["gebaeude", "other"], "azp": "gebaeude"},
        {"azp": "gebaeude"},
        {"exp": AT - 59},  # clocks differ a little
        {"iat": AT + 59},
        {"nbf": AT + 59},
    ],
)
def test_a_token_for_us_proves_who_somebody_is(other: dict[str, Any]) -> None:
    assert claims(token(**other), KEYS, WANTED)["sub"] == "7"
    assert claims(token(RSA, "RS256", "rsa", **other), KEYS, WANTED)["sub"] == "7"


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://stadt.example/"},
        {"iss": ["https://stadt.example"]},
        {"aud": "other"},
        {"aud": []},
        {"aud": ["gebaeude", "other"]},
        {"aud": ["gebaeude", "other"], "azp": "other"},
        {"azp": "other"},
        {"exp": AT - 61},
        {"exp": "never"},
        {"iat": AT + 61},
        {"nbf": AT + 61},
        {"nonce": "twice"},
        {"nonce": 7},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        *({name: None} for name in SAID),
    ],
)
def test_a_token_for_others_or_of_another_time_proves_nothing(other: dict[str, Any]) -> None:
    with pytest.raises(Unproven):
        claims(token(**other), KEYS, WANTED)


def test_a_key_that_is_not_the_providers_proves_nothing() -> None:
    foreign = ECKey.generate_key("P-256")
    with pytest.raises(Unproven):
        claims(token(foreign), KEYS, WANTED)
    with pytest.raises(UnknownKey):
        claims(token(foreign, kid="new"), KEYS, WANTED)
    with pytest.raises(Unproven):
        claims(token(RSA, "RS256", "ec"), KEYS, WANTED)


@pytest.mark.parametrize(("curve", "alg"), [("P-384", "ES384"), ("P-521", "ES512")])
def test_other_curves_are_taken(curve: str, alg: str) -> None:
    key = JWKRegistry.generate_key("EC", curve, {"kid": "one"})
    keys = key_set({"keys": [key.as_dict(private=False)]})
    told = jwt.encode({"alg": alg, "kid": "one"}, SAID, key, algorithms=[alg])
    assert claims(told, keys, WANTED)["sub"] == "7"


def test_what_is_public_is_no_secret_to_sign_with() -> None:
    # The old trick: the public key's text as the secret of HS256.
    head = packed({"alg": "HS256", "kid": "rsa"}) + "." + packed(SAID)
    signature = hmac.new(RSA.as_pem(private=False), head.encode(), hashlib.sha256).digest()
    letters = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    secret = OctKey.import_key("the client's secret is ours as well as theirs")
    for forged in (
        f"{head}.{letters}",
        token(secret, "HS256"),
        packed({"alg": "none"}) + "." + packed(SAID) + ".",
    ):
        with pytest.raises(Unproven):
            claims(forged, KEYS, WANTED)


@pytest.mark.parametrize("text", ["", "a.b.c", "ä.ö.ü", "....", "e30.e30.e30", "x" * 100_000])
def test_what_is_no_token_proves_nothing(text: str) -> None:
    with pytest.raises(Unproven):
        claims(text, KEYS, WANTED)


def test_keys_for_other_purposes_are_passed_over() -> None:
    others = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "ec"},
        RSAKey.generate_key(2048, {"kid": "rsa", "use": "enc"}).as_dict(private=False),
        {"kty": "EC", "crv": "P-999", "x": "A", "y": "A"},
        {"kty": "RSA"},
        {"kty": "ML-DSA"},
        "nonsense",
    ]
    keys = key_set({"keys": [*others, EC.as_dict(private=False)]})
    assert claims(token(), keys, WANTED)["sub"] == "7"
    for told in ({"keys": others}, {"keys": 7}, {}, [], None):
        with pytest.raises(Unproven):
            key_set(told)


@pytest.mark.parametrize(
    "issuer",
    ["http://stadt.example", "stadt.example", "https://", "https://stadt.example?x=1",
     "https://stadt.example#x", "https://you@stadt.example"],
)  # fmt: skip
def test_an_issuer_is_reached_by_https(issuer: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oidc_issuer=issuer)


def test_half_a_provider_is_none() -> None:
    assert provider.of(Settings()) is None
    with pytest.raises(SettingsError, match="OIDC_CLIENT_ID"):
        provider.of(Settings(oidc_issuer="https://stadt.example"))
    with pytest.raises(SettingsError, match="OIDC_CLIENT_SECRET"):
        provider.of(Settings(oidc_issuer="https://stadt.example", oidc_client_id="gebaeude"))
