"""The table at the end: what became of the messages, fault by fault.

GEBAEUDE_CHAOS_SECONDS: after so long no round is begun any more. GEBAEUDE_CHAOS_SEED: repeats what
was left to chance.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.chaos.oracle import Verdict

# Two to three times what 200 rounds take on two cores that others use as well.
SECONDS = float(os.environ.get("GEBAEUDE_CHAOS_SECONDS") or 10_800)
SEED = int(os.environ.get("GEBAEUDE_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
HEAD = ("fault", "rounds", "sent", "stored", "in quarantine", "lost", "doubled", "recovery s")


@dataclass
class Line:
    """One line of the table."""

    fault: str
    rounds: int = 0
    sent: int = 0
    stored: int = 0
    kept: int = 0
    lost: int = 0
    doubled: int = 0
    recovery_s: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, recovery_s: float) -> None:
        self.rounds += 1
        self.sent += verdict.sent
        self.stored += len(verdict.stored)
        self.kept += len(verdict.kept)
        self.lost += len(verdict.lost)
        self.doubled += len(verdict.doubled)
        self.recovery_s.append(recovery_s)

    @property
    def numbers(self) -> tuple[int, ...]:
        """As in the heading, from the rounds to what was doubled."""
        return self.rounds, self.sent, self.stored, self.kept, self.lost, self.doubled

    @property
    def words(self) -> str:
        """Middle and longest recovery, and what is to be said."""
        seconds = sorted(self.recovery_s)
        span = f"{seconds[len(seconds) // 2]:.1f} … {seconds[-1]:.1f}" if seconds else "not run"
        return "  ".join([span, *dict.fromkeys(self.notes)])


_lines: dict[str, Line] = {}
_began = time.monotonic()


def line_of(fault: str) -> Line:
    """The fault's line of the table."""
    return _lines.setdefault(fault, Line(fault))


def age_s() -> float:
    return time.monotonic() - _began


def is_late() -> bool:
    """Whether no round is to be begun any more."""
    return age_s() > SECONDS


def rows() -> Iterator[str]:
    """The table, as text; nothing where no round was played."""
    if not _lines:
        return
    lines = list(_lines.values())
    yield _row(HEAD)
    for line in lines:
        yield _row((line.fault, *line.numbers, line.words))
    yield _row(("all", *map(sum, zip(*(line.numbers for line in lines), strict=True)), ""))


def _row(cells: tuple[object, ...]) -> str:
    first, *middle, last = map(str, cells)
    return f"{first:<52}" + "".join(f"{cell:>14}" for cell in middle) + f"  {last}"
