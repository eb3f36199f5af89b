"""Noise without state: every number follows from a key and an index alone.

So any moment can be computed by itself, in any order, and comes out the same.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def key(*parts: object) -> int:
    """64 bits that stand for these parts; the same in every process and on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def bits(key: int | Keys, index: Ints) -> Keys:
    """64 random bits for each index: splitmix64, Steele et al., doi 10.1145/2660193.2660195."""
    z = np.asarray(key, dtype=np.uint64) + (index.astype(np.uint64) + np.uint64(1)) * GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def uniform(key: int | Keys, index: Ints) -> Floats:
    """Evenly spread over [0, 1)."""
    return (bits(key, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def one(*parts: object) -> float:
    """A single number in [0, 1) that belongs to these parts for ever."""
    return float(uniform(key(*parts), np.zeros(1, np.int64))[0])


def normal(key: int | Keys, index: Ints) -> Floats:
    """Mean 0, deviation 1, never beyond 3.5 (sum of four even ones): nature has no longer tail."""
    word = bits(key, index)
    parts = [(word >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48)]
    total = sum(part.astype(np.float64) for part in parts)
    return np.asarray((total / 65_536 - 2.0) * np.sqrt(3.0), dtype=np.float64)


def smooth(key: int | Keys, time: Ints, period: int) -> Floats:
    """A curve of mean 0 and deviation about 0.86 that forgets itself within `period` seconds.

    time: seconds since 1970. Normal numbers at every multiple of the period, joined without a
    kink by 3u² − 2u³.
    """
    knot = time // period
    u = (time - knot * period) / period
    weight = u * u * (3.0 - 2.0 * u)
    return normal(key, knot) * (1.0 - weight) + normal(key, knot + 1) * weight
