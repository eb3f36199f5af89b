"""Every message is exactly one's, and what belongs together stays together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.share import MARKER, Share, generation_of, key, marker

MEMBERS = st.lists(st.text("abc", min_size=1), min_size=1, max_size=5, unique=True)


@given(MEMBERS, st.binary(max_size=40))
def test_every_message_is_exactly_ones(members: list[str], topic: bytes) -> None:
    shares = [Share(member, 1, tuple(members)) for member in members]
    assert sum(share.takes(topic) for share in shares) == 1


@given(MEMBERS, st.binary(max_size=40))
def test_who_takes_no_part_takes_nothing(members: list[str], topic: bytes) -> None:
    assert not Share("stranger", 1, tuple(members)).takes(topic)
    assert Share("stranger", 1, tuple(members)).is_nothing


def test_each_gets_about_as_much() -> None:
    share = Share("b", 1, ("a", "b", "c", "d"))
    topics = [b"application/1/device/%016x/event/up" % number for number in range(4000)]
    assert 800 < sum(map(share.takes, topics)) < 1200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"spBv1.0/nord/NBIRTH/knoten", b"spBv1.0/nord/DDATA/knoten/fuehler"),
        (b"homie/5/haus/$description", b"homie/5/haus/fuehler/wert"),
    ],
)
def test_what_explains_a_message_stays_with_it(one: bytes, other: bytes) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"spBv1.0/nord/NDATA/a", b"spBv1.0/nord/NDATA/b"),
        (b"homie/5/a/fuehler/wert", b"homie/5/b/fuehler/wert"),
        (b"senml/a", b"senml/b"),
    ],
)
def test_other_devices_may_be_anothers(one: bytes, other: bytes) -> None:
    assert key(one) != key(other)


@given(st.binary(max_size=30))
def test_a_marker_is_a_number_or_nothing(payload: bytes) -> None:
    assert 0 <= generation_of(payload) < 10**18
    assert generation_of(marker(7)) == 7
    assert MARKER == b"gebaeude/ingest"
