"""`gebaeude demo` as a person runs it: a process that is started, interrupted, killed and asked."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gebaeude.access.roles import Right
from gebaeude.demo import check, people, ports
from gebaeude.demo import state as state_directory
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.demo.process import end_leftovers
from gebaeude.store.database import connect
from gebaeude.store.status import counts
from tests.places import scratch

SETTINGS = ("DATABASE_URL", "MQTT_URL", "SMTP_URL", "STATE_DIR", "WEB_PORT")
START_SECONDS = 60.0

Eventually = Callable[..., object]


@dataclass
class Demo:
    """A demo that runs in a process of its own."""

    process: subprocess.Popen[str]
    state: Path

    def reached(self) -> state_directory.Running:
        found = state_directory.running(self.state)
        assert found is not None
        return found

    def readings(self) -> int:
        with connect(self.reached().database_url, name="test") as connection:
            return counts(connection).readings

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=40)[0]


Starter = Callable[..., list[Demo]]


def environment(**more: str) -> dict[str, str]:
    ours = {f"GEBAEUDE_{name}{end}" for name in SETTINGS for end in ("", "_FILE")}
    return {name: value for name, value in os.environ.items() if name not in ours} | more


def command(state: Path, *arguments: str) -> list[str]:
    return [
        sys.executable, "-m", "gebaeude.cli", "demo", "--state", str(state), "--port", "0",
        "--days", "1", *arguments,
    ]  # fmt: skip


def processes_of(state: Path) -> list[str]:
    """Every live process whose command line or working directory lies in the state directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(state) in line or place.startswith(str(state)):
            found.append(line)
    return found


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
        assert counts(connection).readings > before  # type: ignore[operator]


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


def test_port_that_is_taken_is_told(directory: Path, free_port: Callable[[], int]) -> None:

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*command(directory / "state"), "--port", port],
            capture_output=True, text=True, env=environment(), timeout=20,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"Der Port {port} ist belegt" in done.stderr


def test_directory_with_something_else_in_it_is_left_alone(directory: Path) -> None:
    precious = directory / "home" / "letter.txt"
    precious.parent.mkdir()
    precious.write_text("keep me")
    done = subprocess.run(
        command(precious.parent, "--reset"), capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 2
    assert "enthält schon etwas anderes" in done.stderr
    assert precious.read_text() == "keep me"


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--check",), 1)])
def test_given_database_that_is_away_is_waited_for(
    directory: Path,
    free_port: Callable[[], int],
    arguments: tuple[str, ...],
    code: int,
) -> None:
    """It says so and waits; Ctrl-C still ends it, which is no passed check."""
    given = {
        "GEBAEUDE_DATABASE_URL": f"postgresql://x:y@127.0.0.1:{free_port()}/z",
        "GEBAEUDE_MQTT_URL": f"mqtt://127.0.0.1:{free_port()}",
    }
    state = directory / "state"
    process = subprocess.Popen(
        command(state, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(**given),
    )  # fmt: skip
    assert process.stdout is not None
    line = ""
    while "Datenbank antwortet nicht" not in line:
        line = process.stdout.readline()
        assert line, "the demo ended without waiting"
    assert not (state / "postgres").exists()
    assert not (state / "mosquitto").exists()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == code, said


def test_given_servers_are_used_and_readings_flow_through_them(
    directory: Path, empty_database_url: str
) -> None:
    state = directory / "state"
    with EmbeddedMosquitto(directory / "broker") as broker:
        given = {
            "GEBAEUDE_DATABASE_URL": empty_database_url,
            "GEBAEUDE_MQTT_URL": broker.url,
            "GEBAEUDE_LANGUAGE": "en",
        }
        done = subprocess.run(
            command(state, "--check"), capture_output=True, text=True, env=environment(**given),
            timeout=130,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A reading has arrived" in done.stdout
    assert not (state / "postgres").exists()
    assert not (state / "mosquitto").exists()


def test_wrong_fault_ends_the_demo_with_one_line(directory: Path) -> None:
    done = subprocess.run(
        command(directory / "state", "--fault", "nonsense"),
        capture_output=True, text=True, env=environment(), timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert done.stderr.count("\n") == 1
    assert processes_of(directory / "state") == []


def test_database_that_refuses_us_is_exit_3(directory: Path, server_url: str) -> None:
    """Waiting cannot mend a wrong password."""
    wrong = server_url.replace(server_url.split("@")[0], "postgresql://gebaeude:guessed")
    done = subprocess.run(
        command(directory / "state"), capture_output=True, text=True,
        env=environment(GEBAEUDE_DATABASE_URL=wrong), timeout=30,
    )  # fmt: skip
    assert done.returncode == 3
    assert "weist uns ab" in done.stderr
    assert processes_of(directory / "state") == []


def test_mail_server_keeps_every_mail(directory: Path, eventually: Eventually) -> None:

    port, mails = ports.any_free(), directory / "mail"
    server = subprocess.Popen([sys.executable, "-m", "gebaeude.demo.mail", str(port), str(mails)])
    try:
        eventually(lambda: ports.accepts(port))
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in range(2):
                client.sendmail("a@x", ["technik@nordlippe.example"], f"Subject: {number}\n\nHallo")
    finally:
        server.terminate()
        assert server.wait(10) == 0
    kept = sorted(mails.iterdir())
    assert [path.suffix for path in kept] == [".eml", ".eml"]
    assert b"Subject: 1" in kept[1].read_bytes()
