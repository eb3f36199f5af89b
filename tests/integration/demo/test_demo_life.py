"""The life of a demo: started, asked, interrupted, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from gebaeude.access.roles import Right
from gebaeude.demo import check, people
from gebaeude.demo import state as state_directory
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.store.database import connect
from gebaeude.store.status import counts
from tests.integration.demo.process import Demo, Starter, command, environment, processes_of

Eventually = Callable[..., object]


def test_life_of_a_demo(start: Starter, directory: Path, eventually: Eventually) -> None:
    """One story, because each start costs seconds.

    Two demos side by side, one of them begun anew; one is interrupted, the other killed; the next
    start, with --check, goes on with its data.
    """
    write_something_old(directory / "second")
    first, second = start(first=(), second=("--reset",))

    assert first.reached().public_url != second.reached().public_url
    for demo in (first, second):
        address = demo.reached().public_url
        with urllib.request.urlopen(address, timeout=10) as response:
            assert response.geturl() == f"{address}/anmelden"
            assert response.status == 200
        with urllib.request.urlopen(f"{address}/anmelden/demo", timeout=10) as response:
            assert "Als Hausmeisterin ansehen" in response.read().decode()
        token = people.token(demo.reached().database_url, frozenset({Right.SEE_BUILDINGS}))
        assert check.dashboard_answers(address, token)
    nothing_old_is_left(second)
    before = eventually(first.readings, timeout=30)
    assert isinstance(before, int)
    status_tells_where_it_runs(first, eventually)
    same_directory_is_refused(first)
    child_that_dies_is_started_again(first, eventually)

    said = second.interrupt()
    assert second.process.returncode == 0, said
    assert processes_of(second.state) == []

    first.process.kill()
    first.process.communicate()
    check_sees_a_reading_come_through_and_stops_everything(first.state)
    with EmbeddedPostgres(first.state) as server, connect(server.url, name="test") as connection:
        assert counts(connection).readings > before


def write_something_old(state: Path) -> None:
    with state_directory.held(state):
        (state / "mail" / "old.eml").write_text("old")
        with (
            EmbeddedPostgres(state, durable=False) as server,
            connect(server.url, name="test") as connection,
        ):
            connection.execute("CREATE TABLE something_old ()")


def nothing_old_is_left(demo: Demo) -> None:
    assert not (demo.state / "mail" / "old.eml").exists()
    with connect(demo.reached().database_url, name="test") as connection:
        assert connection.execute("SELECT to_regclass('something_old')").fetchone() == (None,)


def check_sees_a_reading_come_through_and_stops_everything(state: Path) -> None:
    done = subprocess.run(
        command(state, "--check"), capture_output=True, text=True, env=environment(), timeout=130
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ein Messwert ist angekommen" in done.stdout
    assert processes_of(state) == []
    assert state_directory.running(state) is None


def status_tells_where_it_runs(demo: Demo, eventually: Eventually) -> None:
    def asked() -> subprocess.CompletedProcess[str] | None:
        done = subprocess.run(
            [sys.executable, "-m", "gebaeude.cli", "status", "--json", "--state", str(demo.state)],
            capture_output=True, text=True, env=environment(),
        )  # fmt: skip
        return done if done.returncode == 0 else None

    done = eventually(asked, timeout=20)
    assert isinstance(done, subprocess.CompletedProcess)
    found = json.loads(done.stdout)
    assert set(found["parts"].values()) == {"ok"}
    assert found["addresses"]["web"] == demo.reached().public_url
    assert found["counts"]["buildings"] >= 30
    password = (demo.state / "postgres.password").read_text()
    assert password not in done.stdout


def same_directory_is_refused(demo: Demo) -> None:
    done = subprocess.run(
        command(demo.state), capture_output=True, text=True, env=environment(), timeout=20
    )
    assert done.returncode == 1
    assert "läuft schon eine Demo" in done.stderr
    assert demo.process.poll() is None


def child_that_dies_is_started_again(demo: Demo, eventually: Eventually) -> None:
    note = demo.state / "run" / "ingest.SIGTERM"
    pid = note.read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)

    def another() -> bool:
        return note.exists() and note.read_text().split()[:1] not in ([], [pid])

    eventually(another, timeout=15)
