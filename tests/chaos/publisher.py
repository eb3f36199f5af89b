"""A device that gives up nothing: QoS 1, sent again after a broken connection until acknowledged.

It records which messages the broker acknowledged; only these can be demanded of ingest.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

from bench.publish import CONNACK_ACCEPTED, packet, text
from gebaeude.mqtt import address
from tests.chaos.messages import Numbered

WINDOW = 500  # messages under way
PIECE = 65_536  # bytes
PUBACK = 0x40
RECONNECT_S = 0.05
PATIENCE_S = 20.0  # without a word from the broker, while something is under way


class Publisher(threading.Thread):
    """Publishes messages at a rate (messages/s), in their order; those sent again come later."""

    def __init__(
        self,
        url: str,
        messages: Sequence[Numbered],
        *,
        rate: float = 5000.0,
        client_id: str = "chaos-publisher",
        retain: bool = False,
    ) -> None:
        super().__init__(daemon=True)
        self._places = cycle(address(url).places)  # the next at each attempt to connect
        self._client_id = client_id
        self._rate = rate
        self._head = 0x32 | retain
        self._todo = deque(messages)
        self._under_way: dict[int, Numbered] = {}
        self._given_up = threading.Event()
        self._next_id = 0
        self.total = len(messages)
        self.acknowledged: dict[int, Numbered] = {}
        self.acknowledged_at: dict[int, float] = {}  # by the monotonic clock
        self.sent_again: Counter[int] = Counter()  # number → how often
        self.connections = 0

    def run(self) -> None:
        while len(self.acknowledged) < self.total and not self._given_up.is_set():
            with suppress(OSError):
                self._one_connection()
            # What the broker may or may not have had is sent again, before anything new.
            self._todo.extendleft(reversed(self._under_way.values()))
            self.sent_again.update(one.number for one in self._under_way.values())
            self._under_way.clear()
            self._given_up.wait(RECONNECT_S)

    def wait_for(self, share: float, timeout: float = 180.0) -> None:
        """Returns once this share of the messages is acknowledged."""
        deadline = time.monotonic() + timeout
        while len(self.acknowledged) < share * self.total:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.acknowledged)} of {self.total} acknowledged")
            time.sleep(0.002)

    def finish(self, timeout: float = 300.0) -> None:
        """Waits until everything is acknowledged. Raises TimeoutError."""
        self.join(timeout)
        if self.is_alive():
            self.give_up()
            raise TimeoutError(f"{len(self.acknowledged)} of {self.total} acknowledged")

    def give_up(self) -> None:
        """Ends, whatever is left."""
        self._given_up.set()
        self.join(PATIENCE_S + 1)

    def _one_connection(self) -> None:
        with socket.create_connection(next(self._places), PATIENCE_S) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            hello = b"\x04\x02\x00\x00" + text(self._client_id.encode())
            line.sendall(packet(0x10, text(b"MQTT") + hello))
            if line.recv(4) != CONNACK_ACCEPTED:
                return
            self.connections += 1
            self._stream(line)
            line.sendall(b"\xe0\x00")

    def _stream(self, line: socket.socket) -> None:
        began, sent, unread, out = time.monotonic(), 0, b"", bytearray()
        heard = began
        while (self._todo or self._under_way) and not self._given_up.is_set():
            now = time.monotonic()
            allowed = int((now - began) * self._rate) + 1 - sent
            while self._todo and allowed > 0 and len(self._under_way) < WINDOW and len(out) < PIECE:
                out += self._packet(self._todo.popleft())
                sent, allowed = sent + 1, allowed - 1
            readable, writable, _ = select.select([line], [line] if out else [], [], 0.002)
            if writable:
                del out[: line.send(out, socket.MSG_DONTWAIT)]
            if readable:
                received = line.recv(PIECE)
                if not received:
                    return
                heard = now
                unread = self._take(unread + received)
            elif self._under_way and now - heard > PATIENCE_S:
                return
            elif not self._under_way:
                heard = now

    def _packet(self, message: Numbered) -> bytes:
        self._next_id = self._next_id % 60_000 + 1
        self._under_way[self._next_id] = message
        body = text(message.topic) + self._next_id.to_bytes(2) + message.payload
        return packet(self._head, body)

    def _take(self, data: bytes) -> bytes:
        now, whole = time.monotonic(), len(data) // 4 * 4
        for at in range(0, whole, 4):
            assert data[at] == PUBACK
            message = self._under_way.pop(int.from_bytes(data[at + 2 : at + 4]), None)
            if message is not None:
                self.acknowledged[message.number] = message
                self.acknowledged_at[message.number] = now
        return data[whole:]
