"""Real messages, published by mosquitto_pub, come back through the API or stand in quarantine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bench import access
from gebaeude.config import Settings
from gebaeude.units import QUANTITIES
from tests.messages import PAYLOADS, load, real
from tests.webprocess import served

FORMATS = ("chirpstack", "wmbusmeters", "shelly", "senml")

# (format, device, field): quantity, [(seconds since 1970; None: now, value in the quantity's unit)]
READINGS: dict[tuple[str, str, str], tuple[str, list[tuple[float | None, float]]]] = {
    ("wmbusmeters", "33225544", "total_m3"): ("volume", [(1709491020, 123.529)]),
    ("wmbusmeters", "55775511", "total_energy_consumption_kwh"): ("energy", [(1673680822, 3781)]),
    ("wmbusmeters", "55775511", "t1_temperature_c"): ("temperature", [(1673680822, 59.53)]),
    ("wmbusmeters", "55775511", "volume_flow_m3h"): ("volume_flow", [(1673680822, 1.005)]),
    ("wmbusmeters", "55775511", "total_mj"): ("energy", [(1673680822, 13611.6 / 3.6)]),
    ("wmbusmeters", "55775511", "total_l"): ("volume", [(1673680822, 344.27)]),
    ("wmbusmeters", "22222222", "current_kw"): ("power", [(1518080842, 0)]),
    ("shelly", "shellypro3em-1234567890ab", "em:0.total_act_power"): (
        "power", [(1757059829.08, -0.018017)],
    ),
    ("shelly", "shellypro3em-1234567890ab", "em:0.c_voltage"): (
        "voltage", [(1757059829.08, 228.3)],
    ),
    ("shelly", "shellypro3em-1234567890ab", "em1:2.current"): ("current", [(1757059829.08, 0.027)]),
    ("shelly", "shelly1pmg4-1234567890ab", "switch:0.voltage"): (
        "voltage", [(1757591520.01, 228.5)],
    ),
    ("shelly", "shellyplus1-08b61fd141e8", "switch:0.temperature.tC"): (
        "temperature", [(1736604018.38, 48.4)],
    ),
    ("shelly", "shellyplugus-083af2018c80", "switch:0.aenergy.total"): (
        "energy", [(1682952866, 46.791262)],
    ),
    ("senml", "urn:dev:ow:10e2073a01080063:", "voltage"): ("voltage", [(None, 120.1)]),
    ("senml", "urn:dev:ow:10e2073a01080063:", "current"): ("current", [(None, 1.2)]),
    ("senml", "urn:dev:ow:10e2073a01080063:", "temperature"): (
        "temperature", [(1320078429, 27.2)],
    ),
    ("senml", "urn:dev:ow:10e2073a01080063:", "humidity"): ("humidity", [(1320078429, 80)]),
    ("senml", "urn:dev:ow:10e2073a0108006:", "current"): (
        "current",
        [(1276020071.001 + step, (12 + step) / 10) for step in range(6)],
    ),
    ("senml", "2001:db8::1/", "temperature"): ("temperature", [(1320078429, 12.3)]),
    ("senml", "2001:db8::2/", "humidity"): ("humidity", [(1320078429, 30)]),
    ("senml", "2001:db8::", "3"): ("ratio", [(1320078429, 0.5), (1320078429.1, 0)]),
}  # fmt: skip

# The driver tests that these telegrams are from have no real time.
WITHOUT_TIME = {
    "wmbusmeters/coldwater_evo868_history": "total_m3",
    "wmbusmeters/electricity_abbb23": "total_energy_consumption_kwh",
    "wmbusmeters/electricity_amiplus_tariffs": "total_energy_consumption_tariff_1_kwh",
    "wmbusmeters/electricity_ebzwmbe_null_power": "total_energy_consumption_kwh",
    "wmbusmeters/gas_aerius": "total_m3",
    "wmbusmeters/hca_apatoreitn": "temp_room_avg_c",
    "wmbusmeters/heat_c5isf": "total_energy_consumption_kwh",
    "wmbusmeters/heatcooling_elf2": "total_energy_kwh",
    "wmbusmeters/warmwater_hydrus": "total_m3",
}
POINT_OF = {"m3": "wasser", "kwh": "waerme", "c": "temperatur"}
UNDECODED = {
    "chirpstack/docs_up", "chirpstack/elsys_ers2_co2", "chirpstack/milesight_am307_iaq",
    "chirpstack/milesight_ct101_current", "chirpstack/milesight_em300_th",
    "chirpstack/yobiiq_em2101_1phase_meter",
}  # fmt: skip


@pytest.fixture
def attached(store: Any) -> None:
    """A point for every field above; other fields of these devices are nobody's."""
    for number, ((kind, device, field), (quantity, _)) in enumerate(READINGS.items()):
        store.connection.execute(
            "INSERT INTO point (building_id, key, name, medium, quantity, unit, kind, interval_s)"
            " SELECT id, %s, 'x', 'climate', %s, %s, 'gauge', 900 FROM building",
            (f"p{number}", quantity, QUANTITIES[quantity].unit),
        )
        store.attach({(kind, device): {field: f"p{number}"}})
    for name, field in WITHOUT_TIME.items():
        (device,) = _ids(name)
        store.attach({("wmbusmeters", device): {field: POINT_OF[field.rpartition("_")[2]]}})


def _ids(name: str) -> set[str]:
    from ingest.formats.wmbusmeters import decode

    return {sample.device for sample in decode(load(f"{name}.json"))}


@pytest.fixture
def api(store: Any) -> Iterator[httpx.Client]:
    """The web process."""
    with served(Settings(web_database_url=access.as_web(store.url), web_port=0)) as address:
        headers = access.headers(store.url)
        with httpx.Client(base_url=address, timeout=30, headers=headers) as client:
            yield client


def test_real_messages_through_the_whole_system(
    attached: None, ingest: Any, broker: Any, store: Any, api: httpx.Client, eventually: Any
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    names = _publish_all(broker.url)
    eventually(lambda: store.one("SELECT count(*) FROM reading WHERE value = 0.5") == 1)
    after = datetime.now(UTC) + timedelta(seconds=1)
    for number, (of, (_, expected)) in enumerate(READINGS.items()):
        address = f"/api/v1/points/rathaus/p{number}/readings"
        answer = api.get(address, params={"from": "2000-01-01T00:00:00Z"}).raise_for_status()
        found = answer.json()["readings"]
        assert len(found) == len(expected), (of, found)
        for reading, (seconds, value) in zip(found, expected, strict=True):
            at = datetime.fromisoformat(reading["time"])
            assert reading["value"] == pytest.approx(value), of
            if seconds is None:
                assert before <= at <= after, of
            else:
                assert abs(at.timestamp() - seconds) < 1e-6, of
    kept = (
        api.get("/api/v1/quarantine", params={"limit": 1000}).raise_for_status().json()["messages"]
    )
    reasons = {(one["topic"], one["reason"]) for one in kept}
    for name in names:
        topic = _topic(name)
        if name in UNDECODED:
            assert (topic, "undecoded") in reasons
        elif name in WITHOUT_TIME:
            assert (topic, "time_implausible") in reasons
    assert {reason for _, reason in reasons} == {
        "undecoded", "time_implausible", "unknown_field", "unknown_device",
    }  # fmt: skip
    assert not [
        topic for topic, _ in reasons if topic.endswith(("/join", "/ack", "/txack", "/log"))
    ]


def _publish_all(url: str) -> list[str]:
    address = urlsplit(url)
    names = [name for name, one in real(*FORMATS) if "gen1" not in name]
    for name in names:
        (path,) = (PAYLOADS / name).parent.glob(f"{name.split('/')[1]}.json")
        subprocess.run(
            ["mosquitto_pub", "-h", str(address.hostname), "-p", str(address.port), "-q", "1",
             "-t", _topic(name), "-f", str(path)],
            check=True,
        )  # fmt: skip
    return names


def _topic(name: str) -> str:
    return load(f"{name}.json").topic.decode()
