"""The web process in a thread of the tests, on a port of the system's choice."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gebaeude import web
from gebaeude.config import Settings

# For clients: to read the authorities that nobody is asked about here takes 40 ms for each client.
TLS = ssl.create_default_context()
START_S = 30.0
END_S = 20.0


@contextmanager
def served(settings: Settings, *, demo: bool = False) -> Iterator[str]:
    """The address of a web process with these settings; fails unless it ends when asked to."""
    stop, ready, found = threading.Event(), threading.Event(), list[str]()

    def started(address: str) -> None:
        found.append(address)
        ready.set()

    server = threading.Thread(
        target=web.run, args=(settings, stop), kwargs={"ready": started, "demo": demo}
    )
    server.start()
    try:
        assert ready.wait(START_S), "the web process does not serve"
        yield found[0]
    finally:
        stop.set()
        server.join(END_S)
    assert not server.is_alive(), "the web process does not end"
