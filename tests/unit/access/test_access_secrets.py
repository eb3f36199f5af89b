"""Second factors, passwords, tokens, and how long wrong attempts make somebody wait."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from gebaeude.access import passwords, secrets, totp
from gebaeude.access.delays import LONGEST, Failures, wait

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RFC_SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(second: int, eight_digits: str) -> None:
    """Appendix B, SHA-1; six digits are the last six."""
    assert totp.code(RFC_SECRET, second // 30) == eight_digits[2:]


@pytest.mark.parametrize(
    ("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(steps: int, counts: bool) -> None:
    step = totp.step_of(NOW) + steps
    given = totp.code(RFC_SECRET, step)
    assert totp.matching_step(RFC_SECRET, given, NOW) == (step if counts else None)


@pytest.mark.parametrize("given", ["", "12345", "äöüäöü", "1234567", "\x00" * 6, "\ud800"])
def test_what_is_no_code_is_wrong(given: str) -> None:
    assert totp.matching_step(RFC_SECRET, given, NOW) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    given = totp.code(RFC_SECRET, totp.step_of(NOW))
    assert totp.matching_step(RFC_SECRET, f"{given[:3]} {given[3:]}", NOW) is not None


def test_the_address_for_the_app_names_account_and_secret() -> None:
    secret = totp.new_secret()
    told = totp.address(secret, "anna+1@b.example", "Gebäude")
    assert told.startswith("otpauth://totp/Geb%C3%A4ude%3Aanna%2B1%40b.example?")
    assert f"secret={secret}" in told


@pytest.mark.parametrize(
    "password",
    ["", "kurz", "x" * 257, "passwort1234", "Passwort1234", "aaaaaaaaaaaaaaa", "abababababab",
     "abcdefghijklmn", "anna.adler2026"],
)  # fmt: skip
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert passwords.complaint(password, email="anna.adler@b.example")


def test_a_sentence_is_a_good_password() -> None:
    assert passwords.complaint("vier Wörter im Heizungskeller", email="anna@b.example") is None


def test_a_password_fits_itself_alone() -> None:
    kept = passwords.hashed("vier Wörter im Keller")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, second recommendation
    assert passwords.fits(kept, "vier Wörter im Keller")
    assert not passwords.fits(kept, "vier Wörter im Kelle")
    assert not passwords.fits(kept, "x" * 1000)
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("no hash at all", "x")
    assert not passwords.is_outdated(kept)


def test_tokens_differ_and_their_hash_does_not_tell_them() -> None:
    one, other = secrets.new_token("geb_"), secrets.new_token("geb_")
    assert one != other
    assert one.startswith("geb_")
    assert secrets.token_hash(one) == secrets.token_hash(one) != secrets.token_hash(other)
    assert secrets.form_token(one) != secrets.form_token(other)


def test_recovery_codes_are_read_as_people_write_them() -> None:
    codes = secrets.new_recovery_codes()
    assert len({*codes}) == secrets.RECOVERY_CODES
    kept = secrets.recovery_hash(7, codes[0])
    assert secrets.is_recovery(7, codes[0].upper().replace("-", " "), kept)
    assert not secrets.is_recovery(7, codes[1], kept)
    assert not secrets.is_recovery(8, codes[0], kept)
    assert not secrets.is_recovery(7, "\ud800", kept)


def test_each_recovery_code_has_a_salt_of_its_own() -> None:
    kept = [secrets.recovery_hash(7, "abcde-fghjk") for _time in range(50)]
    assert len({one[:16] for one in kept}) == len({one[16:] for one in kept}) == 50
    assert {len(one) for one in kept} == {48}
    assert all(secrets.is_recovery(7, "abcde-fghjk", one) for one in kept)


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (8, 8), (11, 60), (1000, 60)]
)
def test_waiting_grows_up_to_a_minute(count: int, seconds: int) -> None:
    assert wait(Failures(count, NOW), 5, NOW) == timedelta(seconds=seconds)


def test_waiting_ends_and_a_clock_set_back_does_not_make_it_longer() -> None:
    failures = Failures(1000, NOW)
    assert wait(failures, 5, NOW + LONGEST) == timedelta(0)
    assert wait(failures, 5, NOW - timedelta(days=1)) == LONGEST
