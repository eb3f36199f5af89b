"""The demo as its user waits for it: until live data shows, and until a year of history is in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from bench import access
from gebaeude.config import PREFIX
from gebaeude.demo import check
from gebaeude.demo import state as state_directory
from gebaeude.store import status
from gebaeude.store.database import connect

Result = tuple[str, float, str, dict[str, object]]  # name, value, unit, context

DAYS = 365
COMPLETE = 0.95  # of all points; some devices may be switched off in the example
PATIENCE_S = 1200.0
LOOK_EVERY_S = 1.0
OWN_SERVERS = ("DATABASE_URL", "MQTT_URL", "SMTP_URL")


def start() -> Iterator[Result]:
    """Seconds from the command to a live reading in the dashboard: without data, then with it."""
    with _directory() as state:
        for name in ("demo.start", "demo.restart"):
            began = time.monotonic()
            with _demo(state, "--check", "--days", str(DAYS)) as process:
                took = _wait_for_line(process, "Ein Messwert ist angekommen") - began
                process.wait(60)
            yield name, round(took, 2), "s", {"days": DAYS, "exit_code": process.returncode}


def history() -> Iterator[Result]:
    """Minutes until a year of every point is stored, and how long pages take meanwhile."""
    with _directory() as state, _demo(state, "--days", str(DAYS)) as process:
        began = time.monotonic()
        _wait_for_line(process, "Dashboard: ")
        reached = state_directory.running(state)
        assert reached is not None
        first_day = datetime.now(UTC) - timedelta(days=DAYS - 1)
        token = access.token(reached.database_url)
        pages: list[float] = []
        with connect(reached.database_url, name="bench", autocommit=True) as connection:
            while status.reach(connection, first_day).share_before < COMPLETE:
                if time.monotonic() - began > PATIENCE_S:
                    raise TimeoutError("the history did not arrive")
                pages.append(_page(reached.public_url, token))
                time.sleep(LOOK_EVERY_S)
            took = time.monotonic() - began
            stored = status.counts(connection)
    context: dict[str, object] = {
        "days": DAYS,
        "points": stored.points,
        "readings": stored.readings,
    }
    yield "demo.history", round(took / 60, 2), "min", context
    slow = round(quantiles(pages, n=20)[-1] * 1000, 1)
    yield "demo.history.page.p95", slow, "ms", {"pages": len(pages), "page": "/api/v1/buildings"}


def _page(address: str, token: str) -> float:
    began = time.monotonic()
    if not check.answers(f"{address}/api/v1/buildings", token):
        raise RuntimeError("the API did not answer while the history came in")
    return time.monotonic() - began


@contextmanager
def _directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="gebaeude-bench-"))
    path.chmod(0o755)
    yield path / "state"
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _demo(state: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    own = {f"{PREFIX}{name}{end}" for name in OWN_SERVERS for end in ("", "_FILE")}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, "-m", "gebaeude.cli", "demo", "--state", str(state), "--port", "0"]
    process = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _wait_for_line(process: subprocess.Popen[str], wanted: str) -> float:
    """Return the moment at which the demo says it."""
    assert process.stdout is not None
    for line in process.stdout:
        if wanted in line:
            return time.monotonic()
    raise RuntimeError(f"the demo ended without saying: {wanted}")
