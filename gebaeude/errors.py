"""Every error the system raises on purpose; the message is written for the person who must act.

GebaeudeError                exit code 1
├── SettingsError            2   a setting is missing or wrong
├── UsageError               2   a command was called wrongly
├── ServiceMissing           3   a service this cannot do without is not there
├── PortfolioError           1   the portfolio file has mistakes; all of them, with their lines
├── ProfileError             2   a device profile has mistakes; all of them, with their lines
├── NotFound                 1   there is no such thing
├── NotAllowed               1   the role of whoever asks does not go that far
├── Conflict                 1   somebody else was faster, or the state does not allow it
├── UnitError                1   two units measure different things
└── DecodeError              –   a message cannot become readings; it goes to quarantine
"""

from __future__ import annotations

from collections.abc import Sequence

from gebaeude.model import Reason


class GebaeudeError(Exception):
    """Root of all errors raised on purpose; `str(error)` is what a person reads."""

    exit_code = 1


class SettingsError(GebaeudeError):
    """A setting is missing or wrong."""

    exit_code = 2


class UsageError(GebaeudeError):
    """A command was called in a way that cannot work."""

    exit_code = 2


class ServiceMissing(GebaeudeError):
    """A service that this process cannot do without is not there, and waiting makes no sense."""

    exit_code = 3


class PortfolioError(GebaeudeError):
    """The portfolio file has mistakes: `mistakes` holds (line, text) for each, in order."""

    def __init__(self, mistakes: Sequence[tuple[int, str]]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(f"Zeile {line}: {text}" for line, text in self.mistakes))


class ProfileError(GebaeudeError):
    """A device profile has mistakes: `mistakes` holds (line, text) for each, in order."""

    exit_code = 2

    def __init__(self, file: str, mistakes: Sequence[tuple[int, str]]) -> None:
        self.file = file
        self.mistakes = tuple(sorted(mistakes))
        lines = (f"{file}, Zeile {line}: {text}" for line, text in self.mistakes)
        super().__init__("\n".join(lines))


class NotFound(GebaeudeError):
    """There is no such thing."""


class NotAllowed(GebaeudeError):
    """The role of whoever asks does not go that far."""


class Conflict(GebaeudeError):
    """Somebody else was faster, or the present state does not allow it."""


class UnitError(GebaeudeError):
    """Two units do not measure the same quantity, or one of them is unknown."""


class DecodeError(GebaeudeError):
    """A message cannot become readings; `reason` is the kind of trouble, `detail` what exactly."""

    sender: str | None = None  # the device, where the message tells

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")
