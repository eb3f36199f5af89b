"""What a demo can be told on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# A portfolio in which nothing is ever wrong would show nothing of what the system is for.
EXAMPLE_FAULTS = (
    "heating-failed@-3d:schwelentrup-kita",
    "water-leak@-4d:barntrup-gymnasium/wasser",
    "dropout@-6h:24e124136b0d0533",
    "clock-wrong@-2h:24e124707c044108",
)


@dataclass(frozen=True)
class DemoOptions:
    """How to run a demo.

    port: of the dashboard, 0 for any free one. days: of history the simulated buildings bring.
    speed: how fast the simulated clock runs. faults: as `gebaeude simulate --fault` takes them.
    check: stop as soon as a reading came through. reset: begin anew, without the old data.
    """

    state: Path
    host: str
    port: int
    days: int
    speed: float
    seed: int
    faults: tuple[str, ...] = ()
    check: bool = False
    reset: bool = False
