"""How well a radio is heard: of all formats that tell it, and how often it is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from gebaeude.model import Message, Sample
from gebaeude.profiles import About, Field, Profile
from gebaeude.store.devices import Channel
from gebaeude.store.inbox import Heard
from ingest.formats import FORMATS, format_of
from ingest.formats.radio import Signal
from ingest.interpret import interpret
from ingest.resolve import LISTEN_EVERY, LISTENS_PER_S, Channels
from ingest.rows import Rows
from tests.messages import PAYLOADS, RECEIVED, damaged, load

SENSOR = "0101010101010101"
NAMES = [
    (b"zigbee2mqtt/Flur/1", b'{"temperature": 21, "linkquality": 87}', ("Flur/1", 87, "LQI")),
    (b"zigbee2mqtt/Flur/1", b'{"temperature": NaN, "linkquality": 0}', ("Flur/1", 0, "LQI")),
    (b"zigbee2mqtt/Flur/1", b'{"linkquality": 900}', None),
    (b"zigbee2mqtt/Flur/1/linkquality", b"87", None),
    (b"zigbee2mqtt/bridge/event", b'{"linkquality": 87}', None),
    (b"wmbusmeters/w", b'{"id": "0123", "rssi_dbm": -71}', ("0123", -71, "dBm")),
    (b"wmbusmeters/w", b'{"id": "0123", "rssi_dbm": null}', None),
    (b"tele/pow/STATE", b'{"Wifi": {"RSSI": 78, "Signal": -61}}', ("pow", -61, "dBm")),
    (b"tele/pow/STATE", b'{"Wifi": {"RSSI": 78}}', ("pow", 78, "%")),
    (b"tele/pow/STATE", b'{"Wifi": {"RSSI": "good"}}', None),
    (b"tele/pow/SENSOR", b'{"Wifi": {"RSSI": 78}}', None),
    (b"sh/status/wifi", b'{"ssid": "x", "rssi": -45}', ("sh", -45, "dBm")),
    (b"sh/status/bthomedevice:200", b'{"rssi": -45}', None),
    (b"sh/events/rpc", b'{"method": "NotifyStatus", "params": {"wifi": {"rssi": 0}}}', None),
    (b"v3/a/devices/d/up", b'{"uplink_message": {"rx_metadata": [{}, {"rssi": -9}, {"rssi":-80}]}}',
     ("d", -9, "dBm")),
    (b"v3/a/devices/d/join", b'{"uplink_message": {"rx_metadata": [{"rssi": -9}]}}', None),
    (b"application/1/device/AB/event/up", b'{"rxInfo": [{"rssi": -118}, {"rssi": -97}, {}]}',
     ("ab", -97, "dBm")),
    (b"application/1/device/AB/event/join", b'{"rxInfo": [{"rssi": -118}]}', None),
    (b"application/1/device/AB/event/up", b'{"rxInfo": {"rssi": -118}}', None),
]  # fmt: skip


def signal(message: Message) -> Signal | None:
    listen = FORMATS[format_of(message.topic)].signal
    assert listen is not None
    return listen(message)


@pytest.mark.parametrize(("topic", "payload", "expected"), NAMES)
def test_each_format(topic: bytes, payload: bytes, expected: tuple[str, float, str] | None) -> None:
    assert signal(Message(topic, payload, RECEIVED)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chirpstack/docs_up.json", ("0101010101010101", -36, "dBm")),
        ("chirpstack/milesight_em300_th.json", ("1000000000000001", -35, "dBm")),
        ("thethingsstack/elsys_ers2_co2.json", ("1000000000000001", -35, "dBm")),
        ("shelly/gen2_full_status.json", ("shellyplus1-08b61fd141e8", -58, "dBm")),
        ("shelly/gen2_rpc_getstatus_plugus.json", ("shellyplugus-083af2018c80", -45, "dBm")),
        ("shelly/gen1_status_1.json", ("shelly1pm-E8DB8XXXXXX", -57, "dBm")),
    ],
)
def test_real_messages(name: str, expected: tuple[str, float, str]) -> None:
    assert signal(load(name)) == expected


@given(damaged())
def test_nothing_makes_it_raise(message: Message) -> None:
    kind = format_of(message.topic)
    if (listen := FORMATS[kind].signal) is not None:
        assert listen(message) is None or isinstance(listen(message), Signal)


def known(profile: str | None = None) -> Channels:
    channel = Channel("chirpstack", SENSOR, "temperature", None, None, 1, "temperature", "°C",
                      None, None, profile)  # fmt: skip
    fields = {"temperature": Field("Temperatur"), "rssi": Field("Funk", about=About.SIGNAL)}
    return Channels([channel], 900, {"room": Profile("room", "Raum", ("chirpstack",), 600, fields)})


def hear(channels: Channels, rssi: int, minute: float) -> list[Heard]:
    received = RECEIVED + round(minute * 60_000_000)
    topic = f"application/1/device/{SENSOR}/event/up".encode()
    payload = (
        '{"time": "2026-11-22T12:00:00Z", "object": {"temperature": 21},'
        f' "rxInfo": [{{"rssi": {rssi}}}]}}'
    )
    assert interpret(Message(topic, payload.encode(), received), channels, 10_000, Rows()) == []
    return channels.heard()


def test_it_stands_beside_the_time_it_was_heard_and_is_looked_at_now_and_then() -> None:
    channels = known()
    (first,) = hear(channels, -71, 0)
    assert (first.device, first.signal, first.signal_unit) == (SENSOR, -71, "dBm")
    assert LISTEN_EVERY == 60_000_000
    assert [one.signal for one in hear(channels, -80, 0.9)] == [-71]
    assert [one.signal for one in hear(channels, -80, 1.0)] == [-80]


def test_a_field_may_tell_it_as_well() -> None:
    channels = known("room")
    sample = Sample(SENSOR, "rssi", RECEIVED, -99.0, "dBm")
    assert channels.resolve("chirpstack", [sample], RECEIVED, Rows()) == []
    assert [(one.signal, one.signal_unit) for one in channels.heard()] == [(-99, "dBm")]


def test_a_message_without_a_value_tells_it_of_a_device_that_is_known() -> None:
    channel = Channel("tasmota", "pow", "ENERGY.Total", None, None, 1, "energy", "kWh", None, None)
    channels = Channels([channel], 900)
    for device in ("pow", "stranger"):
        state = Message(f"tele/{device}/STATE".encode(), b'{"Wifi": {"Signal": -61}}', RECEIVED)
        assert interpret(state, channels, 10_000, Rows()) == []
    energy = Message(b"tele/pow/SENSOR", b'{"Time": "2026-11-22T12:00:00", "ENERGY": {"Total": 3}}',
                     RECEIVED)  # fmt: skip
    assert interpret(energy, channels, 10_000, Rows()) == []
    assert [(one.device, one.signal) for one in channels.heard()] == [("pow", -61)]


def test_what_the_broker_repeats_says_nothing_of_the_present() -> None:
    channels = known()
    message = load("chirpstack/docs_up.json")
    again = Message(message.topic, message.payload, RECEIVED, retained=True)
    assert len(interpret(again, channels, 10_000, Rows())) == 1
    assert channels.heard() == []


def test_the_formats_without_a_radio_have_real_messages_without_one() -> None:
    for kind in (name for name, one in FORMATS.items() if one.signal is None):
        folder = PAYLOADS / kind
        told = [path for path in folder.glob("*") if is_radio(path)] if folder.exists() else []
        assert told == []


def is_radio(path: Path) -> bool:
    return any(word in path.read_bytes() for word in (b"rssi", b"linkquality", b"Wifi"))


def test_a_flood_is_not_held_up_by_looking_at_each() -> None:
    many = [f"{number:016x}" for number in range(LISTENS_PER_S + 500)]
    channels = Channels([Channel("chirpstack", device, None, *[None] * 8) for device in many], 900)

    def looked_at(received: int) -> int:
        samples = [[Sample(device, "temperature", received, 21.0)] for device in many]
        return sum(channels.listens("chirpstack", one, received) for one in samples)

    assert looked_at(RECEIVED) == LISTENS_PER_S
    assert looked_at(RECEIVED + 100_000) == LISTENS_PER_S // 10  # others than before
    assert looked_at(RECEIVED + 2_000_000) == 300  # the rest; nobody twice
    assert looked_at(RECEIVED + LISTEN_EVERY) == LISTENS_PER_S
