"""The span of time a chart shows, as it stands in the address; the present at its right edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dashboard.visit import Visit
from gebaeude.text import BERLIN, N_

LONGEST_DAYS = 3_660
EARLIEST = date(1990, 1, 1)  # nobody has readings from before
# name in the address → (what people call it, days it covers)
RANGES: dict[str, tuple[str, int]] = {
    "tag": (N_("Tag"), 1),
    "woche": (N_("Woche"), 7),
    "monat": (N_("Monat"), 31),
    "jahr": (N_("Jahr"), 366),
}
SPAN, USUAL = "spanne", "woche"


@dataclass(frozen=True)
class Range:
    """Local days from `first` to `last`, both inside; `start` and `end` are the aware moments."""

    name: str
    first: date
    last: date
    start: datetime
    end: datetime

    @property
    def days(self) -> int:
        """How many days it touches."""
        return (self.last - self.first).days + 1


def chosen(visit: Visit) -> Range:
    """The range in the address; what cannot be read there is as if it did not stand there."""
    today = visit.now.astimezone(BERLIN).date()
    last = min(_day(visit.get("bis")) or today, today)
    name = visit.get("zeitraum", USUAL)
    first = _day(visit.get("von"))
    if name == SPAN and first:
        first = max(min(first, last), last - timedelta(days=LONGEST_DAYS))
        return _range(SPAN, first, last, visit.now)
    name = name if name in RANGES else USUAL
    return _range(name, last - timedelta(days=RANGES[name][1] - 1), last, visit.now)


def earlier(of: Range) -> dict[str, str | None]:
    """Parameters of the range of the same length before this one."""
    return _moved(of, -of.days)


def later(of: Range, now: datetime) -> dict[str, str | None] | None:
    """The same after this one; None where that is the future."""
    today = now.astimezone(BERLIN).date()
    if of.last >= today:
        return None
    return _moved(of, min(of.days, (today - of.last).days), today)


def _moved(of: Range, days: int, today: date | None = None) -> dict[str, str | None]:
    last = of.last + timedelta(days=days)
    first = (of.first + timedelta(days=days)).isoformat() if of.name == SPAN else None
    return {"bis": None if last == today and of.name != SPAN else last.isoformat(), "von": first}


def _range(name: str, first: date, last: date, now: datetime) -> Range:
    midnight = datetime.combine(last + timedelta(days=1), time(), BERLIN)
    start = datetime.combine(first, time(), BERLIN)
    if midnight > now:
        # A day that has just begun would be an empty chart: the last 24 hours instead.
        end = now
        start = min(start, now - timedelta(days=1))
    else:
        end = midnight
    return Range(name, start.astimezone(BERLIN).date(), last, start, end)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= EARLIEST else None
