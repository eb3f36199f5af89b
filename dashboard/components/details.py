"""What a decoder said of a message that it could not use, for people."""

from __future__ import annotations

import re
from datetime import datetime

from gebaeude.model import Reason
from gebaeude.reports.quality import readable
from gebaeude.store.summary import Quarantined
from gebaeude.text import N_, _, number, when

LONGEST = 300
# What the parsers say, as far as it comes up often, and in German; the groups fill the braces.
_SAID: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Input data was truncated"), N_("Die Nachricht bricht mittendrin ab.")),
    (
        re.compile(r"JSON is malformed: .*\(byte (\d+)\)"),
        N_("An Stelle {0} steht etwas, das dort nicht stehen kann."),
    ),
    (
        re.compile(r"'utf-8' codec can't decode bytes? (\S+) in position (\d+).*"),
        N_("Das Byte {0} an Stelle {1} gehört zu keinem Zeichen."),
    ),
    (re.compile(r"Invalid UTF-8.*"), N_("Ein Teil davon sind keine Zeichen.")),
    (re.compile(r"Expected `\w+`, got `\w+`.*"), N_("Der Aufbau ist ein anderer als erwartet.")),
    (re.compile(r"(\d+) B"), N_("{0} Byte")),
)
_TIMES = frozenset({Reason.TIME_IMPLAUSIBLE, Reason.TIME_AHEAD})
# Reasons whose detail is no sentence but what a person can look for: a field, a value, a time.
_PLAIN = frozenset(
    {
        Reason.UNKNOWN_FIELD, Reason.IMPLAUSIBLE_VALUE, Reason.UNIT_MISMATCH, Reason.NOT_A_NUMBER,
        Reason.TIME_MISSING, Reason.TIME_NAIVE, Reason.TIME_IMPLAUSIBLE, Reason.TIME_AHEAD,
    }
)  # fmt: skip


def often(times: int) -> str:
    """How many times the same message came."""
    return _("einmal") if times == 1 else _("{n} Mal").format(n=number(times))


def detail(row: Quarantined, now: datetime) -> str:
    """The detail in a sentence, or what to look for; nothing where it says nothing more."""
    text = readable(row.detail.encode("utf-8", "backslashreplace"))[:LONGEST]
    for pattern, sentence in _SAID:
        if found := pattern.fullmatch(text):
            return _(sentence).format(*found.groups())
    if row.reason in _TIMES and (said := _moment(text)) is not None:
        return _("Gesendet wurde die Zeit: {when}").format(when=when(said, now))
    return text if row.reason in _PLAIN and text != row.device else ""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def as_said(row: Quarantined) -> str:
    """The detail as the decoder said it, for whoever mends the decoder."""
    return readable(row.detail.encode("utf-8", "backslashreplace"))[:LONGEST]
