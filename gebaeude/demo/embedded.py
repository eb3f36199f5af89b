"""What the demo's own database and its own broker have in common: a server as a child process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from gebaeude.demo.process import Child, log_file

STOP_SECONDS = 60.0


class EmbeddedServer(ABC):
    """One server in one state directory, on the loopback interface; `with` starts and stops it.

    name: also of its log and its directory. data: the server's own files.
    port: valid once it is started.
    """

    name: str

    def __init__(self, state: Path) -> None:
        self.state = state.absolute()
        self.data = self.state / self.name
        self.port = 0
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def exit_code(self) -> int | None:
        """How the server process ended; None while it lives or has never been started."""
        return None if self._child is None else self._child.process.poll()

    @property
    def pid(self) -> int | None:
        """The server's process; None where it has not been started."""
        return None if self._child is None else self._child.process.pid

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return log_file(self.state, self.name)

    @abstractmethod
    def start(self) -> None:
        """Start the server and return once it takes connections. Raises ServiceMissing."""

    def stop(self) -> None:
        """Ask the server to end, and wait until it has written all it must keep."""
        if self._child is not None:
            self._child.stop(patience=STOP_SECONDS)
            self._child = None
