"""What is sent, beside what real devices have been seen to send (tests/payloads)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from simulators import chirpstack, devices, senml, shelly, wmbusmeters

REAL = Path(__file__).parents[2] / "payloads"
TIME = int(datetime(2026, 11, 22, 15, 30, tzinfo=UTC).timestamp())


def _real(name: str) -> dict[str, object]:
    return json.loads((REAL / name).read_text())  # type: ignore[no-any-return]


def _shape(value: object, path: str = "") -> set[str]:
    """Paths of all members."""
    if isinstance(value, Mapping):
        return {p for key, inner in value.items() for p in _shape(inner, f"{path}.{key}")}
    if isinstance(value, list):
        return {p for inner in value for p in _shape(inner, f"{path}[]")}
    return {path}


def _sensor(model: str) -> chirpstack.Sensor:
    return chirpstack.Sensor("24e124707c044108", "Büro", model, "Rathaus", 4711)


def test_frames_are_the_sensors_own() -> None:
    """Vendor's examples: the same values give the same bytes on air."""
    values: dict[str, chirpstack.Value] = {"battery": 92.0, "temperature": 30.8, "humidity": 50.5}
    _topic, body = chirpstack.message(_sensor("EM300-TH"), TIME, 1, values)
    assert json.loads(body)["data"] == _real("chirpstack/milesight_em300_th.json")["data"]
    values = {
        "battery": 85.0, "temperature": 23.8, "humidity": 62.0, "pir": "trigger",
        "light_level": 2.0, "co2": 936.0, "tvoc": 0.37, "pressure": 1008.6,
    }  # fmt: skip
    _topic, body = chirpstack.message(_sensor("AM307"), TIME, 1, values)
    mine = base64.b64decode(json.loads(body)["data"])
    theirs = base64.b64decode(str(_real("chirpstack/milesight_am307_iaq.json")["data"]))
    assert theirs.startswith(mine)
    assert len(mine) > 20


def test_uplinks_have_every_member_of_a_real_one() -> None:
    real = _real("chirpstack/yobiiq_em2101_1phase_meter.json")
    topic, body = chirpstack.message(_sensor("EM500-PT100"), TIME, 77, {"temperature": -3.5})
    mine = json.loads(body)
    assert _shape(mine) - {".object.temperature", ".deviceInfo.tags.gebaeude"} == _shape(real)
    info = mine["deviceInfo"]
    assert topic == f"application/{info['applicationId']}/device/{info['devEui']}/event/up"
    assert re.fullmatch(r"2026-11-22T15:30:00\.\d{9}\+00:00", mine["time"])
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                        mine["deduplicationId"])  # fmt: skip
    assert mine["fCnt"] == 77
    assert b'"temperature":-3.5' in body


@pytest.mark.parametrize(
    ("file", "driver", "media"),
    [
        ("heat_c5isf", "c5isf", "heat"),
        ("gas_aerius", "aerius", "gas"),
        ("warmwater_hydrus", "hydrus", "warm water"),
    ],
)
def test_telegrams_have_the_members_of_real_ones_in_their_order(
    file: str, driver: str, media: str
) -> None:
    real = _real(f"wmbusmeters/{file}.json")
    real.pop("customer", None)  # text that only some meters are given
    meter = wmbusmeters.Meter("00012345", "rathaus-zaehler", driver, media)
    stand = wmbusmeters.Stand(TIME, 3792.0, 0.0, 3264.5, 0.0, 66.31, 51.25)
    topic, body = wmbusmeters.message(meter, stand)
    mine = json.loads(body)
    assert list(mine) == list(real)
    assert {k: type(v) for k, v in mine.items() if isinstance(v, str)} == {
        k: type(v) for k, v in real.items() if isinstance(v, str)
    }
    assert topic == "wmbusmeters/rathaus-zaehler"
    assert mine["id"] == "00012345"
    assert mine["timestamp"] == "2026-11-22T15:30:00Z"
    register = "total_energy_consumption_kwh" if driver == "c5isf" else "total_m3"
    assert f'"{register}":3792,'.encode() in body  # as the program prints a whole number


def test_shelly_notifies_components_apart() -> None:
    real = _real("shelly/gen2_em_triphase.json")
    device = shelly.Shelly("shellypro3em-34987aa31279", 99)
    time = TIME - TIME % 600 + 60 * np.arange(20)
    said = shelly.messages(device, time, np.full(20, 3_041.0), 1e6 + np.arange(20) * 50.68)
    bodies = [json.loads(body) for _at, (_topic, body) in said]
    kinds = [next(key for key in body["params"] if key != "ts") for body in bodies]
    assert kinds.count("em:0") == kinds.count("emdata:0") == 20
    assert kinds.count("temperature:0") == 2
    assert {topic for _at, (topic, _body) in said} == {"shellypro3em-34987aa31279/events/rpc"}
    em = next(body for body in bodies if "em:0" in body["params"])
    assert _shape(em) == _shape(real)
    assert em["params"]["em:0"]["n_current"] is None
    phases = [em["params"]["em:0"][f"{phase}_act_power"] for phase in "abc"]
    assert sum(phases) == pytest.approx(em["params"]["em:0"]["total_act_power"], abs=0.2)
    stamps = [body["params"]["ts"] for body in bodies]
    assert stamps == sorted(stamps)
    energy = next(body["params"]["emdata:0"] for body in bodies if "emdata:0" in body["params"])
    assert set(energy) == {
        "id", "total_act", "total_act_ret",
        *(f"{p}_total_act{d}_energy" for p in "abc" for d in ("", "_ret")),
    }  # fmt: skip


def test_packs_resolve_as_the_rfc_says() -> None:
    point = senml.record("waerme", "heat", "energy")
    time = TIME + 900 * np.arange(96)
    value = np.round(684_446.4 + np.arange(96) * 0.1, 1)
    pack = json.loads(senml.series("urn:dev:mac:0030defffeaac0e4:", point, time, value))
    assert pack[0]["bn"] == "urn:dev:mac:0030defffeaac0e4:waerme"
    assert [pack[0]["bt"] + record.get("t", 0) for record in pack] == time.tolist()
    assert [record["v"] for record in pack] == value.tolist()
    assert pack[0]["bu"] == "kWh"

    power = senml.record("stromleistung", "electricity", "power")
    moment = senml.moment("urn:x:", TIME, [(point, TIME, 12.3), (power, TIME - 900, 3.041)])
    first, second = json.loads(moment)
    assert first == {"bn": "urn:x:", "bt": TIME, "n": "waerme", "u": "kWh", "v": 12.3}
    assert second == {"n": "stromleistung", "u": "W", "v": 3_041, "t": -900}


def test_what_sensors_also_tell_fits_into_their_frames() -> None:
    """Two years of one sensor: the noise must never leave what the radio frame can hold."""
    for seed in range(3):
        for field, (head, encode) in chirpstack.FRAMES.items():
            if field not in devices.MEASURED:
                for at in range(TIME - 2 * 366 * 86_400, TIME, 86_400 + 7_919):
                    value = devices._beside(field, seed, at)
                    assert len(head + encode(value)) in (3, 4), (field, value)
