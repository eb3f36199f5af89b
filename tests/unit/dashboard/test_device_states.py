"""Which devices are silent or low on battery, how many wait, and what taking back would do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.components.device_list import listed, matches
from dashboard.release_actions import consequences, do, plan_of
from dashboard.visit import Visit
from gebaeude.access.person import Person
from gebaeude.errors import NotFound, UsageError
from gebaeude.model import Message, Reason
from gebaeude.reports.devices import Devices, devices, is_battery_low, is_signal_weak
from gebaeude.reports.quality import quality
from gebaeude.store import inbox, kept, quarantine
from gebaeude.store.database import Connection, connect
from gebaeude.store.inbox import Heard
from gebaeude.store.quarantine import Rejected
from gebaeude.store.scope import asking

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
DEVICE = ("chirpstack", "24e124707c044108")  # an AM307, due every 10 minutes
OTHER = ("chirpstack", "24e124136b90091b")
THIRD = ("chirpstack", "24e124707cfd8713")


@pytest.fixture
def portfolio(portfolio_db: str) -> Iterator[Connection]:
    with connect(portfolio_db, name="test") as connection:
        yield connection


def micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def heard(connection: Connection, of: tuple[str, str], ago: timedelta, battery: float) -> None:
    inbox.hear(connection, [Heard(*of, micros(NOW - ago), battery, "%")])


def names(found: Devices, **params: str) -> set[str]:
    asked = Visit("/geraete", params, NOW)
    return {one.line.device for one in found.devices if matches(one, asked)}


def test_a_device_is_silent_when_three_messages_are_missing(portfolio: Connection) -> None:
    heard(portfolio, DEVICE, timedelta(minutes=31), 90)
    heard(portfolio, OTHER, timedelta(minutes=29), 20)
    found = devices(portfolio, NOW)
    assert names(found, zustand="stumm") == {DEVICE[1]}
    assert names(found, zustand="batterie") == {OTHER[1]}
    assert sum(one.never for one in found.devices) == len(found.devices) - 2
    assert names(found, suche="am307 1.12 BARNTRUP") == {DEVICE[1]}
    assert names(found, suche="lorawan 24e124136b90091b", kommune="barntrup") == {OTHER[1]}
    assert names(found, suche="24e124136b90091b", kommune="kalletal") == set()


def value(connection: Connection, building: str, point: str, ago: timedelta) -> None:
    connection.execute(
        "INSERT INTO reading (point_id, time, value) SELECT p.id, %s, 20 FROM point p"
        " JOIN building b ON b.id = p.building_id WHERE b.key = %s AND p.key = %s",
        (NOW - ago, building, point),
    )


def test_a_device_with_a_wrong_clock_is_the_same_on_both_pages(portfolio: Connection) -> None:
    heard(portfolio, DEVICE, timedelta(minutes=1), 90)
    value(portfolio, "barntrup-rathaus", "buero-1-12-temperatur", timedelta(hours=7))
    ahead = Message(b"t", b"{}", micros(NOW))
    quarantine.keep(portfolio, [Rejected(ahead, Reason.TIME_AHEAD, "", *DEVICE)])
    listed = next(one for one in devices(portfolio, NOW).devices if one.line.device == DEVICE[1])
    assert (listed.useless, listed.silent, listed.never) == (True, False, False)
    assert listed.useless_for is Reason.TIME_AHEAD
    assert listed in quality(portfolio, NOW).devices
    assert names(devices(portfolio, NOW), zustand="ohne-wert") == {DEVICE[1]}
    value(portfolio, "barntrup-rathaus", "buero-1-12-temperatur", timedelta(minutes=1))
    assert listed.line not in [one.line for one in quality(portfolio, NOW).devices]
    assert names(devices(portfolio, NOW), zustand="ohne-wert") == set()


def test_a_device_whose_points_had_values_once_is_silent_and_not_unheard(
    portfolio: Connection,
) -> None:
    value(portfolio, "barntrup-rathaus", "buero-1-12-temperatur", timedelta(hours=7))
    listed = next(one for one in devices(portfolio, NOW).devices if one.line.device == DEVICE[1])
    assert (listed.silent, listed.never) == (True, False)
    assert listed.last_at == NOW - timedelta(hours=7)
    assert listed in quality(portfolio, NOW).devices


@pytest.mark.parametrize(
    ("value", "unit", "low"),
    [(20.0, "%", True), (21.0, "%", False), (2.5, "V", True), (3.0, "V", False),
     (2400.0, "mV", True), (1.0, None, False), (None, "%", False), (0.8, "a", True),
     (9.0, "a", False)],
)  # fmt: skip
def test_a_battery_is_low(value: float | None, unit: str | None, low: bool) -> None:
    assert is_battery_low(value, unit) is low


@pytest.mark.parametrize(
    ("kind", "value", "unit", "weak"),
    [("chirpstack", -114.0, "dBm", True), ("chirpstack", -107.0, "dBm", False),
     ("wmbusmeters", -97.0, "dBm", True), ("shelly", -81.0, "dBm", True),
     ("shelly", -79.0, "dBm", False), ("zigbee2mqtt", 30.0, "LQI", True),
     ("shelly", -99.0, None, False), ("shelly", None, "dBm", False)],
)  # fmt: skip
def test_a_radio_is_weak_by_what_its_receiver_understands(
    kind: str, value: float | None, unit: str | None, weak: bool
) -> None:
    assert is_signal_weak(kind, value, unit) is weak


def test_batteries_are_compared_by_what_is_left_of_them(portfolio: Connection) -> None:
    inbox.hear(portfolio, [
        Heard(*DEVICE, micros(NOW), 60.0, "%"),
        Heard(*OTHER, micros(NOW), 9.0, "a"),
        Heard(*THIRD, micros(NOW), 2.6, "V"),
    ])  # fmt: skip
    asked = Visit("/geraete", {"sortiert": "batterie"}, NOW)
    shown = str(listed(devices(portfolio, NOW), asked))
    order = [shown.index(said) for said in ("2,60", "60\\u202f%", "noch 9 Jahre")]
    assert order == sorted(order)


def test_what_needs_a_look_comes_first_and_the_others_by_house(portfolio: Connection) -> None:
    inbox.hear(portfolio, [Heard(*DEVICE, micros(NOW), 15.0, "%", -120.0, "dBm")])
    shown = str(listed(devices(portfolio, NOW), Visit("/geraete", {}, NOW)))
    assert "Zuerst ansehen" in shown
    assert shown.index("AM307 Büro 1.12") < shown.index("Nach Gebäude")
    assert "schwach, −120\\u202fdBm" in shown
    assert "EM300-TH Werkstatt" not in shown
    assert "1 mit schwacher Batterie, 1 mit schwachem Funk" in shown


def test_only_devices_that_nobody_attached_wait(portfolio: Connection) -> None:
    def told(device: str, reason: Reason, number: int) -> Rejected:
        message = Message(b"t", f"{device}{number}".encode(), micros(NOW))
        return Rejected(message, reason, "", "chirpstack", device)

    quarantine.keep(
        portfolio,
        [
            *(told("a", Reason.UNKNOWN_DEVICE, i) for i in range(5)),
            told("b", Reason.UNDECODED, 0),
            told("c", Reason.TIME_AHEAD, 0),
            told(DEVICE[1], Reason.UNKNOWN_FIELD, 0),
            Rejected(Message(b"t", b"{", micros(NOW)), Reason.INVALID_JSON, ""),
        ],
    )
    assert kept.unknown_devices(portfolio, 100) == 2
    assert kept.unknown_devices(portfolio, 1) == 1
    assert devices(portfolio, NOW).waiting == 2
    assert len(kept.messages(portfolio)) == 9
    of_a = kept.messages(portfolio, formats=["chirpstack"], device="A", limit=3)
    assert [one.device for one in of_a] == ["a"] * 3
    assert [one.reason for one in kept.messages(portfolio, reason="invalid_json")] == [
        Reason.INVALID_JSON
    ]
    assert len(kept.messages(portfolio, device="a", before=of_a[-1].id)) == 2


def test_what_would_be_taken_back_is_told_before(portfolio: Connection) -> None:
    plan = plan_of("undo", "22.11.2026 10:00", "heute 12:00", ["temperature"], NOW)
    told = consequences(portfolio, DEVICE, plan, NOW)
    assert told.startswith("Von heute 10:00 bis heute 12:00 zählt das Gerät nicht für „")
    assert told.endswith("Kein Messwert ist davon betroffen.")
    portfolio.execute(
        "INSERT INTO reading (point_id, time, value, quality) SELECT point.id, %s, 20, 0"
        " FROM channel JOIN device ON device.id = device_id JOIN point ON point.id = point_id"
        " WHERE external_id = %s AND field = 'temperature'",
        (NOW - timedelta(hours=5), DEVICE[1]),
    )
    assert "Betroffen: ein Messwert." in consequences(portfolio, DEVICE, plan, NOW)
    with pytest.raises(NotFound, match="In dieser Zeit"):
        consequences(portfolio, DEVICE, {**plan, "fields": ["nothing"]}, NOW)


def test_whoever_has_signed_in_is_who_changed_it(portfolio: Connection) -> None:
    end = plan_of("end", "heute 16:00", None, None, NOW)
    with asking(Person(7, "vogt@nordlippe.example", "Karin Vogt", ())):
        assert do(portfolio, DEVICE, end).startswith("Erledigt.")
    last = portfolio.execute("SELECT actor FROM device_event ORDER BY id DESC LIMIT 1").fetchone()
    assert last == ("Karin Vogt",)


@pytest.mark.parametrize(
    ("way", "start", "end", "says"),
    [
        ("end", "", None, "ab wann"),
        ("undo", "heute", "", "bis wann"),
        ("undo", "heute 12:00", "heute 11:00", "nach dem Anfang"),
        ("undo", "irgendwann", "heute", "Tag und Uhrzeit"),
    ],
)
def test_a_span_that_cannot_be_meant(way: str, start: str, end: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        plan_of(way, start, end, None, NOW)
