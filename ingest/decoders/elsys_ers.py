"""Elsys ERS family (ERS CO2, ERS2 CO2, ERS Eye, ELT …): climate, CO₂, presence and light in a room.

A frame is a row of type (1 byte) and data, big endian, without channels. `pir` is the number of
movements since the last message, `vdd` the battery's voltage. Answers about settings are undecoded.
A second external thermometer may be several on one line: these are numbered from 0.

Source: Elsys payload specification; the vendor's decoder in the LoRaWAN device repository.
"""

from __future__ import annotations

from ingest.decoders.items import Item, Layout, Part, items

UNITS: dict[str, str] = {
    "temperature": "°C", "humidity": "%", "light": "lx", "co2": "ppm", "vdd": "mV",
    "externalTemperature": "°C", "externalTemperature2": "°C",
    "irInternalTemperature": "°C", "irExternalTemperature": "°C",
    "analog1": "mV", "analog2": "mV", "pressure": "hPa", "tvoc": "ppb",
    "soundPeak": "dB", "soundAvg": "dB", "distance": "mm",
}  # fmt: skip
LAYOUT = Layout(tag=1, order=">")
ON_LINE, LINE = b"\x19", "externalTemperature2"

TABLE: dict[bytes, Item] = {
    b"\x01": (Part("temperature", "h", 10),),
    b"\x02": (Part("humidity", "B"),),
    b"\x03": (Part("x", "b"), Part("y", "b"), Part("z", "b")),
    b"\x04": (Part("light", "H"),),
    b"\x05": (Part("pir", "B"),),
    b"\x06": (Part("co2", "H"),),
    b"\x07": (Part("vdd", "H"),),
    b"\x08": (Part("analog1", "H"),),
    b"\x09": (Part("", "6s"),),  # position
    b"\x0a": (Part("pulse1", "H"),),  # since the last message
    b"\x0b": (Part("pulseAbs", "I"),),
    b"\x0c": (Part("externalTemperature", "h", 10),),
    b"\x0d": (Part("digital", "B"),),
    b"\x0e": (Part("distance", "H"),),
    b"\x0f": (Part("accMotion", "B"),),
    b"\x10": (Part("irInternalTemperature", "h", 10), Part("irExternalTemperature", "h", 10)),
    b"\x11": (Part("occupancy", "B"),),
    b"\x12": (Part("waterleak", "B"),),
    b"\x13": (Part("", "65s"),),  # picture of temperatures
    b"\x14": (Part("pressure", "I", 1000),),
    b"\x15": (Part("soundPeak", "B"), Part("soundAvg", "B")),
    b"\x16": (Part("pulse2", "H"),),
    b"\x17": (Part("pulseAbs2", "I"),),
    b"\x18": (Part("analog2", "H"),),
    b"\x19": (Part(LINE, "h", 10),),
    b"\x1a": (Part("digital2", "B"),),
    b"\x1b": (Part("analogUv", "i"),),
    b"\x1c": (Part("tvoc", "H"),),
    b"\x3d": (Part("", "I"),),  # for the vendor
}


def decode(port: int, data: bytes) -> dict[str, float]:
    """The values of the frame. Raises DecodeError."""
    values: dict[str, float] = {}
    line: list[float] = []
    for tag, found in items(TABLE, LAYOUT, data):
        values.update(found)
        line += found.values() if tag == ON_LINE else []
    if len(line) > 1:
        values |= {f"{LINE}.{place}": value for place, value in enumerate(line)}
        del values[LINE]
    return values
