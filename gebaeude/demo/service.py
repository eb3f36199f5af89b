"""What the supervisor watches: anything that starts, stops and may die in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from gebaeude.demo.process import Child, Command, last_words, log_file
from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.text import _, number

STEADY_SECONDS = 60.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


class Service(Protocol):
    """The database, the broker, or one of our own processes."""

    name: str

    @property
    def log(self) -> Path:
        """Where its output goes."""

    @property
    def exit_code(self) -> int | None:
        """How its process ended; None while it lives."""

    def start(self) -> None:
        """Start it; raises ServiceMissing when it cannot run."""

    def stop(self) -> None:
        """Stop it in an orderly way and wait for that."""


class ProcessService:
    """One of our own commands as a child process; `command` is asked for at every start."""

    def __init__(self, name: str, state: Path, command: Callable[[], Command]) -> None:
        self.name = name
        self.log = log_file(state, name)
        self._state = state
        self._command = command
        self._child: Child | None = None

    @property
    def exit_code(self) -> int | None:
        """How the process ended; None while it lives or has never been started."""
        return None if self._child is None else self._child.process.poll()

    def start(self) -> None:
        """Start the process, without waiting for what it does."""
        self._child = Child(self._command(), self._state)

    def stop(self) -> None:
        """Stop the process and wait until it has finished what it had begun."""
        if self._child is not None:
            self._child.stop()
            self._child = None


class Watched:
    """A service and its restarts: after each death the pause doubles, a steady minute resets it."""

    def __init__(self, service: Service, title: str, say: Callable[[str], None]) -> None:
        self.service = service
        self.title = title
        self._say = say
        self._pause = FIRST_PAUSE
        self._started = time.monotonic()
        self._next_try: float | None = None

    def start(self) -> None:
        """Start the service for the first time."""
        self.service.start()
        self._started = time.monotonic()

    def look(self) -> None:
        """Notice a death, and start again when the pause is over.

        Raises SettingsError when the process says that its settings are wrong.
        """
        now = time.monotonic()
        if self._next_try is not None:
            if now >= self._next_try:
                self._restart(now)
        elif self.service.exit_code is not None:
            self._died(now)
        elif now - self._started > STEADY_SECONDS:
            self._pause = FIRST_PAUSE

    def _died(self, now: float) -> None:
        code = self.service.exit_code
        if code == SettingsError.exit_code:
            raise SettingsError(last_words(self.service.log, lines=1).removeprefix("gebaeude: "))
        text = _("{title} ist ausgefallen ({how}), neuer Versuch in {pause} s. Siehe {log}")
        how = _("Signal {n}").format(n=-code) if code and code < 0 else _("Code {n}").format(n=code)
        self._postpone(text, how, now)

    def _restart(self, now: float) -> None:
        self.service.stop()
        try:
            self.service.start()
        except ServiceMissing as error:
            text = _("{title} startet nicht ({how}), neuer Versuch in {pause} s. Siehe {log}")
            self._postpone(text, str(error), now)
            return
        self._started = time.monotonic()
        self._next_try = None
        self._say(_("{title} läuft wieder.").format(title=self.title))

    def _postpone(self, text: str, how: str, now: float) -> None:
        self._next_try = now + self._pause
        self._say(
            text.format(title=self.title, how=how, pause=number(self._pause), log=self.service.log)
        )
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
