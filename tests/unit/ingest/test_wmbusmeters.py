"""wmbusmeters: the readings of real telegrams, and the traps in them."""

from __future__ import annotations

import json
import math

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason
from ingest.formats.wmbusmeters import decode
from tests.messages import RECEIVED, load

EXPECTED: dict[str, tuple[str, dict[str, tuple[float, str | None]]]] = {
    "coldwater_evo868_history": (
        "21031894",
        {"max_flow_since_datetime_m3h": (0.719, "m3/h"), "total_m3": (34.134, "m3")},
    ),
    "electricity_abbb23": (
        "33221100",
        {
            "ct_denominator_factor": (0, None),
            "ct_numerator_factor": (0, None),
            "total_energy_consumption_kwh": (5249.17, "kWh"),
            "vt_denominator_factor": (0, None),
            "vt_numerator_factor": (0, None),
        },
    ),
    "electricity_amiplus_tariffs": (
        "86064864",
        {
            "current_power_consumption_kw": (1.732, "kW"),
            "current_power_production_kw": (0, "kW"),
            "voltage_at_phase_1_v": (231, "V"),
            "voltage_at_phase_2_v": (225, "V"),
            "voltage_at_phase_3_v": (231, "V"),
            "total_energy_consumption_tariff_1_kwh": (25011.061, "kWh"),
            "total_energy_consumption_tariff_2_kwh": (18530.681, "kWh"),
            "total_energy_production_tariff_1_kwh": (4.999, "kWh"),
            "total_energy_production_tariff_2_kwh": (0.686, "kWh"),
            "max_power_consumption_kw": (22.852, "kW"),
        },
    ),
    "electricity_ebzwmbe_null_power": (
        "01135263",
        {"total_energy_consumption_kwh": (212.637, "kWh")},
    ),
    "gas_aerius": (
        "99657098",
        {"total_m3": (6842.784, "m3"), "flow_m3h": (0, "m3/h"), "temperature_c": (15.9, "°C")},
    ),
    "hca_apatoreitn": (
        "37373731",
        {"current_hca": (1, "1"), "temp_room_avg_c": (21.703125, "°C")},
    ),
    "heat_c5isf": (
        "32002044",
        {
            "flow_temperature_c": (66.31, "°C"),
            "power_kw": (0, "kW"),
            "return_temperature_c": (51.25, "°C"),
            "total_energy_consumption_kwh": (3792, "kWh"),
            "total_volume_m3": (363.186, "m3"),
            "volume_flow_m3h": (0, "m3/h"),
        },
    ),
    "heatcooling_elf2": (
        "24271170",
        {
            "current_power_kw": (0, "kW"),
            "current_volume_flow_m3h": (0, "m3/h"),
            "input1_volume_m3": (0.002, "m3"),
            "input2_volume_m3": (0.002, "m3"),
            "t1_temperature_c": (22.5, "°C"),
            "t2_temperature_c": (22.6, "°C"),
            "total_energy_kwh": (144, "kWh"),
            "total_energy_cooling_kwh": (1, "kWh"),
            "total_energy_cooling_period_kwh": (1, "kWh"),
            "total_energy_period_kwh": (72, "kWh"),
            "total_volume_m3": (17.856, "m3"),
            "total_volume_cooling_m3": (1.576, "m3"),
        },
    ),
    "readme_1": ("33225544", {"max_flow_m3h": (0, "m3/h"), "total_m3": (123.529, "m3")}),
    "readme_2": (
        "55775511",
        {
            "total_energy_consumption_kwh": (3781, "kWh"),
            "total_volume_m3": (344.27, "m3"),
            "volume_flow_m3h": (1.005, "m3/h"),
            "t1_temperature_c": (59.53, "°C"),
            "t2_temperature_c": (52.74, "°C"),
            "forward_energy_m3c": (21570, "m3°C"),
            "return_energy_m3c": (18272, "m3°C"),
            "total_l": (344270, "l"),
            "approx_power_m3ch": (6.82395, "m3°C/h"),
            "total_mj": (13611.6, "MJ"),
        },
    ),
    "readme_5": (
        "22222222",
        {"total_kwh": (0, "kWh"), "total_volume_m3": (0, "m3"), "current_kw": (0, "kW")},
    ),
    "warmwater_hydrus": (
        "65656565",
        {
            "flow_m3h": (0, "m3/h"),
            "total_m3": (3.45, "m3"),
            "remaining_battery_life_y": (15.321328, "a"),
        },
    ),
}  # fmt: skip


def telegram(**changes: object) -> Message:
    tree = {"id": "01135263", "timestamp": "2024-03-03T18:37:00Z", **changes}
    return Message(b"wmbusmeters/meter", json.dumps(tree).encode(), RECEIVED)


@pytest.mark.parametrize("name", EXPECTED)
def test_real_telegrams(name: str) -> None:
    device, fields = EXPECTED[name]
    samples = decode(load(f"wmbusmeters/{name}.json"))
    assert {sample.field: (sample.value, sample.unit) for sample in samples} == fields
    assert {sample.device for sample in samples} == {device}


@pytest.mark.parametrize(
    ("field", "unit"),
    [
        ("volume_flow_lh", "l/h"),
        ("volume_flow_l_h", "l/h"),
        ("on_time_h", "h"),
        ("total_l", "l"),
        ("power_w", "W"),
        ("kwh", "kWh"),
        ("status_code", None),
    ],
)
def test_the_end_of_a_key_is_its_unit(field: str, unit: str | None) -> None:
    (only,) = decode(telegram(**{field: 12}))
    assert only.unit == unit


def test_the_time_is_that_of_reception_and_not_the_meters() -> None:
    (only,) = decode(telegram(total_m3=1.5, meter_datetime="2022-01-26 17:28"))
    assert only.time == 1_709_491_020_000_000


@pytest.mark.parametrize("value", [-2147483648, -2147483.648, None, True])
def test_what_is_not_available_is_left_out(value: object) -> None:
    assert [sample.field for sample in decode(telegram(total_m3=7, flow_m3h=value))] == ["total_m3"]


def test_text_where_a_number_belongs_is_not_a_number() -> None:
    number, text = decode(telegram(current_kw="0.250", total_kwh="defekt", status="OK"))
    assert (number.field, number.value) == ("current_kw", 0.25)
    assert (text.field, math.isnan(text.value)) == ("total_kwh", True)


def test_signal_strength_is_about_the_reception() -> None:
    assert [sample.field for sample in decode(telegram(total_m3=7, rssi_dbm=-71))] == ["total_m3"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": 1135263}, Reason.INVALID_STRUCTURE),
        ({"id": None}, Reason.INVALID_STRUCTURE),
        ({"timestamp": None}, Reason.TIME_MISSING),
        ({"timestamp": 1709491020}, Reason.TIME_MISSING),
        ({"timestamp": "2024-03-03 18:37"}, Reason.TIME_NAIVE),
    ],
)
def test_what_is_no_telegram_is_refused(changes: dict[str, object], reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(telegram(**changes))
    assert caught.value.reason is reason
