"""Everything a person reads: translation, numbers, times, and the names of things.

German is the source language and stands in the code as `_("…")`; locale/en.po holds English.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import dates
from babel.messages.pofile import read_po

from gebaeude.config import settings
from gebaeude.model import Kind, Medium, Quality, Reason, Severity, Skill, TicketState, Use

BERLIN = ZoneInfo("Europe/Berlin")
NO_VALUE = "–"


def _(german: str, context: str = "") -> str:
    """The text in the interface's language; `context` tells apart what German says alike."""
    return german if language() == "de" else _english().get((context, german), german)


def language() -> str:
    """The interface's language: de or en."""
    return settings().language


@cache
def _english() -> dict[tuple[str, str], str]:
    with (Path(__file__).parent / "locale" / "en.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    return {(m.context or "", str(m.id)): str(m.string) for m in catalog if m.id and m.string}


def _locale() -> str:
    return "de_DE" if language() == "de" else "en_GB"


# Units whose prefix is chosen so that a number has three or four digits; the step is the factor.
_PREFIXED: dict[str, tuple[tuple[float, str], ...]] = {
    "kWh": ((1e6, "GWh"), (1e4, "MWh"), (1, "kWh")),
    "kW": ((1e4, "MW"), (1, "kW"), (1e-3, "W")),
}
_GERMAN = str.maketrans(",.", ".,")  # babel takes ten times as long, and a list has thousands
_SHOWN_SCALE = {"GWh": 1e6, "MWh": 1e3, "MW": 1e3, "W": 1e-3}
_SHOWN_NAME = {"m3": "m³", "m3/h": "m³/h", "1": ""}


def number(value: float | None, unit: str | None = None, digits: int | None = None) -> str:
    """A number as people write it: 1.234,5 kWh; `–` where there is none.

    The prefix of kWh and kW follows the size; without `digits`, three to four figures are shown.
    """
    if value is None or not math.isfinite(value):
        return NO_VALUE
    value, shown = _prefixed(value, unit) if unit else (value, "")
    if digits is None or shown != _SHOWN_NAME.get(unit or "", unit or ""):
        digits = max(0, 2 - int(math.log10(abs(value)))) if abs(value) >= 1 else 2
        if value == int(value):
            digits = 0
    value = round(value, digits) + 0.0  # + 0.0 turns −0 into 0
    text = f"{value:,.{digits}f}"
    if language() == "de":
        text = text.translate(_GERMAN)
    return f"{text}\u202f{shown}" if shown else text


def _prefixed(value: float, unit: str) -> tuple[float, str]:
    for least, name in _PREFIXED.get(unit, ()):
        if abs(value) >= least and (name != "W" or value != 0):
            return value / _SHOWN_SCALE.get(name, 1.0), name
    return value, _SHOWN_NAME.get(unit, unit)


def unit_name(unit: str) -> str:
    """The unit as people write it: m³ for m3."""
    return _SHOWN_NAME.get(unit, unit)


def ago(time: datetime | None, now: datetime) -> str:
    """How long ago, as people say it: "gerade eben", "vor 5 Minuten", "vor 3 Tagen"."""
    if time is None:
        return _("noch nie")
    elapsed = now - time
    if elapsed < timedelta(seconds=60):
        return _("gerade eben")
    return dates.format_timedelta(
        -elapsed, granularity="minute", add_direction=True, locale=_locale(), threshold=1.5
    )


def duration(span: timedelta) -> str:
    """A span as people say it: "35 Minuten", "3 Tage"."""
    smallest: Literal["second", "minute"] = "second" if span < timedelta(minutes=1) else "minute"
    return dates.format_timedelta(span, granularity=smallest, locale=_locale(), threshold=1.5)


def when(time: datetime, now: datetime) -> str:
    """A moment as people say it: "heute 14:10", "gestern 14:10", "Mo 3. März 14:10"."""
    local, today = time.astimezone(BERLIN), now.astimezone(BERLIN).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return _("heute {clock}").format(clock=clock)
    if local.date() == today - timedelta(days=1):
        return _("gestern {clock}").format(clock=clock)
    return f"{day(local.date(), today)} {clock}"


def day(of: date, today: date | None = None) -> str:
    """A day as people say it: "Mo 3. März", with the year where it is not this one."""
    pattern = "d. MMMM" if language() == "de" else "d MMMM"
    if today is None or of.year != today.year:
        pattern += " y"
    weekday = dates.format_date(of, "EEE", locale=_locale()).rstrip(".")
    return f"{weekday} {dates.format_date(of, pattern, locale=_locale())}"


def day_short(of: date) -> str:
    """31.12.2026"""
    pattern = "dd.MM.y" if language() == "de" else "d MMM y"
    return dates.format_date(of, pattern, locale=_locale())


def N_(german: str) -> str:  # noqa: N802  the name by which translation tools know it
    """Marks a text for translation that `_` looks up later."""
    return german


MEDIA: dict[str, str] = {
    Medium.HEAT: N_("Wärme"),
    Medium.GAS: N_("Gas"),
    Medium.ELECTRICITY: N_("Strom"),
    Medium.WATER: N_("Wasser"),
    Medium.PV: N_("Photovoltaik"),
    Medium.CLIMATE: N_("Raumklima"),
}
USES: dict[str, str] = {
    Use.TOWN_HALL: N_("Rathaus"),
    Use.SCHOOL: N_("Schule"),
    Use.DAYCARE: N_("Kindertagesstätte"),
    Use.SPORTS_HALL: N_("Sporthalle"),
    Use.FIRE_STATION: N_("Feuerwehrhaus"),
    Use.COMMUNITY_HOUSE: N_("Dorfgemeinschaftshaus"),
    Use.INDOOR_POOL: N_("Hallenbad"),
    Use.DEPOT: N_("Bauhof"),
    Use.LIBRARY: N_("Bücherei"),
}
KINDS: dict[str, str] = {
    Kind.COUNTER: N_("Zähler"),
    Kind.GAUGE: N_("Messwert"),
    Kind.STATE: N_("Zustand"),
}
ROLES: dict[str, str] = {
    "administrator": N_("Verwaltung"),
    "facility_manager": N_("Gebäudemanagement"),
    "technician": N_("Technik"),
    "treasurer": N_("Kämmerei"),
    "reader": N_("Nur lesen"),
    "guest": N_("Gast"),
}
SEVERITIES: dict[str, str] = {
    Severity.INFO: N_("Hinweis"),
    Severity.WARNING: N_("Achtung"),
    Severity.CRITICAL: N_("kritisch"),
}
STATES: dict[str, str] = {
    TicketState.OPEN: N_("offen"),
    TicketState.ACCEPTED: N_("angenommen"),
    TicketState.IN_PROGRESS: N_("in Arbeit"),
    TicketState.DONE: N_("erledigt"),
    TicketState.CANCELLED: N_("storniert"),
}
SKILLS: dict[str, str] = {
    Skill.HEATING: N_("Heizung"),
    Skill.VENTILATION: N_("Lüftung"),
    Skill.ELECTRICAL: N_("Elektro"),
    Skill.SANITARY: N_("Sanitär"),
    Skill.POOL: N_("Bädertechnik"),
    Skill.METERING: N_("Zähler und Sensoren"),
    Skill.BUILDING: N_("Gebäude und Außenanlagen"),
}
PRIORITIES: dict[str, str] = {"low": N_("niedrig"), "normal": N_("normal"), "high": N_("hoch")}
QUALITIES: dict[int, str] = {
    Quality.MEASURED: N_("gemessen"),
    Quality.SUSPECT: N_("zweifelhaft"),
    Quality.SUBSTITUTED: N_("ersetzt"),
    Quality.MANUAL: N_("abgelesen"),
}
QUANTITY_LABELS: dict[str, str] = {
    "energy": N_("Energie"),
    "power": N_("Leistung"),
    "volume": N_("Menge"),
    "volume_flow": N_("Durchfluss"),
    "temperature": N_("Temperatur"),
    "humidity": N_("Luftfeuchte"),
    "co2": N_("CO₂"),
    "pressure": N_("Luftdruck"),
    "illuminance": N_("Helligkeit"),
    "voltage": N_("Spannung"),
    "current": N_("Stromstärke"),
    "ratio": N_("Verhältnis"),
}
REASONS: dict[str, str] = {
    Reason.UNKNOWN_TOPIC: N_("Kein bekanntes Nachrichtenformat"),
    Reason.UNKNOWN_DEVICE: N_("Gerät ist keinem Gebäude zugeordnet"),
    Reason.UNKNOWN_FIELD: N_("Das Gerät sendet einen Wert, der keinem Messpunkt zugeordnet ist"),
    Reason.INVALID_JSON: N_("Nachricht ist verstümmelt"),
    Reason.INVALID_UTF8: N_("Nachricht enthält unlesbare Zeichen"),
    Reason.INVALID_STRUCTURE: N_("Nachricht hat nicht den erwarteten Aufbau"),
    Reason.UNDECODED: N_("Rohdaten des Geräts, die noch niemand entschlüsselt"),
    Reason.NOT_A_NUMBER: N_("Messwert ist keine Zahl"),
    Reason.TIME_MISSING: N_("Zeitangabe fehlt"),
    Reason.TIME_NAIVE: N_("Zeitangabe ohne Zeitzone"),
    Reason.TIME_IMPLAUSIBLE: N_("Uhr des Geräts ist nicht gestellt"),
    Reason.TIME_AHEAD: N_("Uhr des Geräts geht vor"),
    Reason.EMPTY: N_("Nachricht ist leer"),
    Reason.TOO_LARGE: N_("Nachricht ist zu groß"),
    Reason.RETAINED: N_("Alte, vom Broker aufbewahrte Nachricht"),
    Reason.UNIT_MISMATCH: N_("Einheit passt nicht zum Messpunkt"),
    Reason.IMPLAUSIBLE_VALUE: N_("Messwert ist unmöglich"),
    Reason.REFUSED_BY_DATABASE: N_("Datenbank hat den Wert abgelehnt"),
}
