"""Times as careless devices write them: local without a zone, or a number of s or ms."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.formats.common import EPOCH, moment, number, seconds

HERE = ZoneInfo("Europe/Berlin")  # the zone of every building
MILLISECONDS = 1e11  # as seconds this would be the year 5138, as ms it is 1973


def moment_here(text: str | None, received: int) -> int:
    """An ISO 8601 time as µs since 1970-01-01 UTC, taken as local where it names no zone.

    received: µs since 1970-01-01 UTC. The hour that the end of summer time repeats happens twice:
    of its two meanings the one closer to `received` counts; likewise for the hour that the
    beginning leaves out, where a clock was not changed yet.
    Raises DecodeError: time_missing.
    """
    try:
        return moment(text)
    except DecodeError as error:
        if error.reason is not Reason.TIME_NAIVE or text is None:
            raise
    naive = datetime.fromisoformat(text)
    meanings = (_since_epoch(naive.replace(tzinfo=HERE, fold=fold)) for fold in (0, 1))
    return min(meanings, key=lambda meaning: abs(meaning - received))


def epoch(value: object) -> int:
    """Seconds or milliseconds since 1970-01-01 UTC as µs. Raises DecodeError: time_missing."""
    amount = number(value)
    return seconds(amount / 1000 if abs(amount) >= MILLISECONDS else amount)


def _since_epoch(at: datetime) -> int:
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
