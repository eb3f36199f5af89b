"""A mail server for the demo: takes every mail and keeps it as a file that a mail program opens.

Run as a process: `python -m gebaeude.demo.mail PORT DIRECTORY`.
"""

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from gebaeude.demo import ports

SIZE_LIMIT = 10 * 2**20  # bytes


class Keeper:
    """Writes each mail to `<time>-<recipient>.eml`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._count = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep one mail; the name is aiosmtpd's."""
        self._count += 1
        now = datetime.now(UTC)
        recipient = "".join(c if c.isalnum() or c in "@.-" else "_" for c in envelope.rcpt_tos[0])
        name = f"{now:%Y%m%dT%H%M%S}-{self._count:05}-{recipient[:80]}.eml"
        unfinished = self.directory / f".{name}"
        unfinished.write_bytes(envelope.original_content)
        unfinished.replace(self.directory / name)
        return "250 OK"


def main(port: int, directory: Path) -> None:
    """Serve until SIGTERM."""
    directory.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    server = Controller(
        Keeper(directory), hostname=ports.LOOPBACK, port=port, data_size_limit=SIZE_LIMIT
    )
    server.start()
    stop.wait()
    server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
