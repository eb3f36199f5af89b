"""Where an MQTT broker is reached: one scheme, one account, one place or several.

    mqtts://user:password@one.example:8883,two.example:8883

Several places are the nodes of one cluster: each keeps the same sessions, so whoever loses one goes
on at the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

PORTS = {"mqtt": 1883, "mqtts": 8883}  # scheme → port where none is given

Place = tuple[str, int]  # host, port


@dataclass(frozen=True)
class Address:
    """places: at least one, in the order given. username: None where nobody signs in."""

    is_encrypted: bool
    places: tuple[Place, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def address(url: str) -> Address:
    """The address that is written so. Raises ValueError, which does not repeat it."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError("expected is mqtt://… or mqtts://…")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("nothing may follow the host")
    account, is_named, hosts = parts.netloc.rpartition("@")
    places = tuple(_place(one.strip(), PORTS[parts.scheme]) for one in hosts.split(","))
    name, has_password, password = account.partition(":")
    return Address(
        parts.scheme == "mqtts",
        places,
        unquote(name) if is_named else None,
        unquote(password) if has_password else None,
    )


def _place(text: str, default: int) -> Place:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("a host is missing")
    return parts.hostname, parts.port or default
