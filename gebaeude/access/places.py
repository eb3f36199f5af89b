"""Whether somebody signs in from a place that is new for their account.

A browser is known by its cookie. Without one, the same kind of browser in the same network is
known: who clears cookies, or opens a private window at their desk, is not told of themselves daily.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address, ip_network

import msgspec

# A provider hands out addresses from within these; bits.
WIDTHS = {4: 24, 6: 48}
MOST_TOLD = 3  # mails a day; the last says that it is


class Place(msgspec.Struct, frozen=True):
    """Where a session began."""

    browser: bytes | None  # hash of the browser's cookie
    origin: str  # IP address
    agent: str  # what the browser says it is


def is_new(place: Place, before: Collection[Place]) -> bool:
    """Whether nobody has signed in to the account from here before."""
    here = (network(place.origin), kind(place.agent))
    return not any(
        (one.browser is not None and one.browser == place.browser)
        or (network(one.origin), kind(one.agent)) == here
        for one in before
    )


def network(origin: str) -> str:
    """The network of an address; what is no address is a network of its own."""
    try:
        address = ip_address(origin)
    except ValueError:
        return origin
    if isinstance(address, IPv6Address) and address.ipv4_mapped:  # on a socket for both
        address = address.ipv4_mapped
    return str(ip_network((address, WIDTHS[address.version]), strict=False))


def kind(agent: str) -> str:
    """A browser without its version, which changes every month."""
    return "".join(one for one in agent if not one.isdigit())
