"""Whose message is whose, where several ingests share the messages.

Each of them gets every message, in a session of its own, and takes those that fall to it by a
checksum of their topic. What has to stay in order stays with one: all messages of a topic, and in
formats where a topic is not enough to read another's messages by, all of a device. No broker needs
to know anything of it.

Who takes part is a *generation* (table `ingest_generation`). A new one begins at a marker: a
message that says its number, and that the broker delivers to every session at the same place among
the others. Before it a session deals out by the old generation and after it by the new one, so
that no message is nobody's and none is everybody's.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

TOPIC = "gebaeude/ingest"  # of markers; their payload is the generation's number
MARKER = TOPIC.encode()

# First level of a topic → the levels that stay together, where that is not the whole topic.
TOGETHER: dict[bytes, tuple[int, ...]] = {
    b"spBv1.0": (1, 3),  # group and node: its births say what its data means
    b"homie": (1, 2),  # version and device: $description says the units
}


class Share(NamedTuple):
    """What one session takes, as of a generation."""

    client: str
    generation: int
    members: tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Whether nobody else takes part."""
        return self.members == (self.client,)

    @property
    def is_nothing(self) -> bool:
        """Whether it takes no part."""
        return self.client not in self.members

    def takes(self, topic: bytes) -> bool:
        """Whether a message of this topic is ours."""
        if not self.members:
            return False
        return self.members[crc32(key(topic)) % len(self.members)] == self.client


def key(topic: bytes) -> bytes:
    """What messages have in common that one ingest has to read."""
    first, _, rest = topic.partition(b"/")
    kept = TOGETHER.get(first) if rest else None
    if kept is None:
        return topic
    levels = topic.split(b"/")
    return b"/".join([first, *(levels[at] for at in kept if at < len(levels))])


def marker(generation: int) -> bytes:
    """The marker's payload."""
    return str(generation).encode()


def generation_of(payload: bytes) -> int:
    """The generation that begins at a marker with this payload; 0 for anything else."""
    return int(payload) if payload.isdigit() and len(payload) < 19 else 0
