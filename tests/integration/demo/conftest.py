"""Directories for demos, and demos that run in them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gebaeude.demo import state as state_directory
from gebaeude.demo.process import end_leftovers
from tests.integration.demo.process import Demo, Starter, command, environment
from tests.places import scratch

START_SECONDS = 60.0

Eventually = Callable[..., object]


@pytest.fixture
def directory() -> Iterator[Path]:
    with scratch("gebaeude-demo-") as path:
        yield path
        for state in path.iterdir():
            end_leftovers(state)


@pytest.fixture
def start(directory: Path, eventually: Eventually) -> Iterator[Starter]:
    """Starts demos in directories of these names and returns them once they can be reached."""
    started: list[Demo] = []

    def launch(name: str, *arguments: str) -> Demo:
        process = subprocess.Popen(
            command(directory / name, *arguments),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
        )  # fmt: skip
        started.append(Demo(process, directory / name))
        return started[-1]

    def up(demo: Demo) -> bool:
        assert demo.process.poll() is None, demo.process.communicate()[0]
        return state_directory.running(demo.state) is not None

    def begin(**arguments: tuple[str, ...]) -> list[Demo]:
        demos = [launch(name, *more) for name, more in arguments.items()]
        for demo in demos:
            eventually(lambda demo=demo: up(demo), timeout=START_SECONDS)
        return demos

    yield begin
    for demo in started:
        demo.process.send_signal(signal.SIGTERM)
    for demo in started:
        demo.process.communicate(timeout=40)
