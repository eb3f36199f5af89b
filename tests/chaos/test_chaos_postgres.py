"""The database dies, refuses, stands still or is full."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.chaos import servers
from tests.chaos.publisher import Publisher
from tests.chaos.rounds import Attack, Fault, each
from tests.chaos.table import SEED, line_of
from tests.chaos.world import STATEMENT_TIMEOUT_MS, World, kill_and_restart

TOO_LONG_S = STATEMENT_TIMEOUT_MS / 1000 + 0.5
DISK = "600m"  # a cluster takes about 150 MB, and its log as much again
OURS = "application_name LIKE 'gebaeude-%'"


def kill(world: World, publisher: Publisher) -> None:
    publisher.wait_for(world.random.uniform(0.05, 0.9))
    kill_and_restart(world)


def kill_a_backend(world: World, publisher: Publisher) -> None:
    """kill -9 of ingest's own server process: the server throws everybody out and recovers."""
    publisher.wait_for(world.random.uniform(0.05, 0.9))
    with world.connect() as connection:
        query = f"SELECT pid FROM pg_stat_activity WHERE {OURS}"
        for (pid,) in connection.execute(query).fetchall():
            os.kill(pid, signal.SIGKILL)


def restart(world: World, publisher: Publisher) -> None:
    """As at every update of the server."""
    publisher.wait_for(world.random.uniform(0.05, 0.9))
    world.postgres.stop()
    world.pause(0.0, 2.0)
    servers.restart(world.postgres)


def terminate_backends(world: World, publisher: Publisher) -> None:
    """As an administrator does, again and again."""
    with world.connect() as connection:
        for _ in range(5):
            world.pause(0.0, 0.2)
            connection.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}"
            )


def lock(world: World, publisher: Publisher) -> None:
    """Somebody rebuilds the table, for longer than a statement may take."""
    publisher.wait_for(0.1)
    with (
        _evidence(world, "statement timeout"),
        world.connect() as connection,
        connection.transaction(),
    ):
        connection.execute("LOCK TABLE reading IN ACCESS EXCLUSIVE MODE")
        world.pause(TOO_LONG_S, TOO_LONG_S * 2)


def slow_statements(world: World, publisher: Publisher) -> None:
    """The statement itself takes longer than it may: it begins, writes, and is cancelled."""
    publisher.wait_for(0.1)
    with _evidence(world, "statement timeout"), world.connect() as connection:
        connection.execute(
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END';"
            "CREATE TRIGGER dawdle BEFORE INSERT ON reading"
            " FOR EACH ROW EXECUTE FUNCTION dawdle()"
        )
        world.pause(TOO_LONG_S, TOO_LONG_S * 2)
        connection.execute("DROP FUNCTION dawdle CASCADE")


def away_for_minutes(world: World, publisher: Publisher) -> float:
    """Long enough for the pauses between attempts to grow as long as they may."""
    publisher.wait_for(0.5)
    world.postgres.stop()
    world.pause(70.0, 90.0)
    servers.restart(world.postgres)
    return world.time_to_recover(publisher)


def stand_still(world: World, publisher: Publisher) -> None:
    _freeze_for(world, publisher, 1.0, 4.0)


def stand_still_for_minutes(world: World, publisher: Publisher) -> None:
    """Until ingest gives the connection up, and the broker has given ingest up."""
    _freeze_for(world, publisher, 60.0, 75.0)


def fill_the_disk(world: World, publisher: Publisher) -> None:
    """Not a byte is left for new pages."""
    publisher.wait_for(0.3)
    with _ballast(world), world.connect() as connection:
        # The server's log is on this disk too, and can no longer tell.
        with pytest.raises(psycopg.errors.DiskFull):
            connection.execute("CREATE TABLE filler AS SELECT * FROM generate_series(1, 999999)")
        world.pause(1.0, 3.0)


def fill_the_disk_for_the_log(world: World, publisher: Publisher) -> None:
    """Not a byte is left for the write-ahead log: the server itself goes down."""
    publisher.wait_for(0.3)
    with _ballast(world):
        with world.connect() as connection, suppress(psycopg.Error):
            for _ in range(30):
                connection.execute("CREATE TABLE filler AS SELECT * FROM generate_series(1, 9999)")
                connection.execute("DROP TABLE filler; SELECT pg_switch_wal()")
            pytest.fail("there was room all the time")
        world.pause(0.5, 1.0)
    if not _answers(world):
        servers.kill(world.postgres)
        servers.restart(world.postgres)
    with world.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS filler; CHECKPOINT")


FAULTS: dict[str, Fault] = {
    "database: kill -9": Fault(kill, weight=7, quick=True),
    "database: kill -9 of ingest's backend": Fault(kill_a_backend, weight=3),
    "database: restart": Fault(restart, weight=3),
    "database: away for over a minute": Fault(away_for_minutes, weight=0.7),
    "database: backends terminated": Fault(terminate_backends, weight=5, quick=True),
    "database: lock longer than the timeout": Fault(lock, weight=3, quick=True),
    "database: statement timeout": Fault(slow_statements, weight=3),
    "database: SIGSTOP, seconds": Fault(stand_still, weight=3),
    "database: SIGSTOP, over a minute": Fault(stand_still_for_minutes, weight=0.5),
}
ON_A_SMALL_DISK: dict[str, Fault] = {
    "database: disk full": Fault(fill_the_disk, weight=3, quick=True, count=4000),
    "database: disk full, no room for the log": Fault(
        fill_the_disk_for_the_log, weight=2, count=4000
    ),
}


@each(FAULTS)
def test_database_fails(name: str, fault: Fault, world: World, attack: Attack) -> None:
    attack(name, fault, world)


@each(ON_A_SMALL_DISK)
def test_disk_is_full(
    name: str, fault: Fault, chaos_state: Callable[[], Path], attack: Attack
) -> None:
    disk = chaos_state()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "chaos", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        # Seen in the table, and by no means the same as passed.
        line_of(name).notes.append(f"NOT RUN: {mounted.stderr.strip()}")
        return
    try:
        with World(disk, SEED) as world:
            attack(name, fault, world)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _freeze_for(world: World, publisher: Publisher, shortest_s: float, longest_s: float) -> None:
    publisher.wait_for(world.random.uniform(0.05, 0.5))
    frozen = servers.family(servers.pid_of(world.postgres))
    servers.freeze(frozen)
    world.pause(shortest_s, longest_s)
    servers.thaw(frozen)


@contextmanager
def _evidence(world: World, text: str) -> Iterator[None]:
    """The server must say this, or the fault was none."""
    before = world.postgres.log.stat().st_size
    yield
    assert text in world.postgres.log.read_text()[before:]


@contextmanager
def _ballast(world: World) -> Iterator[None]:
    """Takes the last byte of the disk that the cluster is on."""
    file = world.state / "ballast"
    piece = bytes(2**16)
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(piece)
        except OSError:
            pass
    try:
        yield
    finally:
        file.unlink()


def _answers(world: World) -> bool:
    try:
        with psycopg.connect(world.postgres.url, connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
