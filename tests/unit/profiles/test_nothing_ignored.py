"""What a device counts is never passed over for the sake of its profile."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from gebaeude.errors import DecodeError
from gebaeude.model import Kind, Medium, Message
from gebaeude.profiles import Profile, guess, profiles
from gebaeude.units import UNITS
from ingest.decoders import DECODERS
from ingest.formats import FORMATS, format_of
from ingest.hints import hint
from tests.messages import real

# What repeats another counter, or belongs to a span of time, or counts cold.
DERIVED = re.compile(r"ENERGY\.Today|input\d_volume_m3|.*_(cooling|period)_.*|.*_period_kwh")


@pytest.mark.parametrize(("name", "message"), real())
def test_of_a_real_message_no_counter_is_ignored(name: str, message: Message) -> None:
    with suppress(DecodeError):
        kind = format_of(message.topic)
        samples = FORMATS[kind].decode(message)
        for device in {one.device for one in samples}:
            sent = {one.field: one.unit for one in samples if one.device == device}
            for profile, _ in guess(profiles().values(), kind, sent, hint(kind, device, message))[
                :1
            ]:
                assert ignored_counters(profile, sent) == []


def ignored_counters(profile: Profile, sent: dict[str, str | None]) -> list[str]:
    """The fields in units of energy or volume that the profile says nobody wants."""
    return [
        field
        for field, unit in sent.items()
        if UNITS.get(unit or "", ("",))[0] in ("energy", "volume")
        and profile.field(field) is None
        and profile.is_ignored(field)
        and not DERIVED.fullmatch(field)
    ]


@pytest.mark.parametrize(
    ("key", "field", "medium", "kind"),
    [
        ("shelly-pro-3em", "em1data:2.total_act_energy", Medium.ELECTRICITY, Kind.COUNTER),
        ("shelly-pro-3em", "em1data:2.total_act_ret_energy", Medium.PV, Kind.COUNTER),
        ("shelly-pro-3em", "em1:2.act_power", Medium.ELECTRICITY, Kind.GAUGE),
        ("shelly-any", "em1data:0.total_act_ret_energy", Medium.PV, Kind.COUNTER),
        ("shelly-any", "emdata:0.total_act_ret", Medium.PV, Kind.COUNTER),
        ("shelly-any", "emdata:0.total_act", Medium.ELECTRICITY, Kind.COUNTER),
        ("shelly-any", "switch:0.ret_aenergy.total", Medium.PV, Kind.COUNTER),
        ("shelly-gen1", "relay.0.energy", Medium.ELECTRICITY, Kind.COUNTER),
        ("shelly-gen1", "emeter.0.total_returned", Medium.PV, Kind.COUNTER),
        ("tasmota-any", "ENERGY.Total.1", Medium.ELECTRICITY, Kind.COUNTER),
        ("tasmota-any", "ENERGY.Power.1", Medium.ELECTRICITY, Kind.GAUGE),
        ("tasmota-any", "ENERGY.ExportActive", Medium.PV, Kind.COUNTER),
    ],
)
def test_what_a_generic_field_is(key: str, field: str, medium: Medium, kind: Kind) -> None:
    found = profiles()[key].field(field)
    assert found is not None
    assert (found.medium, found.kind) == (medium, kind)


@pytest.mark.parametrize(
    "field", ["emeter.0.energy", "emeter.0.returned_energy", "emeter.0.reactive_power"]
)
def test_what_a_meter_counts_twice_or_not_in_watts_is_not_proposed(field: str) -> None:
    profile = profiles()["shelly-gen1"]
    assert profile.field(field) is None
    assert profile.is_ignored(field)


@pytest.mark.parametrize(
    ("key", "field", "is_rooms"),
    [
        ("shelly-any", "switch:0.temperature.tC", False),
        ("shelly-any", "temperature:100.tC", True),
        ("shelly-gen1", "temperature", False),
        ("shelly-gen1", "sensor.temperature", True),
        ("shelly-gen1", "ext_temperature.0", True),
    ],
)
def test_how_warm_a_device_is_says_nothing_of_the_room(
    key: str, field: str, is_rooms: bool
) -> None:
    profile = profiles()[key]
    assert (profile.field(field) is not None, profile.is_ignored(field)) == (is_rooms, not is_rooms)


@pytest.mark.parametrize(
    ("key", "port", "data", "field"),
    [
        ("milesight-em300-di", 85, "05C8 39300000", "pulse"),
        ("milesight-em300-di", 85, "05E1 0A00 6400 CDCC8C3F", "water"),  # firmware 1.3
        ("yobiiq-em2101", 1, "FE04000003E8", "activeEnergyImportL1T1"),
        ("yobiiq-em2101", 1, "FE05000003E8", "activeEnergyImportL1T2"),
        ("yobiiq-em4301", 1, "FE07000003E8", "activeEnergyExportL123T2"),
    ],
)
def test_the_count_of_a_raw_frame_is_wanted(key: str, port: int, data: str, field: str) -> None:
    profile = profiles()[key]
    assert field in DECODERS[profile.decoder or ""](port, bytes.fromhex(data))
    found = profile.field(field)
    assert found is not None
    assert found.kind is Kind.COUNTER
