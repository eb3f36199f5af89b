"""One scalar → one value. Each parser is `node → value` and raises Wrong with a German sentence."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from gebaeude.portfolio.nodes import Node, Scalar, Sequence
from gebaeude.text import _, number

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Parser = Callable[[Node], T]

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{0,20})?([eE][-+]?[0-9]{1,2})?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_SPELT = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 /()-]{2,30}")


class Wrong(Exception):
    """A value that cannot be used: (line, sentence) for each thing wrong with it."""

    def __init__(self, *mistakes: tuple[int, str]) -> None:
        self.mistakes = mistakes
        super().__init__(mistakes)


def raw(node: Node) -> str:
    """The text of a scalar as it stands in the file."""
    if not isinstance(node, Scalar):
        raise Wrong((node.line, _("hier wird ein einzelner Wert erwartet")))
    if node.text is None or not node.text.strip():
        raise Wrong((node.line, _("hier fehlt der Wert")))
    return node.text.strip()


def text(longest: int = 200) -> Parser[str]:
    """A text a person reads, of at most so many characters."""

    def parse(node: Node) -> str:
        value = raw(node)
        if len(value) > longest:
            raise Wrong((node.line, _("höchstens {n} Zeichen").format(n=longest)))
        if any(_unfit(character) for character in value):
            raise Wrong((node.line, _("enthält ein unsichtbares Steuerzeichen")))
        return value

    return parse


def _unfit(character: str) -> bool:
    """What neither a database nor a browser can show: controls, half characters, line breaks."""
    if character == "\n":
        return False
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or character in "\ufeff\ufffe\uffff"


def key(node: Node) -> str:
    """A short name for addresses: a–z, 0–9 and single hyphens."""
    value = raw(node)
    if len(value) > 60 or not _KEY.fullmatch(value):
        raise Wrong((node.line, _(
            "„{value}“ taugt nicht als Schlüssel: nur a–z, 0–9 und einzelne Bindestriche, "
            "höchstens 60 Zeichen, etwa „{example}“"
        ).format(value=value[:80], example=_slug(value))))  # fmt: skip
    return value


def _slug(value: str) -> str:
    replaced = value.lower().translate(_SPELT)
    return re.sub(r"[^a-z0-9]+", "-", replaced).strip("-")[:60].strip("-") or "haus-1"


def real(low: float, high: float, unit: str = "") -> Parser[float]:
    """A number between low and high."""

    def parse(node: Node) -> float:
        value = raw(node)
        if not _NUMBER.fullmatch(value):
            hint = value.replace(",", ".")
            if value.count(",") == 1 and _NUMBER.fullmatch(hint):
                raise Wrong((node.line, _(
                    "Dezimalzeichen ist der Punkt: {hint} statt {value}"
                ).format(hint=hint, value=value)))  # fmt: skip
            raise Wrong((node.line, _("„{value}“ ist keine Zahl").format(value=value[:40])))
        return _between(node, float(value), low, high, unit)

    return parse


def integer(low: int, high: int, unit: str = "") -> Parser[int]:
    """A whole number between low and high."""

    def parse(node: Node) -> int:
        value = raw(node)
        if not _INTEGER.fullmatch(value):
            raise Wrong((node.line, _("„{value}“ ist keine ganze Zahl").format(value=value[:40])))
        return int(_between(node, int(value), low, high, unit))

    return parse


def _between(node: Node, value: float, low: float, high: float, unit: str) -> float:
    if not low <= value <= high:
        most = f"{number(high)} {unit}".strip()
        raise Wrong((node.line, _(
            "{value} ist unplausibel; möglich sind {low} bis {high}"
        ).format(value=raw(node), low=number(low), high=most)))  # fmt: skip
    return value


def choice(words: Iterable[str]) -> Parser[str]:
    """One of a few words."""
    known = tuple(words)

    def parse(node: Node) -> str:
        value = raw(node)
        if value not in known:
            raise Wrong((node.line, unknown(value, known)))
        return value

    return parse


def member(words: type[E]) -> Parser[E]:
    """One of the words of an enumeration."""
    parse = choice(words)
    return lambda node: words(parse(node))


def unknown(value: str, known: Iterable[str]) -> str:
    """The sentence for a word that is not among those known, with the one probably meant."""
    known = tuple(known)
    sentence = _("„{value}“ gibt es nicht").format(value=value[:80])
    if near := difflib.get_close_matches(value, known, 1):
        return sentence + _("; meinten Sie „{near}“?").format(near=near[0])
    if 0 < len(known) <= 20:
        return sentence + _("; möglich sind: {words}").format(words=", ".join(known))
    return sentence


def several(parse: Parser[T], *, least: int = 0) -> Parser[tuple[T, ...]]:
    """A list of single values without repeats."""

    def read(node: Node) -> tuple[T, ...]:
        if not isinstance(node, Sequence):
            raise Wrong((node.line, _("hier wird eine Liste erwartet: [eins, zwei]")))
        values: dict[T, None] = {}
        mistakes: list[tuple[int, str]] = []
        for item in node.items:
            try:
                value = parse(item)
            except Wrong as wrong:
                mistakes += wrong.mistakes
                continue
            if value in values:
                mistakes.append((item.line, _("„{value}“ steht doppelt").format(value=value)))
            values[value] = None
        if len(node.items) < least:
            mistakes.append((node.line, _("mindestens ein Eintrag ist nötig")))
        if mistakes:
            raise Wrong(*mistakes)
        return tuple(values)

    return read


def email(node: Node) -> str:
    """A mail address."""
    return _matching(node, _EMAIL, _("„{value}“ ist keine E-Mail-Adresse"))


def phone(node: Node) -> str:
    """A telephone number as people write it."""
    return _matching(node, _PHONE, _("„{value}“ ist keine Telefonnummer"))


def ags(node: Node) -> str:
    """Amtlicher Gemeindeschlüssel: 8 digits that begin with one of the 16 states."""
    value = _matching(node, re.compile(r"[0-9]{8}"), _(
        "„{value}“ ist kein Gemeindeschlüssel: acht Ziffern in Anführungszeichen, "
        "etwa \"05766012\""
    ))  # fmt: skip
    if not 1 <= int(value[:2]) <= 16:
        raise Wrong((node.line, _(
            "„{value}“ ist kein Gemeindeschlüssel: die ersten beiden Ziffern nennen das Land, 01–16"
        ).format(value=value)))  # fmt: skip
    return value


def cost_group(node: Node) -> str:
    """A cost group of DIN 276: three digits, the first of them 1 to 8."""
    sentence = _('„{value}“ ist keine Kostengruppe der DIN 276: drei Ziffern, etwa "421"')
    return _matching(node, re.compile(r"[1-8][0-9]{2}"), sentence)


def _matching(node: Node, pattern: re.Pattern[str], sentence: str) -> str:
    value = raw(node)
    if not pattern.fullmatch(value):
        raise Wrong((node.line, sentence.format(value=value[:80])))
    return value
