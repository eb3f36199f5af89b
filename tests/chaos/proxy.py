"""A TCP proxy that behaves badly on request: plain sockets, two threads a connection."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

PIECE = 16_384  # bytes
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST


class Proxy:
    """Listens on a loopback port of its own and passes everything on to `port`.

    delay_s: how long each piece is held up, both ways. rate: bytes/s and direction, 0: no limit.
    silent: takes everything and passes nothing on, both ways, new connections included.
    hold_up: what clients send waits; what the server sends goes on.
    refuse: new connections are reset.
    tear_after: bytes of the server after which a connection is reset, in the middle of whatever.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.delay_s = 0.0
        self.rate = 0.0
        self.silent = False
        self.hold_up = False
        self.refuse = False
        self.tear_after = 0
        self.accepted = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._abandoned: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.port: int = self._listener.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._closed = True
        self.heal()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    def heal(self) -> None:
        """Behaves again; what was swallowed stays swallowed."""
        self.delay_s = self.rate = 0.0
        self.tear_after = 0
        self.silent = self.hold_up = self.refuse = False

    def abandon(self) -> None:
        """Passes nothing on any more on the connections of now, and never ends them."""
        with self._lock:
            self._abandoned |= self._open

    def reset(self) -> int:
        """Resets every connection; returns how many sockets that were."""
        with self._lock:
            doomed = list(self._open)
        for one in doomed:
            self._drop(one)
        return len(doomed)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.refuse:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            for source, sink, up in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, sink, up), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        passed, limit = 0, 0
        with suppress(OSError):
            while piece := source.recv(PIECE):
                while up and self.hold_up:
                    time.sleep(0.005)
                if self.silent or source in self._abandoned:
                    continue
                if self.delay_s:
                    time.sleep(self.delay_s * random.uniform(0.5, 1.5))
                if self.rate:
                    time.sleep(len(piece) / self.rate)
                if self.tear_after and not up:
                    limit = limit or passed + random.randint(1, self.tear_after)
                    if passed + len(piece) >= limit:
                        sink.sendall(piece[: limit - passed])
                        break
                sink.sendall(piece)
                passed += len(piece)
        tear = bool(self.tear_after)
        self._drop(source, reset=tear)
        self._drop(sink, reset=tear)

    def _drop(self, one: socket.socket, *, reset: bool = True) -> None:
        with self._lock:
            if one not in self._open:
                return
            self._open.discard(one)
        with suppress(OSError):
            if reset:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            # A thread that sleeps in recv() would keep the connection open past close().
            one.shutdown(socket.SHUT_RD)
        one.close()
