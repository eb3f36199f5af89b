"""Addresses of MQTT brokers: one place or several, and no password where it does not belong."""

from __future__ import annotations

import pytest

from gebaeude.mqtt import Address, address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", Address(False, (("broker", 1883),))),
        ("mqtts://broker", Address(True, (("broker", 8883),))),
        ("mqtt://u:p%40@[::1]:1900", Address(False, (("::1", 1900),), "u", "p@")),
        (
            "mqtts://ingest:a,b@one:8884,two,three:8886",
            Address(True, (("one", 8884), ("two", 8883), ("three", 8886)), "ingest", "a,b"),
        ),
        ("mqtt://u@one, two:2", Address(False, (("one", 1883), ("two", 2)), "u")),
    ],
)
def test_places_in_the_order_given(url: str, expected: Address) -> None:
    assert address(url) == expected


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "expected is mqtt://"),
        ("broker:1883", "expected is mqtt://"),
        ("mqtt://", "a host is missing"),
        ("mqtt://u:geheim@", "a host is missing"),
        ("mqtt://u:geheim@one,,two", "a host is missing"),
        ("mqtt://u:geheim@one:70000", "Port out of range"),
        ("mqtt://u:geheim@one,mqtt://u:geheim@two", "nothing may follow the host"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        address(url)
    assert "geheim" not in str(caught.value)


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(address("mqtt://u:geheim@one,two"))
