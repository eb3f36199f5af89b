"""Passwords that are tried first are refused, with the reason; others are not."""

from __future__ import annotations

import pytest

from gebaeude.access import passwords
from gebaeude.access.guessable import commonest, is_pattern, known, words_of

NAMES = ("Karin Vogt", "Rathaus Barntrup", "Dörentrup", "Kita Sonnenschein")
EMAIL = "karin.vogt@nordlippe.example"


def complaint(password: str) -> str | None:
    return passwords.complaint(password, email=EMAIL, names=NAMES)


def test_each_of_the_commonest_is_refused() -> None:
    assert len(commonest()) == 10_000
    taken = [one for one in commonest() if not complaint(one) or not complaint(one.title())]
    assert taken == []


def test_every_one_on_the_list_could_be_a_password() -> None:
    assert {len(one) for one in commonest()} <= {*range(passwords.SHORTEST, 129)}
    assert {one for one in commonest() if one != one.lower()} == set()


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Sommer2026!!", ["Sommer"]),
        ("!!2026SOMMER", ["Sommer"]),
        ("R@thaus-Barntrup-26", ["Rathaus", "Barntrup"]),
        ("p4$$w0rt2026!", ["Passwort"]),
        ("doerentrup-dörentrup", ["Dörentrup"]),
        ("HausmeisterGrundschule1", ["Hausmeister", "Grundschule"]),
        ("das ist mein kennwort", ["das", "ist", "mein", "Kennwort"]),
        ("karin.vogt2026", ["Karin", "Vogt"]),
        ("Nordlippe.Example1", ["nordlippe", "example"]),
    ],
)
def test_words_from_here_make_no_password(password: str, words: list[str]) -> None:
    assert words_of(password, known((EMAIL, *NAMES))) == words
    assert all(f"„{word}“" in str(complaint(password)) for word in words)


@pytest.mark.parametrize(
    "password",
    ["vier Wörter im Heizungskeller", "Lampe grün Esel Amt", "Sommer Giraffe 2026", "Tr0ub4dor&3xy",
     "Sommer Rathaus Kita Barntrup", "kX8#vQ2!pLw9", "12.03.1985 Tante Erna",
     "日本語のパスワード四つの", "d1e-Zug-Fahrt", "052635551212"],
)  # fmt: skip
def test_others_pass(password: str) -> None:
    assert complaint(password) is None


@pytest.mark.parametrize(
    "password",
    ["qwertz123456", "hallohallohallo", "1qay2wsx3edc", "asdfghjklöä1", "98765432109876",
     "aaaaaaaaaaaab", "zyxwvutsrqpon", "Ab1!Ab1!Ab1!", "1q2w3e4r5t6z"],
)  # fmt: skip
def test_patterns_are_refused(password: str) -> None:
    assert is_pattern(password)
    assert complaint(password)


def test_the_longest_is_looked_at_too() -> None:
    assert complaint("mai" * 42)
    assert complaint("sommer" * 20 + "x" * 8) is None
    assert complaint(" " * 12)
    assert complaint("\ud800" * 12)
