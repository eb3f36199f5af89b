"""The system under attack, how many rounds it gets, and the table at the end.

GEBAEUDE_CHAOS_ROUNDS: rounds of the long form, shared out by the faults' weights; unset: the
short form, one round of the quick ones. GEBAEUDE_CHAOS_SECONDS: after so long no round is begun
any more. GEBAEUDE_CHAOS_SEED: repeats what was left to chance.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.oracle import Verdict
from tests.chaos.rounds import Fault, Line, play
from tests.chaos.world import World

SECONDS = float(os.environ.get("GEBAEUDE_CHAOS_SECONDS") or 2400)
SEED = int(os.environ.get("GEBAEUDE_CHAOS_SEED") or random.SystemRandom().randrange(10**6))

_table: dict[str, Line] = {}
_began = time.monotonic()


def line_of(fault: str) -> Line:
    """The fault's line of the table."""
    return _table.setdefault(fault, Line(fault))


def is_late() -> bool:
    """Whether no round is to be begun any more."""
    return time.monotonic() - _began > SECONDS


@pytest.fixture(scope="session")
def chaos_state() -> Iterator[Callable[[], Path]]:
    """Makes directories that the servers' accounts can reach."""
    made: list[Path] = []

    def make() -> Path:
        path = Path(tempfile.mkdtemp(prefix="gebaeude-chaos-"))
        path.chmod(0o755)
        made.append(path)
        return path

    yield make
    for path in made:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def world(chaos_state: Callable[[], Path]) -> Iterator[World]:
    """One system for all rounds; each leaves it whole again."""
    with World(chaos_state(), SEED) as one:
        yield one


Attack = Callable[..., None]


@pytest.fixture
def attack() -> Attack:
    """Plays a fault's rounds and holds each to the oracle."""

    def run(name: str, fault: Fault, world: World) -> None:
        line, bad = line_of(name), []
        for number in range(fault.rounds()):
            if is_late():
                line.notes.append(f"{fault.rounds() - number} rounds not run: time is up")
                break
            try:
                verdict, took = play(world, fault)
            except BaseException:
                # The next fault is to find a system that is whole.
                line.notes.append("broken off")
                world.ingest.kill()
                world.start_ingest()
                raise
            line.add(verdict, took)
            if not verdict.is_good:
                bad.append(f"round {number}: {verdict}")
        assert not bad, "\n".join(bad)
        assert line.rounds, line.notes

    return run


@pytest.fixture
def record() -> Callable[[str, Verdict, float], Line]:
    """Puts a round that was played otherwise into the table."""

    def put(name: str, verdict: Verdict, took: float = 0.0) -> Line:
        line = line_of(name)
        line.add(verdict, took)
        return line

    return put


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the faults that get no round in the short form."""
    without = [one for one in items if _rounds(one) == 0]
    items[:] = [one for one in items if one not in without]
    config.hook.pytest_deselected(items=without)


def _rounds(item: pytest.Item) -> int | None:
    fault = item.callspec.params.get("fault") if hasattr(item, "callspec") else None
    return fault.rounds() if isinstance(fault, Fault) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _table:
        return
    terminalreporter.section(f"chaos, seed {SEED}, {time.monotonic() - _began:.0f} s")
    head = ("fault", "rounds", "sent", "stored", "in quarantine", "lost", "doubled", "recovery s")
    rows = [
        (
            line.fault, line.rounds, line.sent, line.stored, line.kept, line.lost, line.doubled,
            _span(line.recovery_s) + "".join(f"  {note}" for note in dict.fromkeys(line.notes)),
        )
        for line in _table.values()
    ]  # fmt: skip
    columns = range(1, 7)
    sums = ("all", *(sum(int(row[at]) for row in rows) for at in columns), "")
    for row in (head, *rows, sums):
        first, *middle, last = map(str, row)
        cells = "".join(f"{cell:>14}" for cell in middle)
        terminalreporter.write_line(f"{first:<44}{cells}  {last}")


def _span(seconds: list[float]) -> str:
    """Middle and longest."""
    if not seconds:
        return "not run"
    return f"{sorted(seconds)[len(seconds) // 2]:.1f} … {max(seconds):.1f}"
