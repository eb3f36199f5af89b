"""Where the sun stands, and what of it arrives under a clear sky.

Position: the Astronomical Almanac's low-precision formula as given by Michalsky, Solar Energy 40
(1988) 227–235, true to 0.01° until 2050, without refraction. Clear sky: Haurwitz, J. Meteorology 3
(1946) 123–124.
"""

from __future__ import annotations

import numpy as np

from simulators.noise import Floats, Ints

J2000 = 946_728_000  # 2000-01-01T12:00Z


def position(time: Ints, latitude: float, longitude: float) -> tuple[Floats, Floats]:
    """Height above the horizon and azimuth from north over east [rad].

    time: seconds since 1970 UTC; latitude, longitude [°], east positive.
    """
    days = (time - J2000) / 86_400
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    sidereal_hours = 6.697375 + 0.0657098242 * days + (time % 86_400) / 3_600
    hour_angle = np.radians(15 * sidereal_hours + longitude) - ascension
    phi = np.radians(latitude)
    height = np.arcsin(
        np.sin(declination) * np.sin(phi) + np.cos(declination) * np.cos(phi) * np.cos(hour_angle)
    )
    azimuth = np.arctan2(
        -np.cos(declination) * np.sin(hour_angle),
        np.sin(declination) * np.cos(phi) - np.cos(declination) * np.cos(hour_angle) * np.sin(phi),
    )
    return height, azimuth % (2 * np.pi)


def clear_sky(height: Floats) -> Floats:
    """Irradiance on level ground without a cloud [W/m²], from the sun's height [rad]."""
    sine = np.maximum(np.sin(height), 1e-4)
    return np.where(height > 0, 1098.0 * sine * np.exp(-0.057 / sine), 0.0)


def on_roof(level: Floats, height: Floats, azimuth: Floats, tilt: float, facing: float) -> Floats:
    """Irradiance on a roof [W/m²] from that on level ground, sun position, tilt and facing [rad].

    The direct share grows with the clear share of the sky; it is turned by the angle of incidence,
    at most threefold, because a low sun over a steep roof is cut off by whatever stands around.
    """
    sine = np.maximum(np.sin(height), 0.05)
    facing_sun = sine * np.cos(tilt) + np.cos(height) * np.sin(tilt) * np.cos(azimuth - facing)
    turned = np.clip(facing_sun / sine, 0.0, 3.0)
    clearness = np.clip(level / np.maximum(clear_sky(height), 1.0), 0.0, 1.0)
    direct = 0.75 * clearness**2.5
    diffuse = (1.0 - direct) * (1.0 + np.cos(tilt)) / 2
    return np.asarray(level * (direct * turned + diffuse), dtype=np.float64)
