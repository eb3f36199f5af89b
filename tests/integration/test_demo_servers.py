"""The demo's own database and broker: they keep their data, and never outlive their demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gebaeude.demo.accounts import require_way_through
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.demo.process import Child, Command, end_leftovers
from gebaeude.errors import ServiceMissing, SettingsError
from tests.places import scratch

HOLD = """
import sys, time
from pathlib import Path
from gebaeude.demo.{module} import {cls}
server = {cls}(Path(sys.argv[1]))
server.start()
print(server._child.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that the servers' accounts can reach, unlike pytest's own."""
    with scratch("gebaeude-demo-") as path:
        yield path
        end_leftovers(path)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def start_elsewhere(directory: Path, module: str, cls: str) -> tuple[subprocess.Popen[str], int]:
    """Start a server from another process, as a demo that is going to be killed would."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(module=module, cls=cls), str(directory)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


def test_database_keeps_its_data_and_its_port(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as first:
        port = first.port
        with psycopg.connect(first.url) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(directory, durable=False) as second:
        assert second.port == port
        with psycopg.connect(second.url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_database_wants_the_password(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as server:
        assert (directory / "postgres.password").stat().st_mode & 0o777 == 0o600
        address = f"postgresql://gebaeude:guessed@127.0.0.1:{server.port}/gebaeude"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(address)


def test_database_of_a_killed_demo_ends_with_it_and_starts_again(
    directory: Path, eventually: Callable[..., object]
) -> None:
    holder, pid = start_elsewhere(directory, "postgres", "EmbeddedPostgres")
    assert alive(pid)
    holder.kill()
    holder.communicate()
    eventually(lambda: not alive(pid))
    with EmbeddedPostgres(directory) as again, psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_database_that_was_itself_killed_recovers(directory: Path) -> None:
    server = EmbeddedPostgres(directory)
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert server._child is not None
    os.kill(server._child.process.pid, signal.SIGKILL)
    server.stop()
    with EmbeddedPostgres(directory) as again, psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_two_databases_run_side_by_side(directory: Path) -> None:
    one = EmbeddedPostgres(directory / "one", durable=False)
    two = EmbeddedPostgres(directory / "two", durable=False)
    with one, two:
        assert one.port != two.port
        for server in (one, two):
            with psycopg.connect(server.url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)


def test_first_start_that_was_broken_off_is_begun_again(directory: Path) -> None:
    (directory / "postgres").mkdir()
    (directory / "postgres" / "half").write_text("")
    with EmbeddedPostgres(directory, durable=False) as server:
        psycopg.connect(server.url).close()


def test_broker_of_a_killed_demo_ends_with_it_and_keeps_its_queue(
    directory: Path, eventually: Callable[..., object]
) -> None:
    holder, pid = start_elsewhere(directory, "mosquitto", "EmbeddedMosquitto")
    port = (directory / "mosquitto.port").read_text().strip()
    listen = ["mosquitto_sub", "-p", port, "-i", "absent", "-c", "-q", "1", "-t", "a/#"]
    subprocess.run([*listen, "-E"], check=True)
    send = ["mosquitto_pub", "-p", port, "-q", "1", "-t", "a/b", "-m", "waiting"]
    subprocess.run(send, check=True)
    holder.kill()
    holder.communicate()
    eventually(lambda: not alive(pid))
    with EmbeddedMosquitto(directory) as again:
        assert str(again.port) == port
        heard = subprocess.run([*listen, "-C", "1", "-W", "5"], capture_output=True, text=True)
    assert heard.stdout == "waiting\n"


def test_broker_keeps_more_than_mosquittos_default(directory: Path) -> None:
    """1,000 messages is where Mosquitto's own default begins to drop what it acknowledged."""
    with EmbeddedMosquitto(directory) as broker:
        port = str(broker.port)
        listen = ["mosquitto_sub", "-p", port, "-i", "absent", "-c", "-q", "1", "-t", "a"]
        subprocess.run([*listen, "-E"], check=True)
        send = ["mosquitto_pub", "-p", port, "-q", "1", "-t", "a", "-l"]
        lines = "".join(f"{number}\n" for number in range(3000))
        subprocess.run(send, check=True, input=lines, text=True)
        heard = subprocess.run([*listen, "-C", "3000", "-W", "10"], capture_output=True, text=True)
    assert heard.stdout == lines


def test_what_escaped_is_found_by_its_note_but_never_a_stranger(directory: Path) -> None:
    child = Child(Command("sleeper", ["sleep", "60"]), directory)
    note = directory / "run" / "sleeper.SIGTERM"
    pid, start, boot = note.read_text().split()
    note.write_text(f"{pid} {int(start) + 1} {boot}")
    assert end_leftovers(directory) == []
    assert child.running
    note.write_text(f"{pid} {start} {boot}")
    assert end_leftovers(directory) == ["sleeper"]
    assert child.process.wait(5) == -signal.SIGTERM


def test_child_that_ignores_the_request_is_killed(directory: Path) -> None:
    command = Command("stubborn", ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"])
    child = Child(command, directory)
    while "up" not in child.last_words():
        assert child.running
    child.stop(patience=0.1)
    assert not child.running


def test_directory_the_account_cannot_reach_is_named(directory: Path) -> None:
    closed = directory / "closed"
    (closed / "state").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(SettingsError, match="closed lässt andere nicht durch"):
        require_way_through(closed / "state", "postgres")


def test_server_that_cannot_start_says_why(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False):
        pass
    (directory / "postgres" / "pg_hba.conf").write_text("nonsense\n")
    with pytest.raises(ServiceMissing, match=r"Die eigene Datenbank startet nicht.*pg_hba"):
        EmbeddedPostgres(directory, durable=False).start()
