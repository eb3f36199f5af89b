"""Charts from reports: what is drawn, and what is not."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta

import numpy as np
import plotly.graph_objects as go
import pytest
from msgspec.structs import replace
from plotly.io.json import to_json_plotly

from dashboard.figures import carpet as carpets
from dashboard.figures import series as charts
from dashboard.figures.base import chart, config, file_name, ticks
from dashboard.figures.carpet import day_kind
from dashboard.figures.series import local
from dashboard.figures.words import spoken
from dashboard.theme import DARK, LIGHT, Theme
from gebaeude.model import Kind, Medium
from gebaeude.reports.records import Carpet, Series

START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 48


def times(count: int, minutes: int = 60) -> np.ndarray:
    first = np.datetime64(START.replace(tzinfo=None), "us")
    return first + np.arange(count) * np.timedelta64(minutes, "m")


def gauge() -> Series:
    return Series(
        building="haus", building_name="Haus", point="raum", point_name="Raum",
        medium=Medium.CLIMATE, quantity="temperature", unit="°C", kind=Kind.GAUGE, start=START,
        end=START + timedelta(hours=HOURS), step="reading", readings=HOURS,
        time=times(HOURS), until=times(0), value=20 + np.sin(np.arange(HOURS)), share=np.empty(0),
        low=18.0, high=26.0, empty="",
    )  # fmt: skip


def counter() -> Series:
    bars = replace(
        gauge(), medium=Medium.HEAT, quantity="energy", unit="kWh", kind=Kind.COUNTER, step="hour",
        until=times(HOURS) + np.timedelta64(1, "h"), value=np.arange(HOURS, dtype=float),
        share=np.ones(HOURS), low=None, high=None,
    )  # fmt: skip
    bars.share[5:8] = 0.3
    return bars


def carpet() -> Carpet:
    days = tuple(date(2026, 4, 1) + timedelta(days=i) for i in range(14))
    value = np.tile(np.arange(24.0)[:, None], (1, 14))
    value[3, 4] = np.nan
    return Carpet(
        building="haus", building_name="Haus", point="waerme", point_name="Wärme",
        medium=Medium.HEAT, unit="kW", days=days, hours=np.full(14, 24), value=value,
        holidays={date(2026, 4, 3): "Karfreitag", date(2026, 4, 6): "Ostermontag"},
        school_holidays=frozenset(days[:5]), empty="",
    )  # fmt: skip


def series_figure(series: Series, theme: Theme, width: int) -> go.Figure:
    """The chart, each of its properties looked at by plotly."""
    return go.Figure(charts.series_figure(series, theme, width))


def carpet_figure(of: Carpet, theme: Theme, width: int) -> go.Figure:
    return go.Figure(carpets.carpet_figure(of, theme, width))


def test_gaps_stay_gaps() -> None:
    series = gauge()
    series.value[10] = np.nan
    line = series_figure(series, LIGHT, 1000).data[0]
    assert line.connectgaps is False
    assert np.isnan(line.y[10])


def test_the_range_asked_for_is_shown_to_its_end_even_where_values_are_missing() -> None:
    series = replace(gauge(), time=times(5), value=np.full(5, 20.0))
    axis = series_figure(series, LIGHT, 1000).layout.xaxis
    assert axis.range[1].isoformat() == "2026-03-04T01:00:00"  # on the wall in Berlin


def test_estimated_bars_are_told_apart_by_hatching_and_word() -> None:
    measured, guessed = series_figure(counter(), LIGHT, 1000).data
    assert len(measured.x) == HOURS - 3
    assert len(guessed.x) == 3
    assert guessed.marker.pattern.shape == "/"
    assert "geschätzt" in guessed.hovertemplate
    assert measured.marker.color == LIGHT.media[Medium.HEAT]


def test_limits_are_named_and_far_ones_left_out() -> None:
    texts = [note.text for note in series_figure(gauge(), LIGHT, 1000).layout.annotations]
    assert "Untergrenze 18,0\u202f°C" in texts
    far = series_figure(replace(gauge(), high=90.0), LIGHT, 1000).layout.annotations
    assert not any("Obergrenze" in note.text for note in far)


def test_the_colour_is_the_mediums_in_either_scheme() -> None:
    assert series_figure(gauge(), DARK, 1000).data[0].line.color == DARK.media[Medium.CLIMATE]


def test_local_time_follows_the_clock_on_the_wall_over_both_changes() -> None:
    spring = np.array(["2026-03-29T00:30", "2026-03-29T01:30"], dtype="datetime64[us]")
    autumn = np.array(["2026-10-25T00:30", "2026-10-25T01:30"], dtype="datetime64[us]")
    assert [str(one)[11:16] for one in local(spring)] == ["01:30", "03:30"]
    assert [str(one)[11:16] for one in local(autumn)] == ["02:15", "02:45"]  # one after the other


def test_the_hour_that_october_has_twice_is_drawn_side_by_side_and_named() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    hours = np.datetime64("2026-10-24T22:00", "us") + np.arange(25) * np.timedelta64(1, "h")
    bars = replace(
        counter(), start=start, end=start + timedelta(hours=25), time=hours,
        until=hours + np.timedelta64(1, "h"), value=np.arange(25.0), share=np.ones(25),
    )  # fmt: skip
    figure = series_figure(bars, LIGHT, 1000)
    drawn = figure.data[0]
    begin = drawn.x.astype("datetime64[m]")
    end = begin + (drawn.width / 0.86 / 60_000).round().astype("timedelta64[m]")
    assert [str(one)[11:] for one in begin[1:5]] == ["01:00", "02:00", "02:30", "03:00"]
    assert (end[:-1] == begin[1:]).all()  # nothing overlaps, nothing is missing
    assert drawn.hovertemplate.startswith("%{customdata}")
    assert [one.partition(" Uhr")[2] for one in drawn.customdata[1:5]] == [
        "", " (Sommerzeit)", " (Winterzeit)", "",
    ]  # fmt: skip
    shaded = figure.layout.shapes[0]
    assert (shaded.x0[11:16], shaded.x1[11:16]) == ("02:00", "03:00")
    assert "zweimal" in figure.layout.annotations[-1].text
    assert not series_figure(counter(), LIGHT, 1000).layout.shapes


def test_the_unit_begins_at_the_axis_where_no_edge_cuts_it() -> None:
    unit = series_figure(counter(), LIGHT, 400).layout.annotations[0]
    assert (unit.text, unit.xanchor) == ("kWh", "left")


def test_the_chart_can_be_read_aloud() -> None:
    bars = spoken(counter())
    assert bars.startswith("Zusammen 1.128\u202fkWh. Höchster Wert 47")
    assert "(Mi 4. März, 00:00 Uhr)" in bars  # 23 hours after midnight in UTC
    assert "um 24,0\u202fkWh höher als die erste" in bars
    line = spoken(gauge())
    assert line.startswith("Höchster Wert 21,0\u202f°C (")
    assert "niedrigster 19,0\u202f°C" in line
    falling = replace(gauge(), value=np.linspace(22, 18, HOURS))
    assert "niedriger als die erste" in spoken(falling)
    flat = replace(gauge(), value=np.full(HOURS, 20.0))
    assert spoken(flat).endswith("Beide Hälften liegen im Mittel gleich hoch.")
    nearly = replace(gauge(), value=np.linspace(20.0, 20.04, HOURS))
    assert spoken(nearly).endswith("Beide Hälften liegen im Mittel gleich hoch.")
    assert (
        spoken(replace(gauge(), value=np.full(HOURS, np.nan), empty="Nichts da.")) == "Nichts da."
    )


def test_the_carpet_has_hours_down_and_days_across() -> None:
    hours, strip = carpet_figure(carpet(), LIGHT, 1000).data
    assert np.asarray(hours.z, dtype=float).shape == (24, 14)
    assert list(carpet_figure(carpet(), LIGHT, 1000).layout.yaxis.range) == [23.5, -0.5]
    assert hours.hoverongaps is False
    assert strip.customdata[0][2] == "Karfreitag"


def test_days_off_are_told_apart() -> None:
    of = carpet()
    kinds = [day_kind(day, of) for day in of.days[:6]]
    assert kinds == ["school", "school", "holiday", "weekend", "weekend", "holiday"]
    assert day_kind(date(2026, 4, 8), of) == "work"


def test_one_spike_does_not_bleach_the_carpet() -> None:
    of = carpet()
    of.value[0, 0] = 1e6
    assert carpet_figure(of, LIGHT, 1000).data[0].zmax < 1000


def test_an_empty_carpet_can_be_drawn() -> None:
    of = replace(carpet(), value=np.full((24, 14), np.nan))
    assert carpet_figure(of, LIGHT, 1000).data[0].zmax is None


def test_charts_send_nothing_anywhere_and_speak_german() -> None:
    asked = config("name")
    assert asked["showSendToCloud"] is False
    assert asked["plotlyServerURL"] == ""
    assert asked["displaylogo"] is False
    assert asked["locale"] == "de"


def test_figures_become_json_without_a_number_that_is_none() -> None:
    series = gauge()
    series.value[3] = np.nan
    text = series_figure(series, LIGHT, 400).to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_file_names_speak_and_are_safe() -> None:
    assert file_name("barntrup-gymnasium", "Wärme/Süd", "2026-11-16") == (
        "barntrup-gymnasium_waerme-sued_2026-11-16"
    )


def test_a_narrow_axis_has_few_labels() -> None:
    assert ticks(340) == 3
    assert ticks(2500) == 12


def test_noise_does_not_look_like_a_swing() -> None:
    still = replace(gauge(), value=20 + np.sin(np.arange(HOURS)) / 10)
    low, high = series_figure(still, LIGHT, 1000).layout.yaxis.range
    assert high - low >= 5
    assert low < 20 < high
    wide = replace(gauge(), value=20 + 10 * np.sin(np.arange(HOURS)))
    assert series_figure(wide, LIGHT, 1000).layout.yaxis.range is None


def test_the_browser_gets_numbers_packed_and_moments_as_text() -> None:
    part = chart("verlauf", charts.series_figure(gauge(), LIGHT, 1000), "", "", "", "1rem")
    sent = json.loads(to_json_plotly(part))
    trace = sent["props"]["children"][1]["props"]["children"]["props"]["figure"]["data"][0]
    assert (trace["x"][0], trace["y"]["dtype"]) == ("2026-03-02T01:00:00.000", "f8")
    assert np.array_equal(np.frombuffer(b64decode(trace["y"]["bdata"])), gauge().value)
    hours = chart("teppich", carpets.carpet_figure(carpet(), LIGHT, 1000), "", "", "", "1rem")
    sent = json.loads(to_json_plotly(hours))
    carpet_sent = sent["props"]["children"][1]["props"]["children"]["props"]["figure"]["data"][0]
    assert carpet_sent["z"]["shape"] == "24, 14"
    assert carpet_sent["x"][0] == "2026-04-01"
