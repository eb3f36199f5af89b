"""Milesight EM300-DI: pulses of a meter (or a contact), with temperature and humidity.

`pulse` is the count; from firmware 1.3 on `water` is what the count means by the device's own
factor (`water_conv` units for `pulse_conv` pulses), in the unit its owner chose: it says not which.
`gpio` is the contact, 0 open (low) or 1.

Source: Milesight SensorDecoders, em-series/em300-di/README.md.
"""

from __future__ import annotations

from ingest.decoders.items import Item, Part
from ingest.decoders.milesight import ABOUT_THE_DEVICE, BATTERY, TIME, past, present
from ingest.decoders.milesight_em300_th import HUMIDITY, TEMPERATURE

UNITS: dict[str, str] = {"battery": "%", "temperature": "°C", "humidity": "%", "pulse": "1"}
IS_CONTACT, IS_COUNTER = 1, 2

_GPIO = Part("gpio", "B")
_MODE = Part("gpio_type", "B")
_WATER = (Part("water_conv", "H", 10), Part("pulse_conv", "H", 10), Part("water", "f"))
_ALARM = Part("", "B")
_BY_MODE = {
    IS_CONTACT: frozenset({"temperature", "humidity", "gpio"}),
    IS_COUNTER: frozenset(
        {"temperature", "humidity", "pulse", "water_conv", "pulse_conv", "water"}
    ),
}

TABLE: dict[bytes, Item] = {
    **ABOUT_THE_DEVICE,
    **BATTERY,
    b"\x03\x67": (TEMPERATURE,),
    b"\x04\x68": (HUMIDITY,),
    b"\x05\x00": (_GPIO,),
    b"\x05\xc8": (Part("pulse", "I"),),
    b"\x05\xe1": _WATER,
    b"\x85\x00": (_GPIO, _ALARM),
    b"\x85\xe1": (*_WATER, _ALARM),
    b"\x20\xce": (Part(TIME, "I"), TEMPERATURE, HUMIDITY, _MODE, _GPIO, Part("pulse", "I")),
    b"\x21\xce": (Part(TIME, "I"), TEMPERATURE, HUMIDITY, _ALARM, _MODE, _GPIO, *_WATER),
}


def decode(port: int, data: bytes) -> dict[str, float]:
    """The values of now. Raises DecodeError."""
    return present(TABLE, data)


def history(port: int, data: bytes) -> list[tuple[int, dict[str, float]]]:
    """The values of earlier, with their times [µs since 1970-01-01 UTC]. Raises DecodeError."""
    return [(time, _of_mode(values)) for time, values in past(TABLE, data)]


def _of_mode(values: dict[str, float]) -> dict[str, float]:
    """Contact and count share an item; only what the input was set to means anything."""
    wanted = _BY_MODE.get(round(values["gpio_type"]), frozenset({"temperature", "humidity"}))
    return {name: value for name, value in values.items() if name in wanted}
