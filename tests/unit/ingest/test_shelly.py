"""Shelly Gen2 and later: real notifications, and what is left out of them."""

from __future__ import annotations

import json
import math

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats.shelly import decode
from tests.messages import RECEIVED, load

ID = "shellypro3em-34987a4567ab"


def notification(method: str = "NotifyStatus", **params: object) -> Message:
    frame = {"src": ID, "dst": f"{ID}/events", "method": method, "params": params}
    return Message(f"{ID}/events/rpc".encode(), json.dumps(frame).encode(), RECEIVED)


def fields(message: Message) -> dict[str, tuple[float, str | None]]:
    return {sample.field: (sample.value, sample.unit) for sample in decode(message)}


def test_three_phases_of_which_two_are_open() -> None:
    message = load("shelly/gen2_em_triphase.json")
    assert fields(message) == {
        "em:0.a_act_power": (0, "W"),
        "em:0.a_aprt_power": (0, "VA"),
        "em:0.a_current": (0.027, "A"),
        "em:0.a_pf": (1, "1"),
        "em:0.a_voltage": (0, "V"),
        "em:0.b_act_power": (0, "W"),
        "em:0.b_aprt_power": (0, "VA"),
        "em:0.b_current": (0.027, "A"),
        "em:0.b_pf": (1, "1"),
        "em:0.b_voltage": (0, "V"),
        "em:0.c_act_power": (-18, "W"),
        "em:0.c_aprt_power": (108.7, "VA"),
        "em:0.c_current": (0.476, "A"),
        "em:0.c_freq": (50, "Hz"),
        "em:0.c_pf": (0.55, "1"),
        "em:0.c_voltage": (228.3, "V"),
        "em:0.total_act_power": (-18.017, "W"),
        "em:0.total_aprt_power": (108.708, "VA"),
        "em:0.total_current": (0.531, "A"),
    }
    assert {(sample.device, sample.time) for sample in decode(message)} == {
        ("shellypro3em-1234567890ab", 1_757_059_829_080_000)
    }


def test_the_key_of_a_component_is_right_and_not_its_inner_id() -> None:
    assert fields(load("shelly/gen2_em1_monophase.json")) == {
        "em1:2.act_power": (0, "W"),
        "em1:2.aprt_power": (0, "VA"),
        "em1:2.current": (0.027, "A"),
        "em1:2.pf": (1, "1"),
        "em1:2.voltage": (0, "V"),
    }


def test_energy_is_in_watt_hours_and_the_last_minutes_are_left_out() -> None:
    assert fields(load("shelly/gen2_switch_g4.json")) == {
        "switch:0.aenergy.total": (0, "Wh"),
        "switch:0.apower": (0, "W"),
        "switch:0.current": (0, "A"),
        "switch:0.freq": (50.01, "Hz"),
        "switch:0.ret_aenergy.total": (0, "Wh"),
        "switch:0.voltage": (228.5, "V"),
    }


def test_a_full_status_holds_what_is_measured_and_nothing_of_the_system() -> None:
    assert decode(load("shelly/gen2_full_status.json")) == [
        Sample(
            "shellyplus1-08b61fd141e8", "switch:0.temperature.tC", 1_736_604_018_380_000, 48.4, "°C"
        )
    ]


def test_an_answer_to_a_request_counts_at_its_own_time() -> None:
    message = load("shelly/gen2_rpc_getstatus_plugus.json")
    assert fields(message) == {
        "switch:0.apower": (10.7, "W"),
        "switch:0.voltage": (120.7, "V"),
        "switch:0.current": (0.133, "A"),
        "switch:0.aenergy.total": (46791.262, "Wh"),
        "switch:0.temperature.tC": (47.9, "°C"),
    }
    assert decode(message)[0].time == 1_682_952_866_000_000


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{ID}/rpc", '{"id": 1, "src": "me", "method": "Switch.Set", "params": {"id": 0}}'),
        (f"{ID}/online", "true"),
        (f"{ID}/command", "announce"),
        (f"{ID}/command/switch:0", "on"),
        (f"{ID}/status/sys", '{"uptime": 5}'),
    ],
)
def test_what_is_no_reading(topic: str, payload: str) -> None:
    assert decode(Message(topic.encode(), payload.encode(), RECEIVED)) == []


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (b"heizung/status/vorlauf", b"45.5"),
        (b"wlan/online", b"17"),
        (b"heizung/rpc", b'{"vorlauf": 45.5}'),
    ],
)
def test_what_is_none_of_shellys_on_a_topic_like_theirs_is_kept(
    topic: bytes, payload: bytes
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Message(topic, payload, RECEIVED))
    assert caught.value.reason is Reason.UNKNOWN_TOPIC


def test_events_are_no_readings() -> None:
    assert decode(load("shelly/gen3_notify_event.json")) == []


def test_a_partial_message_yields_what_it_holds() -> None:
    message = notification(ts=1757059829.08, **{"em:0": {"id": 0, "n_current": None}})
    assert decode(message) == []
    message = notification(ts=1757059829.08, **{"emdata:0": {"id": 0, "total_act": 1234.5}})
    assert decode(message) == [
        Sample(ID, "emdata:0.total_act", 1_757_059_829_080_000, 1234.5, "Wh")
    ]


def test_a_status_topic_counts_at_reception() -> None:
    topic = f"{ID}/status/switch:0".encode()
    payload = b'{"id": 0, "output": true, "source": "SHC", "apower": 8.5}'
    assert decode(Message(topic, payload, RECEIVED)) == [
        Sample(ID, "switch:0.apower", RECEIVED, 8.5, "W")
    ]


def test_text_where_a_number_belongs_is_not_a_number() -> None:
    (only,) = decode(notification(ts=1757059829, **{"switch:0": {"apower": "10.7"}}))
    assert math.isnan(only.value)


@pytest.mark.parametrize("ts", [None, "now"])
def test_a_notification_must_have_its_time(ts: object) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(notification(ts=ts, **{"switch:0": {"apower": 1}}))
    assert caught.value.reason is Reason.TIME_MISSING


def test_a_frequency_of_a_live_phase_stays() -> None:
    live = notification(ts=1757059829, **{"em1:0": {"freq": 198, "voltage": 230}})
    assert fields(live)["em1:0.freq"] == (198, "Hz")
