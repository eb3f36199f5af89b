"""The numbers in an object, however it is nested: what the formats that send objects share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.formats.common import MOST_VALUES, leaves, number_or_text, within


def measured(members: Mapping[str, object], *, quoted: bool = True) -> Iterator[tuple[str, float]]:
    """Every number with its name: keys and indices joined by dots.

    quoted: whether a number may stand in quotes; then text that is none gives NaN, else all text is
    left out, and so are truth values and null always.
    Raises DecodeError: invalid_structure, too_large.
    """
    every = (leaf for name, value in members.items() for leaf in leaves(value, name))
    for count, (path, leaf) in enumerate(every):
        if count == MOST_VALUES:
            within(count + 1)
        if leaf is None or isinstance(leaf, bool) or (isinstance(leaf, str) and not quoted):
            continue
        yield path, number_or_text(leaf)
