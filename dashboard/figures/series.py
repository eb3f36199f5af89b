"""A point over time: bars of consumption or a line of values; the present is at the right edge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.base import Figure, layout, ticks, unit_label
from dashboard.figures.words import moment, shown
from dashboard.theme import Theme, mix
from gebaeude.model import Kind
from gebaeude.reports.records import Series, Times
from gebaeude.text import BERLIN, N_, _, unit_name
from gebaeude.units import QUANTITIES

HOUR = np.timedelta64(3600, "s")
SUMMER = 2 * HOUR  # how far Berlin's clock is before UTC in summer
DAYS_TO_SEE_HOURS = 10  # a longer chart is too narrow for one hour to be marked
MEASURED = 0.999  # a bucket with less measured time is drawn lighter and hatched
# Less than this fills no chart: noise must not look like a swing.
LEAST_SPAN = {"temperature": 6.0, "humidity": 20.0, "co2": 400.0}
# how one bucket is read out, by the series' step; d3 time formats
_HOVER: dict[str, str] = {
    "hour": N_("%{x|%a %-d. %b, %-H} Uhr"),
    "day": N_("%{x|%a %-d. %b %Y}"),
    "week": N_("Woche ab %{x|%-d. %b %Y}"),
    "month": "%{x|%B %Y}",
}
_TICKS: list[dict[str, Any]] = [
    {"dtickrange": [None, 86_400_000 - 1], "value": N_("%H:%M\n%a %-d. %b")},
    {"dtickrange": [86_400_000, 27 * 86_400_000], "value": N_("%-d. %b\n%Y")},
    {"dtickrange": [27 * 86_400_000, None], "value": "%b\n%Y"},
]


def series_figure(series: Series, theme: Theme, width: int) -> Figure:
    """Bars for counters, a line with its gaps for everything else; `width` of the page [px]."""
    colour = theme.media[series.medium]
    bars = series.kind is Kind.COUNTER
    traces = _bars(series, colour, theme) if bars else [_line(series, colour)]
    drawn = layout(theme, **_axes(series, bars, width))
    drawn["annotations"], drawn["shapes"] = [unit_label(series.unit, theme)], []
    if not bars:
        _limits(drawn, series, theme)
    _mark_twice(drawn, series, theme)
    return {"data": traces, "layout": drawn}


def _mark_twice(drawn: dict[str, Any], series: Series, theme: Theme) -> None:
    """Shades the hour of October that the clock shows twice, and says so."""
    start, end = (
        np.datetime64(one.astimezone(UTC).replace(tzinfo=None), "s")
        for one in (series.start, series.end)
    )
    if end - start > DAYS_TO_SEE_HOURS * 24 * HOUR:
        return
    for first in twice_from(start, end):
        begin = first + SUMMER
        across = {"x0": str(begin), "x1": str(begin + HOUR), "xref": "x"}
        drawn["shapes"].append(
            {
                "type": "rect",
                **across,
                "y0": 0,
                "y1": 1,
                "yref": "y domain",
                "fillcolor": theme.grey,
                "opacity": 0.25,
                "line": {"width": 0},
                "layer": "below",
            }
        )
        drawn["annotations"].append(
            {
                "text": _("Uhr zurück: 2 bis 3 Uhr zweimal"),
                "font": {"color": theme.quiet, "size": 12},
                "x": across["x0"],
                "xref": "x",
                "xanchor": "left",
                "y": 1,
                "yref": "y domain",
                "yanchor": "top",
                "showarrow": False,
            }
        )


def local(times: Times) -> Times:
    """UTC → wall clock in Berlin, for axes that know no time zones.

    The hour that October has twice is drawn at half its width both times, one after the other.
    """
    if not len(times):
        return times
    seconds = times.astype("datetime64[s]").astype(np.int64)
    # The offset changes twice a year: ask once per hour that occurs, not once per point.
    hours, where = np.unique(seconds // 3600, return_inverse=True)
    offsets = [datetime.fromtimestamp(int(hour) * 3600, BERLIN).utcoffset() for hour in hours]
    shift = np.array([int(offset.total_seconds()) if offset else 0 for offset in offsets])
    moved: Times = times + shift[where].astype("timedelta64[s]")
    for first in twice_from(times[0], times[-1]) if np.ptp(shift) else ():
        doubled = (times >= first) & (times < first + 2 * HOUR)
        moved[doubled] = first + SUMMER + (times[doubled] - first) // 2
    return moved


def twice_from(start: np.datetime64, end: np.datetime64) -> list[np.datetime64]:
    """When the hour begins that the clock shows twice, in UTC, of each October from start to end.

    By the rule of the European Union: clocks go back at 1:00 UTC on the last Sunday.
    """
    years = range(
        start.astype("datetime64[Y]").item().year, end.astype("datetime64[Y]").item().year + 1
    )
    found = [np.datetime64(f"{year}-11-01", "D") - 1 for year in years]
    sundays = [np.busday_offset(day, 0, "backward", weekmask="Sun") for day in found]
    return [
        one
        for day in sundays
        if start < (one := day.astype("datetime64[s]")) + 2 * HOUR and one < end
    ]


def local_moment(time: datetime) -> datetime:
    """The same for one moment."""
    return time.astimezone(BERLIN).replace(tzinfo=None)


def _bars(series: Series, colour: str, theme: Theme) -> list[dict[str, Any]]:
    """What was measured in full colour, what was partly estimated lighter and hatched."""
    whole = series.share >= MEASURED
    light = mix(colour, theme.card, 0.35)
    hatched = {
        "shape": "/",
        "fgcolor": colour,
        "bgcolor": light,
        "fillmode": "overlay",
        "size": 5,
        "solidity": 0.25,
    }
    guessed = _("zum Teil geschätzt")
    return [
        _bar(series, whole, {"color": colour, "line": {"width": 0}}, ""),
        _bar(
            series,
            ~whole,
            {"color": light, "pattern": hatched, "line": {"width": 0}},
            f", {guessed}",
        ),
    ]


def _bar(
    series: Series, which: NDArray[np.bool_], marker: dict[str, Any], more: str
) -> dict[str, Any]:
    start, until = local(series.time[which]), local(series.until[which])
    width = (until - start).astype("timedelta64[ms]").astype(float)
    hover = _(_HOVER.get(series.step, N_("%{x|%-d. %b %Y}")))
    value = f"%{{y:,.{_digits(series)}f}} {unit_name(series.unit)}"
    told = _told_twice(series, which)
    if told is not None:
        hover = "%{customdata}"
    return {
        "type": "bar",
        "x": start.astype("datetime64[ms]"),
        "y": series.value[which],
        "width": width * 0.86,
        "offset": width * 0.07,
        "marker": marker,
        "customdata": told,
        "hovertemplate": f"{hover}: {value}{more}<extra></extra>",
    }


def _digits(series: Series) -> int:
    known = series.value[np.isfinite(series.value)]
    most = float(np.abs(known).max()) if len(known) else 0.0
    return 0 if most >= 100 else 1 if most >= 10 else 2


def _line(series: Series, colour: str) -> dict[str, Any]:
    digits = QUANTITIES[series.quantity].digits
    told = _told_twice(series, np.ones(len(series.time), dtype=bool))
    hover = _("%{x|%a %-d. %b, %H:%M}: ") if told is None else "%{customdata}: "
    return {
        "type": "scatter",
        "x": local(series.time).astype("datetime64[ms]"),
        "y": series.value,
        "mode": "lines",
        "line": {
            "color": colour,
            "width": 1.75,
            "shape": "hv" if series.kind is Kind.STATE else "linear",
        },
        "connectgaps": False,
        "customdata": told,
        "hovertemplate": hover + f"%{{y:,.{digits}f}} {unit_name(series.unit)}<extra></extra>",
    }


def _told_twice(series: Series, which: NDArray[np.bool_]) -> list[str] | None:
    """When each of these values was, in words, where the axis cannot tell: it has an hour twice."""
    times = series.time
    if series.step in ("day", "week", "month") or not len(times):
        return None
    if not any(twice_from(times[0], times[-1])):
        return None
    return [moment(series, int(i)) for i in np.flatnonzero(which)]


def _axes(series: Series, bars: bool, width: int) -> dict[str, Any]:
    return {
        "barmode": "overlay",
        "xaxis": {
            "type": "date",
            "range": [local_moment(series.start), local_moment(series.end)],
            "tickformatstops": [{**stop, "value": _(str(stop["value"]))} for stop in _TICKS],
            "nticks": ticks(width),
            "tickangle": 0,
        },
        "yaxis": {
            "rangemode": "tozero" if bars else "normal",
            "range": _reach(series),
            "nticks": 6,
            "tickformat": ",~f",
        },
    }


def _reach(series: Series) -> list[float] | None:
    """The values' axis where they lie so close together that their noise would fill it."""
    known = series.value[np.isfinite(series.value)]
    least = LEAST_SPAN.get(series.quantity, 0.0)
    if not len(known) or float(np.ptp(known)) >= least * 0.8:
        return None
    middle = float(known.min() + known.max()) / 2
    return [middle - least / 2, middle + least / 2]


def _limits(drawn: dict[str, Any], series: Series, theme: Theme) -> None:
    """The rule's limits in grey, each with its name; they do not stretch the axis."""
    known = series.value[np.isfinite(series.value)]
    if not len(known):
        return
    low, high = float(known.min()), float(known.max())
    reach = max(high - low, 1e-9)
    for limit, name in ((series.low, _("Untergrenze")), (series.high, _("Obergrenze"))):
        if limit is None or not low - reach <= limit <= high + reach:
            continue
        drawn["shapes"].append(
            {
                "type": "line",
                "x0": 0,
                "x1": 1,
                "xref": "x domain",
                "y0": limit,
                "y1": limit,
                "yref": "y",
                "line": {"color": theme.quiet, "width": 1, "dash": "dash"},
            }
        )
        drawn["annotations"].append(
            {
                "text": f"{name} {shown(limit, series)}",
                "font": {"color": theme.quiet, "size": 12},
                "xref": "x domain",
                "xanchor": "left",
                "x": 0,
                "y": limit,
                "yref": "y",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
