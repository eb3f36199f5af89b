"""Moments as people enter them: German, local time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import dash_mantine_components as dmc

from dashboard.components.basics import Part
from gebaeude.errors import UsageError
from gebaeude.text import BERLIN, N_, _

_DAY = re.compile(r"(?:([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2}))")
_MOMENT = re.compile(r"(?P<day>\S+?),?(?:[ t]+(?P<clock>[0-9]{1,2}:[0-9]{2})(?:\s*uhr)?)?")
_NEAR = {N_("heute"): 0, N_("gestern"): 1, N_("vorgestern"): 2}
FIRST_YEAR, LAST_YEAR = 1990, 2099


def moment_field(id_: dict[str, str | int], label: str, hint: str = "", value: str = "") -> Part:
    """A field for a day and a time of day."""
    return dmc.TextInput(
        id=id_,
        label=label,
        description=hint or None,
        value=value,
        placeholder=_("TT.MM.JJJJ HH:MM"),
        inputWrapperOrder=["label", "input", "description", "error"],
        inputProps={"autoComplete": "off", "maxLength": 40},
    )


def moment(text: str | None, now: datetime) -> datetime | None:
    """What stands in such a field, in UTC; None where it is empty. Raises UsageError.

    A day without a time begins at midnight; "heute", "gestern" and "vorgestern" are days too.
    """
    if not (text or "").strip():
        return None
    found = _MOMENT.fullmatch(str(text).strip().casefold())
    try:
        day = _day(found["day"], now) if found else None
        if found is None or day is None:
            raise ValueError
        hour, minute = map(int, (found["clock"] or "0:0").split(":"))
        local = day.replace(hour=hour, minute=minute)
    except ValueError:
        raise UsageError(_("Bitte Tag und Uhrzeit angeben, etwa 03.11.2026 08:00.")) from None
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise UsageError(_("Das Jahr kann nicht stimmen."))
    return local.astimezone(UTC)


def _day(word: str, now: datetime) -> datetime | None:
    """Midnight of the day that a word names. Raises ValueError for one that does not exist."""
    midnight = now.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    near = {_(name): days for name, days in _NEAR.items()}
    if word in near:
        return midnight - timedelta(days=near[word])
    if (found := _DAY.fullmatch(word)) is None:
        return None
    day, month, year = (
        (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    )
    return datetime(int(year), int(month), int(day), tzinfo=BERLIN)


def shown_in_field(of: datetime) -> str:
    """A moment as the field takes it."""
    return f"{of.astimezone(BERLIN):%d.%m.%Y %H:%M}"
