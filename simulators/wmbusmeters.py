"""Heat, gas and water meters with wireless M-Bus, as the program wmbusmeters tells them.

Members and their order as its drivers c5isf (heat), aerius (gas) and hydrus (water) print them;
numbers without needless zeros, `timestamp` in whole seconds of reception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from simulators.senml import Encoded

DRIVERS: dict[str, str] = {"heat": "c5isf", "gas": "aerius", "water": "hydrus"}
MEDIA: dict[str, str] = {"heat": "heat", "gas": "gas"}  # water is told as warm or cold


@dataclass(frozen=True)
class Meter:
    """One meter: number on its plate, name its owner gave it, what it meters."""

    id: str
    name: str
    driver: str
    media: str  # as the telegram's header tells: heat, gas, cold water, warm water


@dataclass(frozen=True)
class Stand:
    """What a meter shows at one time; register and those on the last key dates in kWh or m³."""

    time: int  # s since 1970
    register: float
    rate: float  # kW or m³/h
    last_month: float
    last_year: float
    warm: float  # °C, flow of a heating, or the gas
    cool: float  # °C, return of a heating


def message(meter: Meter, stand: Stand) -> Encoded:
    """The telegram of one time."""
    said = {"c5isf": _heat, "aerius": _gas, "hydrus": _water}[meter.driver](stand)
    at = _at(stand.time).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = ",".join(f'"{name}":{value}' for name, value in said)
    return f"wmbusmeters/{meter.name}", (
        f'{{"_":"telegram","media":"{meter.media}","meter":"{meter.driver}","name":"{meter.name}",'
        f'"id":"{meter.id}",{body},"timestamp":"{at}"}}'
    ).encode()


def _heat(stand: Stand) -> list[tuple[str, str]]:
    now = _at(stand.time)
    spread = max(stand.warm - stand.cool, 1.0)
    return [
        ("due_date", f'"{now.year}-01-01"'),
        ("due_energy_consumption_kwh", _number(stand.last_year, 1)),
        ("flow_temperature_c", _number(stand.warm, 2)),
        # Not remembered from month to month; about what a plant peaks at over its mean.
        ("max_power_last_month_kw", _number((stand.register - stand.last_year) / 1_500, 0)),
        ("power_kw", _number(stand.rate, 1)),
        ("prev_1_month_kwh", _number(stand.last_month, 1)),
        ("prev_1_month_date", f'"{now.year}-{now.month:02}-01"'),
        ("return_temperature_c", _number(stand.cool, 2)),
        ("total_energy_consumption_kwh", _number(stand.register, 1)),
        ("total_energy_consumption_last_month_kwh", _number(stand.last_month, 1)),
        # 1.163 kWh warm a cubic metre by one kelvin; over the years by 13 K on average
        ("total_volume_m3", _number(stand.register / 1.163 / 13, 3)),
        ("volume_flow_m3h", _number(stand.rate / 1.163 / spread, 3)),
        ("status", '"OK"'),
    ]


def _gas(stand: Stand) -> list[tuple[str, str]]:
    return [
        ("total_m3", _number(stand.register, 3)),
        ("flow_m3h", _number(stand.rate, 3)),
        ("temperature_c", _number(stand.warm, 1)),
        ("target_datetime", f'"{_at(stand.time).year - 1}-12-31 23:59"'),
        ("target_m3", _number(stand.last_year, 3)),
    ]


def _water(stand: Stand) -> list[tuple[str, str]]:
    return [
        ("flow_m3h", _number(stand.rate, 3)),
        ("total_m3", _number(stand.register, 3)),
        ("remaining_battery_life_y", _number(15.3 - (stand.time - 1.6e9) / 31_556_952, 6)),
        ("target_datetime", f'"{_at(stand.time).year - 1}-12-31 23:59"'),
        ("target_m3", _number(stand.last_year, 3)),
        ("status", '"OK"'),
    ]


def _at(time: int) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
