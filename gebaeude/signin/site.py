"""What gate and pages share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import msgspec
from starlette.types import Scope

from gebaeude.access import passwords
from gebaeude.access.person import Person
from gebaeude.access.sealed import Sealer
from gebaeude.config import Settings, require
from gebaeude.errors import SettingsError
from gebaeude.signin import provider
from gebaeude.signin.cookies import Jar
from gebaeude.signin.provider import Provider
from gebaeude.store.database import Connection, Pool
from gebaeude.store.scope import NOBODY, scoped
from gebaeude.text import _, language

HASHING = 2  # at once: each takes a core and 64 MiB
HASHING_PATIENCE_S = 10.0


class Busy(Exception):
    """More people sign in than we can check just now."""


@dataclass(frozen=True)
class Site:
    """One web process; `demo`: example roles can be taken by a click."""

    pool: Pool
    settings: Settings
    demo: bool = False
    jar: Jar = field(init=False)
    templates: jinja2.Environment = field(init=False)
    provider: Provider | None = field(init=False)
    sealer: Sealer = field(init=False)
    _hashing: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        secure = urlsplit(self.settings.public_url).scheme == "https"
        object.__setattr__(self, "jar", Jar(secure))
        object.__setattr__(self, "templates", _environment())
        object.__setattr__(self, "provider", provider.of(self.settings))
        object.__setattr__(self, "sealer", sealer(self.settings))
        object.__setattr__(self, "_hashing", threading.BoundedSemaphore(HASHING))

    @contextmanager
    def connect(self, person: Person | None = None, origin: str = "") -> Iterator[Connection]:
        """A connection in whose traces `person` stands; commits at the end.

        It sees all municipalities: who somebody is, and what they may, is still to be found out.
        """
        who = person or NOBODY
        if origin:
            who = msgspec.structs.replace(who, origin=origin)
        with scoped(self.pool, who, timeout=5, everything=True) as connection:
            yield connection

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is right. Busy where too many are being checked."""
        with self._turn():
            return passwords.fits(kept, password)

    def hashed(self, password: str) -> str:
        """The password as it is kept. Busy where too many are being checked."""
        with self._turn():
            return passwords.hashed(password)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._hashing.acquire(timeout=HASHING_PATIENCE_S):
            raise Busy
        try:
            yield
        finally:
            self._hashing.release()

    def origin(self, scope: Scope) -> str:
        """The IP address of whoever asks; behind our own proxies, what they say it is."""
        address = str((scope.get("client") or ("", 0))[0])
        trusted = {*self.settings.trusted_proxies.split()}
        if address not in trusted:
            return address
        told = [
            part.strip()
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
            for part in value.decode("latin-1").split(",")
        ]
        for one in reversed(told):
            if one not in trusted:
                return one if _is_address(one) else address
        return address


def sealer(settings: Settings) -> Sealer:
    """What encrypts second factors; SettingsError where there is no key or no good one."""
    try:
        return Sealer(require(settings.second_factor_key, "second_factor_key"))
    except ValueError:
        raise SettingsError(
            _(
                "Einstellung GEBAEUDE_SECOND_FACTOR_KEY: Das ist kein Schlüssel; gebaeude account "
                "new-key macht einen."
            )
        ) from None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    known: dict[str, Any] = {"_": _, "lang": language}
    environment.globals.update(known)
    return environment
