"""Devices of the portfolio as something that speaks: at these times, these messages.

A device sends all that its real model sends, also what nobody wants; what the portfolio does not
name (a flow temperature, a battery) comes from the same physics.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from gebaeude.model import Medium
from gebaeude.portfolio.records import Device, Point, Portfolio
from simulators import chirpstack, noise, shelly, wmbusmeters
from simulators.chirpstack import Value
from simulators.logger import Logger, logger
from simulators.noise import Floats, Ints
from simulators.place import Place, imagined
from simulators.source import Source, Spoken
from simulators.troubles import Troubles, another
from simulators.world import EPOCH, World

ROOM_EVERY, METER_EVERY, SHELLY_EVERY = 600, 900, 60  # s, where the points do not ask for more
MEASURED = ("temperature", "humidity", "co2")  # by the physics; what else a sensor tells is made up
HEAT_FIELDS = (
    "total_energy_consumption_kwh", "power_kw", "flow_temperature_c", "return_temperature_c",
)  # fmt: skip
OTHER_FIELDS = ("total_m3", "flow_m3h", "temperature_c", "")
FEED_FIELDS = {"emdata:0.total_act": "energy", "em:0.total_act_power": "power"}
KILO = 1_000
YEAR = 365.2425 * 86_400


def sources(world: World, portfolio: Portfolio, troubles: Troubles) -> list[Source]:
    """All devices that send live, loggers among them, in the order of the file."""
    found = []
    for building in portfolio.buildings():
        place = Place(world, building, troubles)
        for device in building.devices:
            make = DEVICES.get(device.format)
            if make is not None and (source := make(place, device)) is not None:
                found.append(source)
    return found


def loggers(world: World, portfolio: Portfolio, troubles: Troubles) -> list[Logger]:
    """All data loggers, in the order of the file."""
    return [
        logger(Place(world, building, troubles), device)
        for building in portfolio.buildings()
        for device in building.devices
        if device.format == "senml"
    ]


class RoomSensor:
    """A Milesight sensor; which model it is shows in the fields it sends."""

    def __init__(self, place: Place, device: Device, main: Point) -> None:
        fields = {*(channel.field for channel in device.channels), *device.ignore}
        model = (
            "AM307" if "co2" in fields else "EM300-TH" if "humidity" in fields else "EM500-PT100"
        )
        self.key = place.key(device)
        self.every = place.every(device, ROOM_EVERY)
        self._sensor = chirpstack.Sensor(
            device.id, device.name, model, place.building.name, self.key
        )
        self._fields = chirpstack.MODELS[model]
        self._readings = {
            field: place.of_field(device, field, imagined(Medium.CLIMATE, field, "", main.space))
            for field in self._fields
            if field in MEASURED
        }

    def speak(self, time: Ints, stamp: Ints) -> list[Spoken]:
        """One uplink for each time."""
        measured = {field: reading.at(time) for field, reading in self._readings.items()}
        out: list[Spoken] = []
        for i, (at, told) in enumerate(zip(time.tolist(), stamp.tolist(), strict=True)):
            values = {field: self._value(field, measured, i, at) for field in self._fields}
            frames = (at - EPOCH) // self.every % 65_536
            out.append((at, chirpstack.message(self._sensor, told, frames, values)))
        return out

    def _value(self, field: str, measured: dict[str, Floats], i: int, at: int) -> Value:
        return float(measured[field][i]) if field in measured else _beside(field, self.key, at)


def _beside(field: str, key: int, at: int) -> Value:
    """What a room sensor also tells."""
    time = np.array([at], dtype=np.int64)
    level = float(noise.smooth(noise.key(key, field), time, 7_200)[0])
    if field == "battery":
        return float(max(round(97 - (at - EPOCH) / YEAR * 7 - key % 9), 1))
    if field == "pir":
        return "trigger" if level > 0.6 else "idle"
    if field == "light_level":
        return float(min(5, max(0, round(2 + 1.6 * level))))
    if field == "tvoc":
        return round(max(0.28 + 0.12 * level, 0.01), 2)
    pressure = float(noise.smooth(noise.key("pressure"), time, 2 * 86_400)[0])
    return round(1_001.0 + 9.0 * pressure, 1)


class Meter:
    """A meter with wireless M-Bus."""

    def __init__(self, place: Place, device: Device, main: Point) -> None:
        self.key = place.key(device)
        self.every = place.every(device, METER_EVERY)
        self._id = device.id
        self._name = f"{place.building.key}-{main.key}"
        self._medium = main.medium.value
        self._media = wmbusmeters.MEDIA.get(
            self._medium, "warm water" if "warmwasser" in main.key else "cold water"
        )
        self._trouble = place.troubles.of_device(device)
        heat = main.medium is Medium.HEAT
        names = HEAT_FIELDS if heat else OTHER_FIELDS
        others = (
            main,
            imagined(main.medium, "power" if heat else "volume_flow", main.key),
            imagined(Medium.HEAT if heat else Medium.GAS, "temperature"),
            imagined(Medium.HEAT, "temperature", "ruecklauf"),
        )
        self._readings = [
            place.of_field(device, name, other) for name, other in zip(names, others, strict=True)
        ]

    def speak(self, time: Ints, stamp: Ints) -> list[Spoken]:
        """One telegram for each time."""
        register = self._readings[0]
        columns = [reading.at(time) for reading in self._readings]
        columns[2:2] = [register.at(_begin(time, month=month)) for month in (True, False)]
        rows = zip(time.tolist(), stamp.tolist(), *(c.tolist() for c in columns), strict=True)
        return [
            (at, wmbusmeters.message(self._plate(at), wmbusmeters.Stand(told, *values)))
            for at, told, *values in rows
        ]

    def _plate(self, at: int) -> wmbusmeters.Meter:
        number = another(self._id, self._trouble.generation(at))
        return wmbusmeters.Meter(number, self._name, wmbusmeters.DRIVERS[self._medium], self._media)


def _begin(time: Ints, *, month: bool) -> Ints:
    """Begin of the month or year each time lies in, not before the world began."""
    begins = []
    for at in time.tolist():
        day = datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0, day=1)
        begins.append(max(int((day if month else day.replace(month=1)).timestamp()), EPOCH))
    return np.array(begins, dtype=np.int64)


class Feed:
    """A Shelly Pro 3EM at a main feed or behind an inverter."""

    def __init__(self, place: Place, device: Device, main: Point) -> None:
        self.key = place.key(device)
        self.every = place.every(device, SHELLY_EVERY)
        self._id = device.id
        self._producing = main.medium is Medium.PV
        self._trouble = place.troubles.of_device(device)
        self._energy, self._power = (
            place.of_field(device, field, imagined(main.medium, quantity, main.key))
            for field, quantity in FEED_FIELDS.items()
        )

    def speak(self, time: Ints, stamp: Ints) -> list[Spoken]:
        """What has changed, for each time."""
        watt, watt_hours = self._power.at(time) * KILO, self._energy.at(time) * KILO
        generation = np.array([self._trouble.generation(at) for at in time.tolist()])
        out: list[Spoken] = []
        for number in np.unique(generation).tolist():
            mine = generation == number
            now = shelly.Shelly(another(self._id, number), self.key, self._producing)
            real = dict(zip(stamp[mine].tolist(), time[mine].tolist(), strict=True))
            said = shelly.messages(now, stamp[mine], watt[mine], watt_hours[mine])
            out += [(real[at], message) for at, message in said]
        return out


def room_sensor(place: Place, device: Device) -> Source | None:
    """A sensor on LoRaWAN."""
    main = place.main_point(device)
    return _source(place, device, RoomSensor(place, device, main)) if main else None


def meter(place: Place, device: Device) -> Source | None:
    """A heat, gas or water meter."""
    main = place.main_point(device)
    if main is None or main.medium.value not in wmbusmeters.DRIVERS:
        return None
    return _source(place, device, Meter(place, device, main))


def feed(place: Place, device: Device) -> Source | None:
    """An electricity meter; models that send none of its fields are not simulated."""
    main = place.main_point(device)
    if main is None or not any(channel.field in FEED_FIELDS for channel in device.channels):
        return None
    return _source(place, device, Feed(place, device, main))


def _source(place: Place, device: Device, speaker: RoomSensor | Meter | Feed) -> Source:
    trouble = place.troubles.of_device(device)
    every = speaker.every
    return Source(device.id, every, speaker.key % every, trouble, speaker.speak)


def archive(place: Place, device: Device) -> Source | None:
    """A data logger, as far as it sends live."""
    return logger(place, device).source


DEVICES: dict[str, Callable[[Place, Device], Source | None]] = {
    "chirpstack": room_sensor,
    "wmbusmeters": meter,
    "shelly": feed,
    "senml": archive,
}
