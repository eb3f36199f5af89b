"""Where somebody comes from: what a proxy says counts only where it is one of ours."""

from __future__ import annotations

from typing import Any

import pytest

from gebaeude.config import Settings
from gebaeude.signin.site import Site

PROXIES = "10.0.0.1 10.0.0.2"


@pytest.mark.parametrize(
    ("client", "told", "origin"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),  # says so itself
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),  # the first is made up
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1", "10.0.0.2"], "198.51.100.1"),  # two headers
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(client: str, told: list[str], origin: str) -> None:
    pool: Any = None
    site = Site(pool, Settings(trusted_proxies=PROXIES))
    scope = {
        "type": "http",
        "client": (client, 1234),
        "headers": [(b"x-forwarded-for", one.encode()) for one in told],
    }
    assert site.origin(scope) == origin
