"""Conversion against values from physics, and round trips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import UnitError
from gebaeude.units import QUANTITIES, UNITS, factor


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (3.6, "MJ", "kWh", 1.0),
        (1.0, "GJ", "kWh", 277.777777777778),
        (46_791.262, "Wh", "kWh", 46.791262),
        (273.15, "K", "°C", 0.0),
        (212.0, "°F", "°C", 100.0),
        (32.0, "°F", "°C", 0.0),
        (1.0, "m3/s", "m3/h", 3600.0),
        (1000.0, "l/h", "m3/h", 1.0),
        (1013.25, "hPa", "Pa", 101_325.0),
        (0.45, "1", "%", 45.0),
    ],
)
def test_known_values(value: float, source: str, target: str, expected: float) -> None:
    scale, offset = factor(source, target)
    assert value * scale + offset == pytest.approx(expected, abs=1e-9)


@given(st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)), st.floats(-1e6, 1e6))
def test_there_and_back(source: str, target: str, value: float) -> None:
    if UNITS[source][0] != UNITS[target][0]:
        with pytest.raises(UnitError):
            factor(source, target)
        return
    scale, offset = factor(source, target)
    back, back_offset = factor(target, source)
    assert (value * scale + offset) * back + back_offset == pytest.approx(value, abs=1e-6)


def test_unknown_unit_is_named() -> None:
    with pytest.raises(UnitError, match="Furlong"):
        factor("Furlong", "m3")


def test_each_quantity_has_a_known_unit_and_sane_bounds() -> None:
    for quantity in QUANTITIES.values():
        assert quantity.unit in UNITS
        assert quantity.low < quantity.high
