"""The weather over Nordlippe: a yearly and a daily wave, and days that hang together.

Pure in time and seed: sums of waves and of noise that needs no history (see `noise`). Levels are
fitted to what the German weather service publishes for Bad Salzuflen (mean 9.9 °C, January about
2 °C, July about 18.5 °C, about 1,030 kWh/m² of sun a year).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators import noise, sun
from simulators.noise import Floats, Ints

LATITUDE, LONGITUDE = 52.05, 9.1
DAY = 86_400
YEAR = 365.2425 * DAY
COLDEST = 18 * DAY  # mid-January, after the shortest day because the ground is slow
WARMEST_HOUR = 15.0

# deviation [K] and memory [s] of what the waves do not explain: weather systems, fronts, showers
TEMPERATURE_NOISE = (
    (0.9, 45 * DAY),
    (2.6, 10 * DAY),
    (2.4, 4 * DAY),
    (1.2, 31 * 3_600),
    (0.4, 18_000),
)
CLOUD_NOISE = ((0.30, 60 * 3_600), (0.24, 9 * 3_600), (0.12, 3_600))


@dataclass(frozen=True)
class Weather:
    """Arrays of one length: outdoor air [°C], relative humidity [%], cloud cover [0…1], sun on
    level ground [W/m²], the sun's height and azimuth [rad]."""

    temperature: Floats
    humidity: Floats
    clouds: Floats
    irradiance: Floats
    sun_height: Floats
    sun_azimuth: Floats


def weather(seed: int, time: Ints) -> Weather:
    """The weather at each time (seconds since 1970 UTC, any order)."""
    height, azimuth = sun.position(time, LATITUDE, LONGITUDE)
    clouds = cloudiness(seed, time)
    temperature = outdoor(seed, time, clouds)
    # Kasten and Czeplak, Solar Energy 24 (1980): what n eighths of cloud leave of the clear sky
    irradiance = sun.clear_sky(height) * (1.0 - 0.75 * clouds**3.4)
    return Weather(temperature, humidity(seed, time, clouds), clouds, irradiance, height, azimuth)


def winter(time: Ints) -> Floats:
    """1 on the coldest day of an average year, −1 on the warmest."""
    return np.asarray(np.cos(2 * np.pi * (time - COLDEST) / YEAR), dtype=np.float64)


def cloudiness(seed: int, time: Ints) -> Floats:
    """Share of the sky that is covered [0…1]."""
    wave = 0.83 + 0.06 * winter(time)
    return np.clip(wave + _sum(seed, "clouds", CLOUD_NOISE, time), 0.0, 1.0)


def outdoor(seed: int, time: Ints, clouds: Floats) -> Floats:
    """Outdoor air temperature [°C]; clear days swing further than covered ones."""
    season = winter(time)
    solar_hour = (time / 3_600 + LONGITUDE / 15) % 24
    swing = (2.9 - 2.0 * season) * (1.35 - 0.7 * clouds)
    wave = 9.9 - 8.4 * season + swing * np.cos(2 * np.pi * (solar_hour - WARMEST_HOUR) / 24)
    return wave + _sum(seed, "temperature", TEMPERATURE_NOISE, time)


def humidity(seed: int, time: Ints, clouds: Floats) -> Floats:
    """Relative humidity outdoors [%]: damp in winter, under clouds and at night."""
    solar_hour = (time / 3_600 + LONGITUDE / 15) % 24
    daily = -8.0 * np.cos(2 * np.pi * (solar_hour - WARMEST_HOUR) / 24)
    wave = 68.0 + 7.0 * winter(time) + 14.0 * clouds + daily
    return np.clip(wave + 4.0 * noise.smooth(noise.key(seed, "humidity"), time, DAY), 25.0, 100.0)


def _sum(seed: int, name: str, layers: tuple[tuple[float, int], ...], time: Ints) -> Floats:
    total = np.zeros(time.shape)
    for deviation, period in layers:
        total += deviation * noise.smooth(noise.key(seed, name, period), time, period)
    return total
