"""Where a text names somebody, and what it says instead when it shall not any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

# What stands before and behind a word, in expressions that PostgreSQL reads as Python does.
_BEFORE, _BEHIND = r"(?<![[:alnum:]])", r"(?![[:alnum:]])"
NOTHING = r"x\Ay"  # matches no text
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*")
GONE = "…"  # what an address becomes


class Line(msgspec.Struct, frozen=True):
    """A line of a history: who did what, with what words."""

    id: int
    actor: str
    names_somebody: bool  # the comment is nothing but a name
    comment: str | None


def expression(names: Iterable[str], emails: Iterable[str], phones: Iterable[str]) -> str:
    """A regular expression (PostgreSQL, any case) for texts that name somebody.

    A name is found with any white space between its parts, in the genitive, and with the last part
    first. One of a single word, which could mean something else, only where nothing else is said.
    """
    parts = [part for name in names for part in _name(name.split()) or [rf"\A{_plain(name)}\Z"]]
    parts += [
        rf"(?<![[:alnum:]._%+-]){_plain(email)}(?![[:alnum:]-]|\.[[:alnum:]])" for email in emails
    ]
    parts += [_BEFORE + r"\s*".join(map(_plain, phone.split())) + _BEHIND for phone in phones]
    return "|".join(parts) or NOTHING


def nameless(lines: Sequence[Line], machinery: Collection[str], person: str) -> tuple[Line, ...]:
    """The lines of one history that change when it names nobody any more.

    machinery: actors who are no people. person: what each becomes, with {n} for its number in the
    order in which they appear. Addresses of mail become an ellipsis.
    """
    names: list[str] = []
    for line in lines:
        said = [line.actor, line.comment or ""] if line.names_somebody else [line.actor]
        names += [name for name in said if name and name not in {*machinery, *names}]
    instead = {name: person.format(n=n) for n, name in enumerate(names, 1)}
    return tuple(new for line in lines if (new := _changed(line, instead)) != line)


def _changed(line: Line, instead: dict[str, str]) -> Line:
    actor, comment = instead.get(line.actor, line.actor), line.comment
    if comment is not None and line.names_somebody:
        comment = instead.get(comment, comment)
    elif comment is not None:
        comment = _EMAIL.sub(GONE, _replaced(comment, instead))
    return msgspec.structs.replace(line, actor=actor, comment=comment)


def _replaced(text: str, instead: dict[str, str]) -> str:
    for name, new in instead.items():
        found = "|".join(_name(name.split())).replace("[[:alnum:]]", r"\w")
        if found:
            text = new.join(re.split(found, text, flags=re.IGNORECASE))
    return text


def _name(words: Sequence[str]) -> list[str]:
    """The ways in which a name of several words is written."""
    if len(words) < 2:
        return []
    plain = [_plain(word) for word in words]
    turned = [plain[-1] + ",", *plain[:-1]]
    return [_BEFORE + r"\s+".join(way) + "s?" + _BEHIND for way in (plain, turned)]


def _plain(text: str) -> str:
    """The text itself, as an expression of either kind."""
    return re.sub(r"([^\w\s])", r"\\\1", text)
