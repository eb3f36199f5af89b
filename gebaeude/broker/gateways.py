"""Gateways: each has an account of its own, and may send and read in its own area alone.

An area is a set of topic filters: what the ACL's patterns give to every name, and prefixes beyond
that for topics nobody can choose. Areas of two gateways never overlap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gebaeude.broker import files
from gebaeude.broker.files import Acl
from gebaeude.broker.filters import is_prefix, overlap
from gebaeude.broker.passwords import hashed, new_password
from gebaeude.errors import Conflict, NotFound, UsageError
from gebaeude.text import _

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Gateway:
    """One gateway as the broker's files have it."""

    name: str
    areas: tuple[str, ...]  # topic filters in which it may send
    prefixes: tuple[str, ...]  # those of them that were given to it beyond its name
    can_sign_in: bool


def gateways(directory: Path) -> list[Gateway]:
    """All gateways by name. Raises OSError."""
    acl, passwords = files.read_acl(directory), files.read_passwords(directory)
    return [
        Gateway(name, tuple(acl.areas(name)), prefixes, name in passwords)
        for name, prefixes in sorted(acl.prefixes.items())
    ]


def add(directory: Path, name: str, prefixes: Sequence[str] = ()) -> str:
    """Makes an account and returns its password, which is kept nowhere.

    Raises UsageError for an impossible name or prefix, Conflict where the name is taken or the
    area overlaps another gateway's, OSError.
    """
    own = tuple(one.removesuffix("/#").rstrip("/") for one in prefixes)
    _check(name, own)
    with files.locked(directory):
        acl, passwords = files.read_acl(directory), files.read_passwords(directory)
        _check_free(acl, passwords, name, own)
        password = new_password()
        # Rights first: without a password nobody can use them yet.
        files.write_acl(directory, replace(acl, prefixes={**acl.prefixes, name: own}))
        files.write_passwords(directory, {**passwords, name: hashed(password)})
    return password


def revoke(directory: Path, name: str) -> None:
    """Takes a gateway's account and its rights away. Raises NotFound, OSError."""
    with files.locked(directory):
        acl, passwords = files.read_acl(directory), files.read_passwords(directory)
        if name not in acl.prefixes:
            raise NotFound(_("Ein Gateway {name} gibt es nicht.").format(name=name))
        files.write_passwords(
            directory, {key: word for key, word in passwords.items() if key != name}
        )
        rest = {key: own for key, own in acl.prefixes.items() if key != name}
        files.write_acl(directory, replace(acl, prefixes=rest))


def _check(name: str, prefixes: Sequence[str]) -> None:
    if not _NAME.fullmatch(name):
        text = _(
            "{name} geht nicht als Name eines Gateways: kleine Buchstaben ohne Umlaute, Ziffern "
            "und Bindestriche, höchstens 63 Zeichen."
        )
        raise UsageError(text.format(name=name or "„“"))
    for one in prefixes:
        if not is_prefix(one):
            text = _(
                "{prefix} geht nicht als Präfix: erwartet wird der Anfang eines Topics wie "
                "application/17; + darf für eine Ebene stehen, außer für die erste."
            )
            raise UsageError(text.format(prefix=one or "„“"))


def _check_free(acl: Acl, passwords: dict[str, str], name: str, prefixes: Sequence[str]) -> None:
    if name in acl.prefixes:
        text = _("Das Gateway {name} gibt es schon. Ein neues Kennwort: erst revoke, dann add.")
        raise Conflict(text.format(name=name))
    words = {word for pattern in acl.patterns for word in pattern.split("/")}
    if name in acl.accounts | passwords.keys() | words:
        raise Conflict(_("Der Name {name} ist vergeben.").format(name=name))
    for wanted in acl.areas(name, prefixes):
        if any(overlap(wanted, own) for own in acl.own_topics):
            text = _("{wanted} gehört der Datenannahme selbst.")
            raise Conflict(text.format(wanted=wanted))
        for other in acl.prefixes:
            if any(overlap(wanted, taken) for taken in acl.areas(other)):
                text = _("{wanted} gehört schon zum Gateway {other}.")
                raise Conflict(text.format(wanted=wanted, other=other))
