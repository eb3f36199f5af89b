"""Logging of every process: one JSON object a line on standard error, and no floods."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """A log record as one line of JSON, so that machines can read it and people still can."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return scrubbed(json.dumps(line, ensure_ascii=False))


# What must not stand in a log, and what stands there instead.
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(://[^/\s:@\"]*):[^/\s@\"]+@"), r"\1:…@"),  # passwords in addresses
    (re.compile(r"[\w.+%-]+@([\w-]+(?:\.[\w-]+)*)"), r"…@\1"),  # people's mail
    (re.compile(r"/(kennwort|gast)/[\w-]+"), r"/\1/…"),  # links that open something
    (re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]+"), r"\1 …"),
    (re.compile(r"\bgeb_[\w-]+"), "geb_…"),  # tokens
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), "…"),  # 32 random bytes, as all secrets of ours
    (re.compile(r"(Key \(.*?\))=\(.*?\)(?= already| is)"), r"\1=(…)"),  # PostgreSQL's DETAIL
)


def scrubbed(text: str) -> str:
    """The text without secrets and people's addresses, wherever it came from."""
    for found, instead in _SECRETS:
        text = found.sub(instead, text)
    return text


def configure(level: str) -> None:
    """Sets up logging of this process; call it once, at its start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


class Trouble:
    """Says a kind of trouble once a minute, with how often it came, however often it comes."""

    def __init__(self, logger: logging.Logger, every_s: float = 60.0) -> None:
        self._logger = logger
        self._every_s = every_s
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def say(self, kind: str, text: str, level: int = logging.WARNING) -> None:
        """Logs `text` if `kind` was not said within the last minute; else counts it."""
        now = time.monotonic()
        count = self._unsaid.get(kind, 0) + 1
        if now - self._said.get(kind, -self._every_s) < self._every_s:
            self._unsaid[kind] = count
            return
        self._said[kind] = now
        self._unsaid[kind] = 0
        again = f" ({count} times since last said)" if count > 1 else ""
        self._logger.log(level, "%s: %s%s", kind, text, again)
