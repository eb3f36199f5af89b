"""Sun and weather against known numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from simulators import sun
from simulators.weather import LATITUDE, LONGITUDE, weather

HOUR, DAY = 3_600, 86_400


def _utc(text: str) -> np.ndarray:
    return np.array([int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())])


def test_sun_stands_where_the_reference_algorithm_says() -> None:
    # The worked example of NREL's Solar Position Algorithm (NREL/TP-560-34302, table A5.1):
    # Denver, elevation without refraction 39.872046°, azimuth 194.340241°.
    height, azimuth = sun.position(_utc("2003-10-17T19:30:30"), 39.742476, -105.1786)
    assert np.degrees(height[0]) == pytest.approx(39.872046, abs=0.01)
    assert np.degrees(azimuth[0]) == pytest.approx(194.340241, abs=0.01)


@pytest.mark.parametrize(
    ("day", "height"),
    # At noon 90° − latitude + declination; at the solstices the declination is ± 23.44°.
    [("2026-06-21", 90 - LATITUDE + 23.44), ("2026-12-21", 90 - LATITUDE - 23.44)],
)
def test_sun_culminates_at_the_solstices(day: str, height: float) -> None:
    minutes = _utc(f"{day}T10:00:00") + np.arange(0, 4 * HOUR, 60)
    heights, _ = sun.position(minutes, LATITUDE, LONGITUDE)
    assert np.degrees(heights.max()) == pytest.approx(height, abs=0.02)


def test_noon_of_the_sun_in_nordlippe_is_known() -> None:
    # Mean solar noon at 9.1° E is 11:23:36 UTC; on 2026-11-03 the sun is 16 min 27 s early.
    minutes = _utc("2026-11-03T10:00:00") + np.arange(0, 3 * HOUR, 10)
    heights, _ = sun.position(minutes, LATITUDE, LONGITUDE)
    noon = int(minutes[heights.argmax()]) - int(_utc("2026-11-03")[0])
    assert noon == pytest.approx(11 * HOUR + 7 * 60 + 9, abs=20)


@pytest.mark.parametrize("seed", [1, 2, 3, 42])
def test_a_year_of_weather_is_one_of_north_rhine_westphalia(seed: int) -> None:
    time = _utc("2025-01-01")[0] + np.arange(0, 365 * DAY, HOUR)
    sky = weather(seed, time)
    daily = sky.temperature.reshape(-1, 24).mean(axis=1)
    heating = daily[daily < 15]
    g20, hgt15 = (20 - heating).sum(), (15 - heating).sum()
    assert 2_900 < g20 < 4_100  # Kd, Bad Salzuflen's years lie between
    assert g20 == pytest.approx(hgt15 + 5 * len(heating))
    assert 8.5 < daily.mean() < 11.5
    assert -16 < sky.temperature.min() < -3
    assert 27 < sky.temperature.max() < 39
    assert 950 < sky.irradiance.sum() / 1_000 < 1_150  # kWh/m²a on level ground
    assert ((sky.humidity >= 0) & (sky.humidity <= 100)).all()
    assert (sky.irradiance[sky.sun_height <= 0] == 0).all()


def test_any_moment_can_be_computed_alone_and_in_any_order() -> None:
    time = _utc("2026-03-29")[0] + np.arange(0, 3 * DAY, 977)
    together = weather(7, time).temperature
    backwards = weather(7, time[::-1]).temperature[::-1]
    alone = np.concatenate([weather(7, time[i : i + 1]).temperature for i in range(len(time))])
    assert (together == backwards).all()
    assert (together == alone).all()


def test_another_seed_is_another_weather() -> None:
    time = _utc("2026-01-01")[0] + np.arange(0, 90 * DAY, HOUR)
    one, other = weather(1, time).temperature, weather(2, time).temperature
    assert np.abs(one - other).mean() > 1.0


def test_days_hang_together() -> None:
    """Tomorrow is like today; in four weeks nothing is left of it (yearly wave taken out)."""
    time = _utc("2024-01-01")[0] + np.arange(0, 2 * 365 * DAY, HOUR)
    daily = weather(3, time).temperature.reshape(-1, 24).mean(axis=1)
    odd = daily - np.convolve(np.pad(daily, 45, mode="edge"), np.ones(91) / 91, mode="valid")

    def kinship(days: int) -> float:
        return float(np.corrcoef(odd[:-days], odd[days:])[0, 1])

    assert kinship(1) > 0.7
    assert abs(kinship(28)) < 0.25
