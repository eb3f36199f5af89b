"""The profile of real devices, guessed from their real messages."""

from __future__ import annotations

import json

import pytest

from gebaeude.profiles import guess, profiles
from ingest.formats import FORMATS, format_of
from tests.messages import PAYLOADS, load

# message: what the network server or device calls it, the profile
REAL = {
    "wmbusmeters/gas_aerius.json": ("aerius gas", "wmbus-gas"),
    "wmbusmeters/heat_c5isf.json": ("c5isf heat", "wmbus-heat"),
    "wmbusmeters/electricity_amiplus_tariffs.json": ("amiplus electricity", "wmbus-electricity"),
    "wmbusmeters/warmwater_hydrus.json": ("hydrus warm water", "wmbus-water"),
    "shelly/gen2_em_triphase.json": ("shellypro3em-1234567890ab", "shelly-pro-3em"),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_devices(name: str) -> None:
    hint, expected = REAL[name]
    message = load(name)
    kind = format_of(message.topic)
    fields = {sample.field for sample in FORMATS[kind].decode(message)}
    (profile, score), *others = guess(profiles().values(), kind, fields, hint)
    assert profile.key == expected
    assert 0.5 < score <= 1
    assert all(score > other for _, other in others)


DECODED = {
    "elsys_ers2_co2": "elsys-ers-co2",
    "yobiiq_em2101_1phase_meter": "yobiiq-em2101",
    "milesight_em300_th": "milesight-em300-th",
}


@pytest.mark.parametrize("name", DECODED)
def test_fields_alone_tell_it(name: str) -> None:
    path = PAYLOADS / "chirpstack" / f"{name}.expected.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    fields = expected["telemetry"][-1]["values"]
    (profile, _), *_ = guess(profiles().values(), "chirpstack", fields)
    assert profile.key == DECODED[name]


def test_the_name_of_the_model_decides_between_twins() -> None:
    fields = {"temperature", "humidity", "battery"}
    best = [profile.key for profile, _ in guess(profiles().values(), "chirpstack", fields, "AM307")]
    assert best[0] == "milesight-am307"


def test_a_name_alone_is_no_guess_where_nothing_sent_is_known() -> None:
    said = "apatoreitn · heat cost allocation"
    found = guess(profiles().values(), "wmbusmeters", {"current_hca", "temp_room_avg_c"}, said)
    assert "wmbus-heat" not in {profile.key for profile, _ in found}
    found = guess(profiles().values(), "chirpstack", (), "Milesight CT101")  # a raw frame
    assert [profile.key for profile, _ in found] == ["milesight-ct101"]


def test_only_profiles_of_the_format() -> None:
    found = guess(profiles().values(), "wmbusmeters", {"total_m3"}, None)
    assert found
    assert all("wmbusmeters" in profile.formats for profile, _ in found)


def test_nothing_known_is_no_guess() -> None:
    assert guess(profiles().values(), "plain", {"quux"}, None) == []
