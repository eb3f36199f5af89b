"""What a command says when it cannot go on, and the exit code it leaves with."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from typer.exceptions import TyperException

from gebaeude.errors import GebaeudeError, PortfolioError, ProfileError, ServiceMissing, UsageError
from gebaeude.text import _


class Complaint(NamedTuple):
    """text: empty where all has been said already."""

    text: str
    exit_code: int


def complaint(error: Exception) -> Complaint | None:
    """What to say of this error; None where it is a fault of ours, that needs its traceback."""
    if isinstance(error, PortfolioError):
        return Complaint(_mistakes(_("Zeile {line}: {text}"), error), error.exit_code)
    if isinstance(error, ProfileError):
        sentence = _("{file}, Zeile {line}: {text}")
        return Complaint(_mistakes(sentence, error, file=error.file), error.exit_code)
    if isinstance(error, GebaeudeError):
        return Complaint(_line(error), error.exit_code)
    if isinstance(error, TyperException):
        # Without a subcommand the help is the answer, and the message is empty.
        return Complaint(error.format_message(), UsageError.exit_code)
    if isinstance(error, OSError):
        return Complaint(str(error), 1)
    if _is_lost_database(error):
        text = _("Die Datenbank antwortet nicht: {why}").format(why=_line(error))
        return Complaint(text, ServiceMissing.exit_code)
    return None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _mistakes(sentence: str, error: PortfolioError | ProfileError, **more: str) -> str:
    return "\n".join(sentence.format(line=n, text=text, **more) for n, text in error.mistakes)


def _is_lost_database(error: Exception) -> bool:
    """Whether it is psycopg's way to say so; asked without importing psycopg."""
    psycopg: Any = sys.modules.get("psycopg")
    return psycopg is not None and isinstance(error, psycopg.OperationalError)
