"""What a device's profile changes: raw frames, clocks that are wrong, values that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gebaeude.model import Kind, Medium, Message, Quality, Reason, Sample
from gebaeude.profiles import Clock, Field, Profile, WrongClock
from gebaeude.store.devices import Channel
from gebaeude.store.quarantine import Rejected
from ingest.interpret import interpret
from ingest.resolve import Channels, Trouble
from ingest.rows import Rows
from tests.messages import load

NOW = 1_795_000_000_000_000  # µs
HOUR = 3_600_000_000
DAY = 24 * HOUR
EUI = "1000000000000001"


def profile(clock: Clock | None = None, **more: Any) -> Profile:
    fields = {
        "temperature": Field("T", Medium.CLIMATE, "temperature", Kind.GAUGE, absent=(-50.0, 85.0))
    }
    return Profile("p", "P", ("chirpstack",), 600, fields, clock=clock or Clock(), **more)


def channel(field: str = "temperature", point: int | None = 7, **more: Any) -> Channel:
    values: dict[str, Any] = {"since": None, "until": None, "quantity": "temperature"}
    values |= {"unit": "°C", "sent_unit": None, "factor": 1.0, "profile": "p"} | more
    return Channel(format="chirpstack", device=EUI, field=field, point_id=point, **values)


def resolve(
    of: Profile, *samples: tuple[int, float], channels: tuple[Channel, ...] = (channel(),)
) -> tuple[list[tuple[int, int, float, int]], list[Trouble]]:
    """(point, time, value, quality) of each reading, and the trouble."""
    rows = Rows()
    sent = [Sample(EUI, "temperature", time, value) for time, value in samples]
    trouble = Channels(channels, 900, {"p": of}).resolve("chirpstack", sent, NOW, rows)
    qualities = rows.qualities(0, len(rows)).tolist()
    return list(zip(rows.points, rows.times, rows.values, qualities, strict=True)), trouble


RECEIPT = Clock(WrongClock.RECEIPT, behind_s=86400)


@pytest.mark.parametrize(
    ("time", "reason"),
    [(NOW + HOUR, Reason.TIME_AHEAD), (60_000_000, Reason.TIME_IMPLAUSIBLE),
     (NOW - 2 * DAY, Reason.TIME_IMPLAUSIBLE)],
)  # fmt: skip
def test_a_wrong_clock_is_marked_or_refused(time: int, reason: Reason) -> None:
    assert resolve(profile(RECEIPT), (time, 21.5)) == ([(7, NOW, 21.5, Quality.SUSPECT)], [])
    strict = Clock(WrongClock.QUARANTINE, behind_s=86400)
    rows, (trouble,) = resolve(profile(strict), (time, 21.5))
    assert (rows, trouble.reason, trouble.device) == ([], reason, EUI)


def test_a_clock_within_its_limits_is_believed() -> None:
    for time in (NOW - DAY + 1, NOW, NOW + 900_000_000):
        assert resolve(profile(RECEIPT), (time, 21.5)) == ([(7, time, 21.5, Quality.MEASURED)], [])


def test_without_a_limit_the_past_may_be_any() -> None:
    assert resolve(profile(), (NOW - 1000 * DAY, 21.5))[1] == []


def test_the_profile_may_allow_more_or_less_than_the_setting() -> None:
    generous = Clock(ahead_s=7200)
    assert resolve(profile(generous), (NOW + HOUR, 21.5)) == (
        [(7, NOW + HOUR, 21.5, Quality.MEASURED)], [],
    )  # fmt: skip
    (trouble,) = resolve(profile(Clock(ahead_s=0)), (NOW + 1, 21.5))[1]
    assert trouble.reason is Reason.TIME_AHEAD


def test_two_values_cannot_share_one_moment_of_receipt() -> None:
    rows, (trouble,) = resolve(profile(RECEIPT), (60_000_000, 21.5), (120_000_000, 22.5))
    assert rows == [(7, NOW, 21.5, Quality.SUSPECT)]
    assert trouble.reason is Reason.TIME_IMPLAUSIBLE


def test_the_time_that_counts_also_decides_the_point() -> None:
    before, after = channel(point=1, until=NOW - HOUR), channel(point=2, since=NOW - HOUR)
    rows, _ = resolve(profile(RECEIPT), (60_000_000, 21.5), channels=(before, after))
    assert rows == [(2, NOW, 21.5, Quality.SUSPECT)]


def test_what_says_not_available_is_passed_over() -> None:
    rows, trouble = resolve(profile(), (NOW - 3, 85.0), (NOW - 2, -50.0), (NOW - 1, 84.9))
    assert (rows, trouble) == ([(7, NOW - 1, 84.9, Quality.MEASURED)], [])


def test_a_dead_probe_is_no_frost() -> None:
    """Dragino's older codecs give it as the text 0.00."""
    decoded = {"TempC1": "0.00", "TempC2": "0.10", "TempC3": "327.67", "Hum_SHT": "0.0"}
    tree = json.loads(load("chirpstack/docs_up.json").payload)
    tree |= {"object": decoded, "deviceInfo": {"devEui": EUI}}
    message = Message(
        f"application/1/device/{EUI}/event/up".encode(), json.dumps(tree).encode(), NOW
    )
    channels = [channel(field, n, profile="dragino-lsn50") for n, field in enumerate(decoded)]
    rows = Rows()
    assert interpret(message, Channels(channels, 900), 10_000, rows) == []
    assert [*zip(rows.points, rows.values, strict=True)] == [(1, 0.1)]


def test_bounds_hold_for_values_that_are_looked_at_twice() -> None:
    reasons = [resolve(profile(), (NOW, value))[1][0].reason for value in (-300.0, float("nan"))]
    assert reasons == [Reason.IMPLAUSIBLE_VALUE, Reason.NOT_A_NUMBER]


def test_marks_stay_with_their_rows_when_a_batch_is_cut() -> None:
    rows = Rows()
    for n in range(10):
        if n in (3, 7):
            rows.suspect.append(len(rows))
        rows.append(1, n, 0.0)
    assert rows.qualities(0, 10).nonzero()[0].tolist() == [3, 7]
    assert rows.qualities(4, 8).tolist() == [0, 0, 0, 1]
    assert rows.qualities(8, 10).tolist() == [0, 0]


UNITS = {"temperature": "°C", "humidity": "%", "co2": "ppm", "light": "lx", "vdd": "V"}


def raw(name: str, decoder: str | None, *fields: str) -> tuple[dict[str, float], list[Rejected]]:
    """field → value of what the message becomes under a profile with this decoder."""
    kind = name.partition("/")[0]
    channels = [
        replace(channel(field, number, quantity=None, unit=UNITS.get(field)), format=kind)
        for number, field in enumerate(fields)
    ]
    rows = Rows()
    known = Channels(channels, 900, {"p": profile(decoder=decoder)})
    rejected = interpret(load(name), known, 100_000, rows)
    assert len(set(rows.times)) <= 1
    return {fields[p]: value for p, value in zip(rows.points, rows.values, strict=True)}, rejected


@pytest.mark.parametrize("kind", ["chirpstack", "thethingsstack"])
def test_a_raw_frame_is_decoded_by_the_profile(kind: str) -> None:
    fields = ("temperature", "humidity", "light", "co2", "pir", "vdd")
    name = f"{kind}/elsys_ers2_co2.json"
    values, rejected = raw(name, "elsys-ers", *fields)
    assert rejected == []
    assert values == {
        "temperature": 22.6, "humidity": 41, "light": 39, "co2": 776, "pir": 6, "vdd": 3.426,
    }  # fmt: skip


def test_without_a_decoder_it_waits_for_one_under_its_device() -> None:
    for fields in ((), ("temperature",)):
        values, (entry,) = raw("chirpstack/elsys_ers2_co2.json", None, *fields)
        assert values == {}
        assert (entry.reason, entry.device, entry.is_moment) == (Reason.UNDECODED, EUI, False)


DAMAGED = {"!": "invalid_structure", "AQ==": "invalid_structure", "7gE=": "undecoded"}


def test_a_frame_that_the_decoder_cannot_read_is_kept_under_its_device() -> None:
    tree = json.loads(load("chirpstack/elsys_ers2_co2.json").payload)
    topic = f"application/1/device/{EUI}/event/up".encode()
    for data, reason in DAMAGED.items():
        message = Message(topic, json.dumps(tree | {"data": data}).encode(), NOW)
        known = Channels([channel()], 900, {"p": profile(decoder="elsys-ers")})
        (entry,) = interpret(message, known, 100_000, Rows())
        assert (entry.reason, entry.device) == (reason, EUI)


def test_a_value_with_the_moment_of_receipt_is_each_time_another_message() -> None:
    channels = Channels([], 900)
    again = [
        interpret(Message(b"plain/a/b/c", b"21.5", NOW + n), channels, 1000, Rows())[0]
        for n in (0, 1, 1)
    ]
    assert all(entry.is_moment for entry in again)
    assert again[0].fingerprint != again[1].fingerprint == again[2].fingerprint
    dated = [
        interpret(Message(b"plain/a/b", b'{"c": 1, "time": "2026-11-01T00:00Z"}', NOW + n),
                  channels, 1000, Rows())[0].fingerprint for n in (0, 1)
    ]  # fmt: skip
    assert dated[0] == dated[1]


def test_each_device_of_a_message_is_kept_by_itself() -> None:
    values = [{"ts": 1_794_000_000_000, "values": {"t": 1}}]
    payload = json.dumps({"a": values, "b": values}).encode()
    entries = interpret(Message(b"v1/gateway/telemetry", payload, NOW), Channels([], 900), 1000,
                        Rows())  # fmt: skip
    assert [entry.device for entry in entries] == ["a", "b"]
    assert entries[0].fingerprint != entries[1].fingerprint
