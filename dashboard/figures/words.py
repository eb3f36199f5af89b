"""What a chart shows, in sentences: for those who do not see it, and for those in a hurry."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from gebaeude.model import Kind
from gebaeude.reports.records import Carpet, Floats, Series
from gebaeude.text import BERLIN, _, day, number
from gebaeude.units import QUANTITIES

SAME = 0.02  # of the reach of the values, or of the sum: less is no trend
LEAST_FOR_A_TREND = 4  # values


def spoken(series: Series) -> str:
    """Sum, largest, smallest, last value and where it is heading."""
    known = np.flatnonzero(np.isfinite(series.value))
    if not len(known):
        return series.empty
    most, least = (int(known[pick(series.value[known])]) for pick in (np.argmax, np.argmin))
    text = _("Höchster Wert {high} ({top}), niedrigster {low} ({bottom}), zuletzt {last}.").format(
        high=shown(float(series.value[most]), series),
        low=shown(float(series.value[least]), series),
        last=shown(float(series.value[known[-1]]), series),
        top=moment(series, most),
        bottom=moment(series, least),
    )
    parts = [text, _trend(series, series.value[known])]
    if series.kind is Kind.COUNTER:
        total = number(float(series.value[known].sum()), series.unit)
        parts.insert(0, _("Zusammen {sum}.").format(sum=total))
    return " ".join(part for part in parts if part)


def shown(value: float | None, series: Series) -> str:
    """A value of the series with its unit and the decimals that are worth showing."""
    return number(value, series.unit, QUANTITIES[series.quantity].digits)


def moment(series: Series, index: int) -> str:
    """The day of a value, with its hour where the series is finer than days."""
    at = _aware(series.time[index])
    if series.step in ("day", "week", "month"):
        return day(at.date(), _today(series))
    text = _("{day}, {clock} Uhr").format(day=day(at.date(), _today(series)), clock=f"{at:%H:%M}")
    if at.utcoffset() == at.replace(fold=1 - at.fold).utcoffset():
        return text
    return f"{text} " + (_("(Winterzeit)") if at.fold else _("(Sommerzeit)"))


def _trend(series: Series, known: Floats) -> str:
    """The later half against the earlier one, in the mean."""
    if len(known) < LEAST_FOR_A_TREND or series.kind is Kind.STATE:
        return ""
    half = len(known) // 2
    before, after = float(known[:half].mean()), float(known[half:].mean())
    reach = float(np.ptp(known))
    difference = shown(abs(after - before), series)
    if abs(after - before) <= SAME * reach or difference == shown(0.0, series):
        return _("Beide Hälften liegen im Mittel gleich hoch.")
    text = (
        _("Die zweite Hälfte liegt im Mittel um {difference} höher als die erste.")
        if after > before
        else _("Die zweite Hälfte liegt im Mittel um {difference} niedriger als die erste.")
    )
    return text.format(difference=difference)


def carpet_words(carpet: Carpet) -> str:
    """When it is most, in a sentence a person can read out."""
    by_hour = hourly(carpet)
    if not np.isfinite(by_hour).any():
        return carpet.empty
    most, least = int(np.nanargmax(by_hour)), int(np.nanargmin(by_hour))
    text = _(
        "Im Mittel aller Tage am meisten um {most} Uhr ({high}), "
        "am wenigsten um {least} Uhr ({low})."
    )
    return text.format(
        most=most,
        least=least,
        high=number(float(by_hour[most]), carpet.unit),
        low=number(float(by_hour[least]), carpet.unit),
    )


def hourly(carpet: Carpet) -> Floats:
    """The mean of each of the 24 hours over all days; NaN where an hour has no value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an hour without any value has no mean
        mean: Floats = np.nanmean(carpet.value, axis=1)
    return mean


def days_of(series: Series) -> NDArray[np.object_]:
    """The local day of each value."""
    return np.array([_aware(time).date() for time in series.time], dtype=object)


def _aware(time: np.datetime64) -> datetime:
    seconds = int(time.astype("datetime64[s]").astype(np.int64))
    return datetime.fromtimestamp(seconds, UTC).astimezone(BERLIN)


def _today(series: Series) -> date:
    """The last day that is shown: its year is left out where days are named."""
    return series.end.astimezone(BERLIN).date()
