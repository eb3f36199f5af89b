"""A raw message made readable for people, whatever it is: JSON, text, or bytes."""

from __future__ import annotations

import json

import msgspec

from gebaeude.reports.quality import readable

MOST_TEXT = 20_000  # characters that are shown
MOST_BYTES = 4_096  # that are shown one by one
MOST_PARSED = 1_000_000  # bytes of JSON that are laid out
_WIDTH = 16  # bytes a line


class Raw(msgspec.Struct, frozen=True):
    """The views of a payload; each may be cut, and None where there is no such view."""

    size: int  # bytes
    laid_out: str | None  # JSON with its structure
    text: str | None
    hexdump: str
    is_cut: bool  # whether some view does not show everything


def raw(payload: bytes) -> Raw:
    """All views of a payload. Never raises, whatever was sent."""
    laid_out, text = _laid_out(payload), _text(payload)
    views = [one for one in (laid_out, text) if one is not None]
    return Raw(
        size=len(payload),
        laid_out=laid_out[:MOST_TEXT] if laid_out is not None else None,
        text=text[:MOST_TEXT] if text is not None else None,
        hexdump=hexdump(payload[:MOST_BYTES]),
        is_cut=any(len(one) > MOST_TEXT for one in views)
        or (text is None and len(payload) > MOST_BYTES),
    )


def hexdump(payload: bytes) -> str:
    """Offset, bytes and what of them can be printed, 16 a line."""
    lines = []
    for start in range(0, len(payload), _WIDTH):
        part = payload[start : start + _WIDTH]
        pairs = " ".join(f"{one:02x}" for one in part)
        printed = "".join(chr(one) if 32 <= one < 127 else "·" for one in part)
        lines.append(f"{start:06x}  {pairs:<{3 * _WIDTH - 1}}  {printed}")
    return "\n".join(lines)


def _laid_out(payload: bytes) -> str | None:
    if len(payload) > MOST_PARSED:
        return None
    try:
        content = json.loads(payload.decode("utf-8"))
        if not isinstance(content, dict | list):
            return None
        found = json.dumps(content, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    # Escapes may have held what must not reach a screen: controls, characters that turn the text.
    return readable(found.encode("utf-8", "backslashreplace"))


def _text(payload: bytes) -> str | None:
    """The payload as text, if it is meant as that: valid UTF-8 and hardly any control."""
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return None
    controls = sum(payload.count(one) for one in range(32) if one not in b"\t\n\r")
    if controls > len(payload) / 20:
        return None
    return readable(payload[: 4 * MOST_TEXT]) + ("…" if len(payload) > 4 * MOST_TEXT else "")
