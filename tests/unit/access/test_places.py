"""Which places are new for an account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gebaeude.access.places import Place, is_new, network
from gebaeude.signin.letters import signed_in
from gebaeude.signin.words import agent_name, browser_name

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Safari/604.1"
OFFICE = Place(b"office", "198.51.100.7", FIREFOX)


@pytest.mark.parametrize(
    ("place", "new"),
    [
        (OFFICE, False),
        (Place(b"office", "2001:db8::1", PHONE), False),  # the same browser elsewhere
        (Place(None, "198.51.100.99", FIREFOX), False),
        (Place(b"other", "198.51.100.7", FIREFOX.replace("145", "146")), False),  # an update
        (Place(b"other", "198.51.100.7", PHONE), True),
        (Place(b"other", "198.51.101.7", FIREFOX), True),
        (Place(None, "", ""), True),
    ],
)
def test_a_place_is_known_by_browser_or_by_network_and_kind(place: Place, new: bool) -> None:
    assert is_new(place, [Place(None, "203.0.113.5", PHONE), OFFICE]) is new
    assert is_new(place, [])


def test_networks_are_as_wide_as_providers_hand_them_out() -> None:
    assert network("2001:db8:1:2::3") == network("2001:db8:1:ff::9") != network("2001:db8:2::3")
    assert network("::ffff:198.51.100.7") == network("198.51.100.99") != network("198.51.101.7")
    assert network("no address") == "no address"


def test_browsers_in_words() -> None:
    assert browser_name(FIREFOX) == "Firefox, Linux"
    assert agent_name(PHONE) == "Safari, iPhone"
    assert (browser_name("www.evil.example"), agent_name("curl/8.5 (x)")) == ("", "curl")


def test_nothing_a_browser_says_of_itself_gets_into_the_mail() -> None:
    now = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    letter = signed_in(now, browser_name("www.evil.example/now"), is_last=False)
    assert "23.11.2026 02:30 Uhr" in letter.body
    assert "(unbekannter Browser)" in letter.body
    assert "evil" not in letter.body
    assert "http" not in letter.body
