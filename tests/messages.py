"""Real messages for tests, and hypothesis strategies that damage them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from gebaeude.model import Message

PAYLOADS = Path(__file__).parent / "payloads"
RECEIVED = 1_798_000_000_000_000  # µs; later than every real message

# What a value in a damaged message may be instead; JSON text, not all of it valid.
HOSTILE = (
    "NaN", "-Infinity", "nan", "1e999", "-1e999", "1e-999", "-0", "0x10", "1_000", "01",
    "9" * 400, "-2147483648", "9223372036854775808", "1.7976931348623157e308",
    "null", "true", "[]", "{}", '""', '"NaN"', '"1e999"', '"21,5"', '" 21.5 "', '"\\u0000"',
    '"\\ud800"', '"' + "x" * 5000 + '"', "[" * 60 + "]" * 60, '{"a":' * 60 + "1" + "}" * 60,
    '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"', '"2026-02-30T00:00:00Z"',
    '"2026-11-22T12:00:00"', '"1970-01-01T00:00:00Z"', '"2026-W47-7T12Z"', "268435456", "-1e18",
)  # fmt: skip


def real(*formats: str) -> list[tuple[str, Message]]:
    """(format/name, message) of every real payload of these formats, or of all."""
    folders = [PAYLOADS / name for name in formats] or sorted(PAYLOADS.iterdir())
    return [
        (f"{folder.name}/{path.stem}", message(path))
        for folder in folders
        for path in sorted(folder.iterdir())
        if _is_payload(path)
    ]


def message(path: Path) -> Message:
    """The payload in this file, on its own topic or on one of its format."""
    topic = path.with_suffix(".topic")
    known = topic.read_bytes().strip() if topic.exists() else None
    return Message(known or f"{path.parent.name}/{path.stem}".encode(), path.read_bytes(), RECEIVED)


def load(name: str) -> Message:
    """The message of this name, as `shelly/gen2_em_triphase.json`."""
    return message(PAYLOADS / name)


def _is_payload(path: Path) -> bool:
    return path.name != "SOURCES.md" and not path.name.endswith(
        (".topic", ".expected.json", ".resolved.json")
    )


@st.composite
def damaged(draw: st.DrawFn, *formats: str) -> Message:
    """A real message with a few bytes or values gone wrong, now and then under another topic."""
    _, one = draw(st.sampled_from(real(*formats)))
    payload = one.payload
    for _ in range(draw(st.integers(1, 4))):
        payload = draw(st.sampled_from((_bytes_damaged, _value_replaced)))(draw, payload)
    topic = one.topic
    if draw(st.integers(0, 9)) == 0:
        topic = draw(st.sampled_from(real()))[1].topic
    return Message(topic, payload, one.received)


def _bytes_damaged(draw: st.DrawFn, payload: bytes) -> bytes:
    start = draw(st.integers(0, len(payload)))
    end = min(len(payload), start + draw(st.integers(0, 20)))
    return payload[:start] + draw(st.binary(max_size=4)) + payload[end:]


def _value_replaced(draw: st.DrawFn, payload: bytes) -> bytes:
    try:
        tree = json.loads(payload)
    except ValueError:
        return payload
    places: list[tuple[Any, Any]] = []
    _places(tree, places)
    if not places:
        return draw(st.sampled_from(HOSTILE)).encode()
    holder, key = draw(st.sampled_from(places))
    holder[key] = "\x00here\x00"
    text = json.dumps(tree)
    return text.replace(json.dumps("\x00here\x00"), draw(st.sampled_from(HOSTILE))).encode()


def _places(tree: Any, found: list[tuple[Any, Any]]) -> None:
    """Every (container, key) below `tree`."""
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            found.append((tree, key))
            _places(tree[key], found)
