"""The air of a room: CO₂ by mass balance, humidity by vapour pressure, warmth by what is in it."""

from __future__ import annotations

import numpy as np

from simulators import noise
from simulators.noise import Floats, Ints
from simulators.stock import Stock

OUTSIDE = 425.0  # ppm, 2025
CLOSED = 0.35  # air changes per hour through joints and doors when nobody is there


def carbon_dioxide(
    stock: Stock, start: Floats, present: Floats, outdoor: Floats, hours: Ints
) -> tuple[Floats, Floats]:
    """ppm at each hour's begin (hours, R), and after the last (R).

    dC/dt = breath/volume − n (C − outside), solved exactly within the hour; n is larger while
    people are there to open windows, less so in the cold [°C outdoors], and differs from room to
    room. present: (hours, B), outdoor, hours since 1970: (hours).
    """
    kinds = stock.kinds
    breath = np.array([kind.persons * kind.breath / kind.volume * 1e3 for kind in kinds])  # ppm/h
    share = present[:, stock.room_house] * (
        0.75 + 0.4 * noise.uniform(stock.room_keys, hours[:, None])
    )
    aired = 1.3 + 1.5 * noise.uniform(stock.room_keys, np.zeros(len(kinds), np.int64))
    mild = 0.55 + 0.45 * np.clip(outdoor / 18.0, 0.0, 1.0)
    change = CLOSED + aired * mild[:, None] * np.sqrt(np.minimum(share, 1.0))
    steady = OUTSIDE + breath * share / change
    kept = np.exp(-change)
    level = np.empty_like(kept)
    now = start
    for hour in range(len(hours)):
        level[hour] = now
        now = steady[hour] + (now - steady[hour]) * kept[hour]
    return level, now


def saturation(temperature: Floats) -> Floats:
    """Vapour pressure of saturated air [hPa] (Magnus, as in WMO-No. 8, annex 4.B)."""
    return 6.112 * np.exp(17.62 * temperature / (243.12 + temperature))


def relative_humidity(
    temperature: Floats, outdoor: Floats, outdoor_humidity: Floats, present: Floats
) -> Floats:
    """Indoors [%]: the vapour that comes in from outside, and what people add (up to 3 hPa)."""
    vapour = outdoor_humidity / 100 * saturation(outdoor) + 0.8 + 3.0 * present
    return np.clip(100 * vapour / saturation(temperature), 12.0, 95.0)
