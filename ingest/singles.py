"""Numbers of single precision, as devices send them in binary."""

from __future__ import annotations

import numpy as np


def shortest(single: float) -> float:
    """The number with the fewest digits that is the same in single precision: 12.1, not
    12.100000381469727, which nobody measured."""
    return float(str(np.float32(single)))
