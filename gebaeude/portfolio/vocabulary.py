"""The words a portfolio file may use beyond those of gebaeude.model, and what fits what."""

from __future__ import annotations

import re
from typing import NamedTuple

from gebaeude.model import Kind, Medium
from gebaeude.text import N_

ASSET_KINDS: dict[str, str] = {
    "boiler": N_("Heizkessel"),
    "district_heat": N_("Wärmeübergabe"),
    "heat_pump": N_("Wärmepumpe"),
    "chp": N_("Blockheizkraftwerk"),
    "solar_thermal": N_("Solarthermie"),
    "hot_water": N_("Warmwasserbereitung"),
    "ventilation": N_("Lüftung"),
    "cooling": N_("Kälteanlage"),
    "pv": N_("Photovoltaik"),
    "battery": N_("Batteriespeicher"),
    "lift": N_("Aufzug"),
    "pool": N_("Badetechnik"),
    "emergency_light": N_("Sicherheitsbeleuchtung"),
    "fire_alarm": N_("Brandmeldeanlage"),
    "gate": N_("Tor"),
    "controls": N_("Gebäudeautomation"),
    "kitchen": N_("Küchentechnik"),
    "other": N_("Sonstige Anlage"),
}


class Format(NamedTuple):
    """A payload format. id, hint: how its devices are called. name: what people call it."""

    id: re.Pattern[str]
    hint: str
    name: str


_EUI = re.compile(r"[0-9a-f]{16}")
_ANY = re.compile(r"\S(.*\S)?")  # names that people gave
_WORD = re.compile(r"[A-Za-z0-9._-]+")

# The payload formats, each of which is a module of this name in ingest.formats. The first that fits
# a topic has it, so those come last whose topics begin with anything.
FORMATS: dict[str, Format] = {
    "chirpstack": Format(
        _EUI, N_("die devEui: 16 Zeichen 0–9 und a–f, klein geschrieben"), "LoRaWAN"
    ),
    "wmbusmeters": Format(
        re.compile(r"[0-9a-f]{8}"),
        N_("die Zählernummer: 8 Stellen samt führender Nullen, in Anführungszeichen"),
        N_("Funkzähler"),
    ),
    "senml": Format(
        re.compile(r"[A-Za-z0-9.:/_-]+"),
        N_("der Name bis zum letzten „:“ oder „/“, etwa urn:dev:mac:0024befffe804ff1:"),
        N_("Datensammler"),
    ),
    "thethingsstack": Format(
        re.compile(r"[0-9a-f]{16}|[a-z0-9]+(-[a-z0-9]+)*"),
        N_("die dev_eui, klein geschrieben, oder ohne sie die device_id"),
        "LoRaWAN",
    ),
    "zigbee2mqtt": Format(_ANY, N_("der Name des Geräts in Zigbee2MQTT"), "Zigbee"),
    "sparkplugb": Format(
        _ANY, N_("Gruppe/Knoten oder Gruppe/Knoten/Gerät"), N_("Gebäudeleittechnik")
    ),
    "thingsboard": Format(_ANY, N_("der Name des Geräts in der Nachricht"), "ThingsBoard"),
    "openems": Format(_ANY, N_("Edge und Komponente, etwa edge0/meter0"), "OpenEMS"),
    "homie": Format(re.compile(r"[a-z0-9-]+"), N_("die Kennung des Geräts aus dem Topic"), "Homie"),
    "shelly1": Format(
        _WORD, N_("die Kennung aus dem Topic, etwa shellyem3-C45BBE6A8F1F"), "Shelly"
    ),
    "evcc": Format(
        _ANY,
        N_("das Topic bis zum Standort oder Ladepunkt, etwa evcc/loadpoints/1"),
        N_("Ladestation"),
    ),
    "tasmota": Format(_ANY, N_("das Topic des Geräts ohne tele/ und SENSOR"), "Tasmota"),
    "shelly": Format(_WORD, N_("was in „src“ steht, etwa shellypro3em-34987a4567ab"), "Shelly"),
    "plain": Format(_ANY, N_("Gebäude/Gerät aus dem Topic"), N_("Eigenes Skript")),
}

_FLOWING = ("energy", "power", "volume", "volume_flow", "temperature", "pressure")
_ELECTRIC = ("energy", "power", "voltage", "current", "ratio", "temperature")

MEDIUM_QUANTITIES: dict[Medium, tuple[str, ...]] = {
    Medium.HEAT: _FLOWING,
    Medium.GAS: _FLOWING,
    Medium.WATER: _FLOWING,
    Medium.ELECTRICITY: _ELECTRIC,
    Medium.PV: _ELECTRIC,
    Medium.CLIMATE: ("temperature", "humidity", "co2", "pressure", "illuminance", "ratio"),
}

KIND_QUANTITIES: dict[Kind, tuple[str, ...]] = {
    Kind.COUNTER: ("energy", "volume"),
    Kind.GAUGE: (
        "power", "volume", "volume_flow", "temperature", "humidity", "co2", "pressure",
        "illuminance", "voltage", "current", "ratio",
    ),
    Kind.STATE: ("ratio",),
}  # fmt: skip

# What the name of a field says about its unit, so that a mix-up is found before a reading is lost.
FIELD_UNITS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "wmbusmeters": tuple(
        (re.compile(rf".*_{suffix}"), unit)
        for suffix, unit in {
            "kwh": "kWh", "mj": "MJ", "gj": "GJ", "kw": "kW", "w": "W", "m3": "m3", "l": "l",
            "m3h": "m3/h", "lh": "l/h", "l_h": "l/h", "c": "°C", "v": "V", "a": "A",
        }.items()
    ),
    "shelly": (
        (re.compile(r"em1?:\d\.(\w_|total_)?act_power|\w+:\d\.apower"), "W"),
        (re.compile(r"em1?data:\d\.\w*total_act\w*|\w+:\d\.(ret_)?aenergy\.total"), "Wh"),
        (re.compile(r".*[._]voltage"), "V"),
        (re.compile(r".*[._](total_)?current"), "A"),
        (re.compile(r".*\.tC"), "°C"),
    ),
}  # fmt: skip
