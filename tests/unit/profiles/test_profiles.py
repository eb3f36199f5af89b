"""Profile files: the shipped ones are right, wrong ones are told with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from gebaeude.errors import ProfileError, UnitError
from gebaeude.model import Kind, Medium
from gebaeude.portfolio.load import NORDLIPPE
from gebaeude.portfolio.load import load as load_portfolio
from gebaeude.portfolio.vocabulary import FORMATS
from gebaeude.profiles import WrongClock, load, profiles
from gebaeude.profiles.load import loads
from gebaeude.profiles.records import DECODERS
from gebaeude.units import QUANTITIES, factor
from ingest import decoders

GOOD = """\
name: Fühler
formats: [chirpstack]
models: [F1]
every: 10min
clock: {wrong: receipt, behind: 1d}
fields:
  t: {name: Temperatur, medium: climate, quantity: temperature, kind: gauge, unit: °F,
      absent: [-99]}
  bat: {about: battery}
ignore: ["x*"]
"""


def test_the_decoders_a_profile_may_name_are_those_there_are() -> None:
    assert set(DECODERS) == set(decoders.DECODERS)
    assert {one.decoder for one in profiles().values()} == {None, *DECODERS}


def test_every_format_has_a_profile() -> None:
    assert {kind for one in profiles().values() for kind in one.formats} == set(FORMATS)


@pytest.mark.parametrize("key", [key for key, one in profiles().items() if one.decoder])
def test_units_are_those_of_the_decoder(key: str) -> None:
    profile = profiles()[key]
    sent = decoders.UNITS[profile.decoder or ""]
    for name, field in profile.fields.items():
        if field.quantity is None or sent.get(name, "1") == "1":
            continue
        assert field.unit == sent[name], name


@pytest.mark.parametrize("key", profiles())
def test_units_fit_quantities(key: str) -> None:
    for name, field in profiles()[key].fields.items():
        if field.quantity and field.unit:
            try:
                factor(field.unit, QUANTITIES[field.quantity].unit)
            except UnitError as error:
                pytest.fail(f"{name}: {error}")


def test_what_the_portfolio_attaches_the_profiles_know() -> None:
    """Each attached field of a simulated device is a quantity in some profile of its format."""
    for building in load_portfolio(NORDLIPPE).buildings():
        points = {point.key: point for point in building.points}
        for device in building.devices:
            if device.format == "senml":
                continue
            fitting = [one for one in profiles().values() if device.format in one.formats]
            for channel in device.channels:
                quantity = points[channel.point].quantity
                known = [one.field(channel.field) for one in fitting]
                assert any(field and field.quantity == quantity for field in known), channel


def test_a_profile_is_read() -> None:
    profile = loads(GOOD, "f1")
    assert (profile.key, profile.every_s, profile.decoder) == ("f1", 600, None)
    assert (profile.clock.wrong, profile.clock.behind_s) == (WrongClock.RECEIPT, 86400)
    field = profile.fields["t"]
    assert (field.medium, field.kind, field.unit) == (Medium.CLIMATE, Kind.GAUGE, "°F")
    assert field.absent == (-99.0,)
    assert profile.is_ignored("x17")
    assert not profile.is_ignored("t")


MISTAKES = {
    "no name": ("name: Fühler\n", "", 1, "name"),
    "a format that is none": ("[chirpstack]", "[chirpstak]", 2, "meinten Sie „chirpstack“"),
    "no duration": ("10min", "oft", 4, "Dauer"),
    "unknown clock policy": ("receipt", "guess", 5, "gibt es nicht"),
    "unknown quantity": ("quantity: temperature", "quantity: warmth", 7, "gibt es nicht"),
    "quantity of another medium": ("medium: climate", "medium: water", 7, None),
    "counter of temperatures": ("kind: gauge", "kind: counter", 7, "passt nicht"),
    "unit of another quantity": ("°F", "kWh", 7, "lässt sich nicht"),
    "no kind": (", kind: gauge", "", 7, "kind"),
    "unknown field": ("ignore:", "ignored:", 10, "meinten Sie „ignore“"),
    "a decoder that is none": ("every:", "decoder: acme\nevery:", 4, "acme"),
    "tab": ("  t:", "\tt:", 7, "Tabulator"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_with_their_line(name: str) -> None:
    old, new, line, words = MISTAKES[name]
    assert old in GOOD
    if words is None:
        assert loads(GOOD.replace(old, new), "f1").fields["t"].medium is Medium.WATER
        return
    with pytest.raises(ProfileError) as error:
        loads(GOOD.replace(old, new), "f1")
    assert [at for at, text in error.value.mistakes if words in text] == [line]
    assert f"f1, Zeile {line}: " in str(error.value)


def test_own_profiles_are_added_and_replace(tmp_path: Path) -> None:
    (tmp_path / "f1.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "milesight-am307.yaml").write_text(GOOD, encoding="utf-8")
    found = load(tmp_path)
    assert set(found) == {*profiles(), "f1"}
    assert found["milesight-am307"].name == "Fühler"


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="gibt es nicht"):
        load(tmp_path / "nowhere")
