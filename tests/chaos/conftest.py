"""The system under attack, how many rounds it gets, and the table at the end.

GEBAEUDE_CHAOS_ROUNDS: rounds of the long form, shared out by the faults' weights; unset: the
short form, one round of the quick ones. For the other settings see `table`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.rounds import Attack, Fault, play_all
from tests.chaos.table import SEED, age_s, line_of, rows
from tests.chaos.world import World


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


@pytest.fixture
def attack() -> Attack:
    """Plays a fault's rounds and holds each to the oracle."""

    def run(name: str, fault: Fault, world: World) -> None:
        verdicts = enumerate(play_all(name, fault, world))
        bad = [f"round {number}: {verdict}" for number, verdict in verdicts if not verdict.is_good]
        assert not bad, "\n".join(bad)
        assert line_of(name).rounds, line_of(name).notes

    return run


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the faults that get no round in the short form."""
    without = [one for one in items if _rounds(one) == 0]
    items[:] = [one for one in items if one not in without]
    config.hook.pytest_deselected(items=without)


def _rounds(item: pytest.Item) -> int | None:
    fault = item.callspec.params.get("fault") if hasattr(item, "callspec") else None
    return fault.rounds() if isinstance(fault, Fault) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table := list(rows()):
        terminalreporter.section(f"chaos, seed {SEED}, {age_s():.0f} s")
        for row in table:
            terminalreporter.write_line(row)
