"""Publishing as fast as a socket takes it: MQTT 3.1.1 packets laid out by hand.

The publisher must never be what is measured, and tests need to send what a library refuses.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CONNACK_ACCEPTED = b"\x20\x02\x00\x00"
PIECE = 131_072  # bytes written at once
PATIENCE_S = 30.0


def text(data: bytes) -> bytes:
    """A string of the protocol: its length and its bytes."""
    return len(data).to_bytes(2) + data


def packet(head: int, body: bytes) -> bytes:
    """A whole packet; `head` is its first byte."""
    length, rest = bytearray(), len(body)
    while rest >= 128:
        length.append(rest % 128 | 128)
        rest //= 128
    return bytes([head, *length, rest]) + body


class Publisher:
    """One connection that only publishes. Raises OSError when the broker breaks it off."""

    def __init__(self, url: str, client_id: str = "bench-publisher") -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), PATIENCE_S)
        self._number = 0
        self._unread = b""
        clean, forever = b"\x04\x02", b"\x00\x00"
        self.send(packet(0x10, text(b"MQTT") + clean + forever + text(client_id.encode())))
        if self._socket.recv(4) != CONNACK_ACCEPTED:
            raise ConnectionError("the broker turns the publisher away")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Any bytes at all."""
        self._socket.sendall(data)

    def is_thrown_out(self) -> bool:
        """Waits for the broker to say something; whether that is goodbye."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionError:
            return True

    def publish(
        self, messages: Iterable[tuple[bytes, bytes]], *, retain: bool = False, window: int = 5000
    ) -> int:
        """Publishes (topic, payload) with QoS 1 and waits for all acknowledgements.

        window: how many may be under way. Returns how many messages that were.
        """
        head, waiting, sent, acknowledged = 0x32 | retain, bytearray(), 0, 0
        rest = iter(messages)
        more = True
        while more or waiting or acknowledged < sent:
            while more and len(waiting) < PIECE and sent - acknowledged < window:
                following = next(rest, None)
                if following is None:
                    more = False
                else:
                    sent += 1
                    waiting += self._packet(head, *following)
            acknowledged += self._exchange(waiting)
        return sent

    def _packet(self, head: int, topic: bytes, payload: bytes) -> bytes:
        self._number = self._number % 60_000 + 1
        return packet(head, text(topic) + self._number.to_bytes(2) + payload)

    def _exchange(self, waiting: bytearray) -> int:
        """Writes some of what waits and returns how many acknowledgements came."""
        writable = [self._socket] if waiting else []
        readable, writable, _ = select.select([self._socket], writable, [], PATIENCE_S)
        if not readable and not writable:
            raise TimeoutError("the broker does not acknowledge")
        if writable:
            del waiting[: self._socket.send(waiting[:PIECE], socket.MSG_DONTWAIT)]
        if not readable:
            return 0
        received = self._socket.recv(65_536)
        if not received:
            raise ConnectionError("the broker has broken off")
        count, left = divmod(len(self._unread) + len(received), 4)
        self._unread = (self._unread + received)[-left:] if left else b""
        return count
