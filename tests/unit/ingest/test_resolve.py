"""From samples to readings: fields, spans of time, units, bounds; and what is wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from gebaeude.model import Reason, Sample
from gebaeude.store.devices import Channel
from ingest.resolve import Channels, Trouble
from ingest.rows import Rows

NOW = 1_795_000_000_000_000  # µs
HOUR = 3_600_000_000
TEMPERATURE = Channel(
    "chirpstack", "a1", "temperature", None, None, 7, "temperature", "°C", None, 1
)
ENERGY = Channel("shelly", "s1", "emdata:0.total_act", None, None, 8, "energy", "kWh", None, 1)


def resolve(channels: list[Channel], *samples: Sample) -> tuple[list[tuple], list[Trouble]]:
    rows = Rows()
    kind = channels[0].format if channels else "chirpstack"
    trouble = Channels(channels, 900).resolve(kind, samples, NOW, rows)
    return list(zip(rows.points, rows.times, rows.values, strict=True)), trouble


def sample(value: float = 21.5, **changes: object) -> Sample:
    fields: dict = {"device": "a1", "field": "temperature", "time": NOW, "value": value}
    return Sample(**(fields | changes))


def test_a_field_becomes_its_points_reading() -> None:
    assert resolve([TEMPERATURE], sample()) == ([(7, NOW, 21.5)], [])


def test_units_are_converted_to_the_points() -> None:
    fahrenheit = replace(TEMPERATURE, sent_unit="°F")
    (row,), trouble = resolve([fahrenheit], sample(212.0))
    assert (row[2], trouble) == (pytest.approx(100.0), [])
    sent = Sample("s1", "emdata:0.total_act", NOW, 1500.0, "Wh")
    assert resolve([ENERGY], sent) == ([(8, NOW, 1.5)], [])


def test_the_unit_in_the_message_counts_before_the_channels() -> None:
    channel = replace(ENERGY, sent_unit="MWh")
    rows, _ = resolve([channel], Sample("s1", "emdata:0.total_act", NOW, 1500.0, "Wh"))
    assert rows == [(8, NOW, 1.5)]


def test_a_transformer_multiplies() -> None:
    rows, _ = resolve(
        [replace(ENERGY, factor=40.0)], Sample("s1", "emdata:0.total_act", NOW, 1500.0, "Wh")
    )
    assert rows == [(8, NOW, 60.0)]


def test_a_channel_counts_for_its_span_of_time() -> None:
    first = replace(TEMPERATURE, until=NOW - HOUR, point_id=1)
    second = replace(TEMPERATURE, since=NOW - HOUR, until=NOW, point_id=2)
    rows, trouble = resolve(
        [first, second],
        sample(time=NOW - HOUR - 1),
        sample(time=NOW - HOUR),
        sample(time=NOW - 1),
        sample(time=NOW),
    )
    assert [row[0] for row in rows] == [1, 2, 2]
    assert trouble == [Trouble(Reason.UNKNOWN_FIELD, "temperature", "a1")]


def test_fields_that_are_not_wanted_are_no_trouble() -> None:
    unwanted = replace(TEMPERATURE, point_id=None, quantity=None, unit=None)
    for value in (21.5, math.nan, 1e300):
        assert resolve([unwanted], sample(value)) == ([], [])


def test_text_in_a_field_that_nobody_asked_for_is_no_trouble() -> None:
    assert resolve([TEMPERATURE], sample(math.nan, field="firmware")) == ([], [])


@pytest.mark.parametrize(
    ("wrong", "reason", "detail"),
    [
        (sample(device="b2"), Reason.UNKNOWN_DEVICE, "b2"),
        (sample(field="humidity"), Reason.UNKNOWN_FIELD, "humidity"),
        (sample(math.nan), Reason.NOT_A_NUMBER, "temperature"),
        (sample(math.inf), Reason.NOT_A_NUMBER, "temperature"),
        (sample(-math.inf), Reason.NOT_A_NUMBER, "temperature"),
        (sample(4711.0), Reason.IMPLAUSIBLE_VALUE, "temperature = 4711"),
        (sample(unit="kWh"), Reason.UNIT_MISMATCH, "temperature: kWh → °C"),
        (sample(unit="furlong"), Reason.UNIT_MISMATCH, "temperature: furlong → °C"),
        (sample(time=0), Reason.TIME_IMPLAUSIBLE, "1970-01-01T00:00:00+00:00"),
        (sample(time=-(10**18)), Reason.TIME_IMPLAUSIBLE, "-1000000000000000000 µs"),
        (sample(time=10**20), Reason.TIME_AHEAD, "100000000000000000000 µs"),
        (sample(time=NOW + 900_000_001), Reason.TIME_AHEAD, "2026-11-18T11:21:40.000001+00:00"),
    ],
)
def test_what_is_wrong_and_its_neighbour_is_right(
    wrong: Sample, reason: Reason, detail: str
) -> None:
    rows, trouble = resolve([TEMPERATURE], wrong, sample())
    assert rows == [(7, NOW, 21.5)]
    assert trouble == [Trouble(reason, detail, wrong.device)]


def test_a_clock_may_be_a_little_ahead() -> None:
    assert resolve([TEMPERATURE], sample(time=NOW + 900_000_000))[1] == []


def test_several_troubles_are_named_once_each_and_shortly() -> None:
    unknown = [sample(field=f"f{number % 9}") for number in range(100)]
    _, trouble = resolve([TEMPERATURE], *unknown, sample(math.nan))
    assert trouble == [
        Trouble(Reason.UNKNOWN_FIELD, "f0, f1, f2, f3, f4", "a1"),
        Trouble(Reason.NOT_A_NUMBER, "temperature", "a1"),
    ]


def test_a_known_device_without_any_channel() -> None:
    empty = Channel("chirpstack", "a1", None, None, None, None, None, None, None, None)
    assert resolve([empty], sample())[1] == [Trouble(Reason.UNKNOWN_FIELD, "temperature", "a1")]


def test_units_that_devices_invent_are_not_remembered() -> None:
    channels = Channels([TEMPERATURE], 900)
    for number in range(1000):
        channels.resolve("chirpstack", [sample(unit=f"u{number}")], NOW, Rows())
    route = channels._devices["chirpstack"]["a1"]["temperature"]
    assert len(route.meaning.conversions) == 0
