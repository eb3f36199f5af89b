"""Whatever a device sends can be looked at, and does no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.payload import MOST_BYTES, MOST_TEXT, hexdump, raw


def test_json_is_laid_out_and_its_text_stays_as_sent() -> None:
    found = raw('{"a":[1,2.50],"größe":"m³"}'.encode())
    assert found.laid_out == '{\n  "a": [\n    1,\n    2.5\n  ],\n  "größe": "m³"\n}'
    assert found.text == '{"a":[1,2.50],"größe":"m³"}'
    assert not found.is_cut


def test_what_turns_or_hides_text_is_shown_by_its_number() -> None:
    found = raw(b'{"a":"x\\u202ey\\u0000"}')
    assert found.laid_out is not None
    assert "\\u202e" in found.laid_out
    assert "\u202e" not in found.laid_out
    assert raw("\u202egnp.exe".encode()).text == "\\u202egnp.exe"


@pytest.mark.parametrize("payload", [b"\xff\xfe\x01", b"\x00" * 40, b"\x08\x96\x01" * 9])
def test_bytes_that_are_no_text_are_a_dump(payload: bytes) -> None:
    found = raw(payload)
    assert (found.laid_out, found.text) == (None, None)
    assert payload[:3].hex(" ") in found.hexdump


def test_a_dump_has_offset_bytes_and_what_can_be_printed() -> None:
    assert hexdump(b"Gas \xff<b>0123456789") == (
        "000000  47 61 73 20 ff 3c 62 3e 30 31 32 33 34 35 36 37  Gas ·<b>01234567\n"
        "000010  38 39                                            89"
    )


@pytest.mark.parametrize("payload", [b"[" * 100_000, b"9" * 5_000, b"[1" + b",1" * 60_000 + b"]"])
def test_what_is_huge_or_deep_is_cut_and_told(payload: bytes) -> None:
    found = raw(payload)
    assert len(found.text or "") <= MOST_TEXT
    assert len(found.laid_out or "") <= MOST_TEXT
    assert found.is_cut == (len(payload) > MOST_TEXT)


@given(st.binary(max_size=3 * MOST_BYTES))
def test_nothing_makes_it_fail(payload: bytes) -> None:
    found = raw(payload)
    assert found.size == len(payload)
    for view in (found.laid_out, found.text, found.hexdump):
        assert view is None or all(one.isprintable() or one in "\n\t" for one in view)
