"""What whoever guesses passwords tries first: the commonest, everyday words, names from here.

`common-passwords.txt.gz` holds the 10,000 commonest of at least 12 characters, in small letters.
They come from SecLists (10-million-password-list-top-1000000.txt, MIT licence, Copyright (c)
Daniel Miessler), which has them from the data that Mark Burnett gave to the public domain in 2015;
docs/decisions/0022-guessable-passwords.md says how and why.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

FEW = 3  # as many of the words below make no password
SHORT = 4  # letters from which on a word counts as one

# What people here make of the rule that a password has twelve characters.
WORDS = """
    Frühling Frühjahr Sommer Herbst Winter Januar Februar März April Mai Juni Juli August
    September Oktober November Dezember Montag Dienstag Mittwoch Donnerstag Freitag Samstag
    Sonntag Weihnachten Ostern Urlaub Geburtstag Passwort Kennwort password geheim secret hallo
    hello willkommen welcome Start Test login Zugang anmelden changeme letmein qwertz qwerty
    admin Administrator root user Benutzer Gast Demo Liebe Schatz Schatzi Hase Maus Engel
    ichliebedich iloveyou Sonne Sonnenschein Fußball Schalke Borussia Dortmund Bayern München
    Arminia Bielefeld Werder Bremen Köln Hamburg Superman Batman Internet Computer Laptop Handy
    Windows Gebäude Gebäudemanagement facility Management Manager Managerin Verwaltung Verwalter
    Verwalterin Hausmeister Hausmeisterin Techniker Technikerin Technik Heizung Keller Energie
    Strom Wasser Haus Halle Büro Rathaus Gemeinde Stadt Kreis Kommune Amt Bauhof Schule
    Grundschule Hauptschule Realschule Gesamtschule Gymnasium Kita Kindergarten Feuerwehr
    Turnhalle Sporthalle Schwimmbad Freibad Bürgerhaus Bürgermeister Bürgermeisterin Kämmerer
    Kämmerin Kämmerei Schulzentrum Nordlippe Lippe Detmold Lemgo Westfalen Ostwestfalen NRW OWL
    Deutschland Germany mein meine unser unsere dein neu neues altes das der die und ist im in
    am auf von ein eine my the
"""

# Neighbours on a keyboard and in the alphabet: German and English, along rows and down columns.
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890ß", "qwertzuiopü", "qwertyuiop", "asdfghjklöä",
    "yxcvbnm", "zxcvbnm", "1q2w3e4r5t6z7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p",
    "1qay2wsx3edc4rfv5tgb6zhn7ujm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)  # fmt: skip
_NEIGHBOURS = {pair for row in ROWS for way in (row, row[::-1]) for pair in pairwise(way)}

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_AS_LETTERS = str.maketrans("@43105$7", "aaeiosst")  # p4ssw0rt
_LETTERS = re.compile(r"[^\W\d_]+")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@cache
def commonest() -> frozenset[str]:
    """The 10,000 commonest passwords of at least 12 characters, in small letters."""
    packed = (Path(__file__).parent / "common-passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n")) - {""}


def is_pattern(password: str) -> bool:
    """Whether it repeats something short, or goes along the keyboard or the alphabet."""
    plain = password.strip().lower()
    repeated = re.fullmatch(r"(.{1,11}?)\1+", plain, re.DOTALL)
    jumps = sum(pair not in _NEIGHBOURS for pair in pairwise(plain))
    return repeated is not None or len({*plain}) < 4 or 4 * jumps < len(plain)


def known(texts: Iterable[str]) -> dict[str, str]:
    """The words of names and addresses, as `words_of` takes them: folded → as written."""
    found = (word for text in texts for word in _LETTERS.findall(text))
    return {_folded(word): word for word in found if len(word) >= 3}


def words_of(password: str, own: Mapping[str, str]) -> list[str] | None:
    """The few everyday words, or `own` ones, of which it is made beside digits and signs; None
    where there is anything else in it, or more of them."""
    words = {**_everyday(), **own}
    plain = _folded(password)
    core = _EDGES.sub("", plain)
    for text in (plain, core.translate(_AS_LETTERS)):
        runs = [_parts(run, words) for run in _LETTERS.findall(text)]
        parts = [part for run in runs for part in run or ()]
        if runs and None not in runs and sum(len(part) >= SHORT for part in parts) <= FEW:
            return [words[part] for part in dict.fromkeys(parts)]
    return None


@cache
def _everyday() -> dict[str, str]:
    return {_folded(word): word for word in WORDS.split()}


def _parts(run: str, words: Mapping[str, str]) -> tuple[str, ...] | None:
    """A run of letters as the fewest known words, None where it is not made of them."""
    best: list[tuple[str, ...] | None] = [(), *[None] * len(run)]
    for end in range(1, len(run) + 1):
        for start in range(end):
            before = best[start]
            if before is None or run[start:end] not in words:
                continue
            found, so_far = (*before, run[start:end]), best[end]
            if so_far is None or len(found) < len(so_far):
                best[end] = found
    return best[-1]


def _folded(text: str) -> str:
    return text.casefold().translate(_UMLAUTS)
