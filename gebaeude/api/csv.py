"""Readings as CSV: the plain dialect for programs, and the one a German spreadsheet opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from gebaeude.store.series import Reading
from gebaeude.text import BERLIN, QUALITIES, _, unit_name

MEDIA_TYPE = "text/csv; charset=utf-8"
_BOM = "\ufeff"  # by which spreadsheets know UTF-8


class Dialect(NamedTuple):
    """How readings are written: the first line, and the lines of some readings."""

    head: Callable[[str], str]  # unit → line
    lines: Callable[[Iterable[Reading]], str]


def headers(building: str, point: str) -> dict[str, str]:
    """Makes a browser save the answer as a file."""
    return {"Content-Disposition": f'attachment; filename="{building}-{point}.csv"'}


def _plain_head(_unit: str) -> str:
    return "time,value,quality\r\n"


def _plain_lines(readings: Iterable[Reading]) -> str:
    return "".join(f"{_utc(time)},{value!r},{quality}\r\n" for time, value, quality in readings)


def _german_head(unit: str) -> str:
    names = (_("Zeit"), _("Zeit (UTC)"), f"{_('Wert')} [{unit_name(unit)}]", _("Güte"))
    return _BOM + ";".join(names) + "\r\n"


def _german_lines(readings: Iterable[Reading]) -> str:
    return "".join(
        f"{_clock(time.astimezone(BERLIN))};{_clock(time.astimezone(UTC))};"
        f"{_comma(value)};{_(QUALITIES.get(quality, ''))}\r\n"
        for time, value, quality in readings
    )


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _clock(time: datetime) -> str:
    return f"{time:%d.%m.%Y %H:%M:%S}"


def _comma(value: float) -> str:
    """All digits that are needed, never in powers of ten: spreadsheets take those for text."""
    text = repr(value)
    return (format(value, ".10f") if "e" in text else text).replace(".", ",")


DIALECTS: dict[str, Dialect] = {
    "en": Dialect(_plain_head, _plain_lines),
    "de": Dialect(_german_head, _german_lines),
}
