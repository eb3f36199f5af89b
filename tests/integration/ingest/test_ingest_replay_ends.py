"""Reading what is kept of a device comes to its end, whoever dies at it or is at it as well."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gebaeude.errors import UsageError
from gebaeude.log import Trouble
from gebaeude.model import Kind, Medium, Message, Reason
from gebaeude.store import claims, inbox, quarantine, unread
from gebaeude.store.attachments import Attach, Claim, NewPoint
from gebaeude.store.database import Connection, connect
from gebaeude.store.quarantine import Rejected
from gebaeude.worker import unread as worker
from ingest import desk
from ingest.replay import PAGE, replay_device

log = logging.getLogger(__name__)

METER = ("plain", "rathaus/keller")
MESSAGES = 4 * PAGE + 7
START = 1_793_664_000  # s
WARM = NewPoint("Wärme", Medium.CLIMATE, "temperature", Kind.GAUGE, 600)


@pytest.fixture
def db(store: Any) -> Iterator[Connection]:
    with connect(store.url, name="test") as connection:
        yield connection


@pytest.fixture
def lying(db: Connection) -> int:
    """Messages of a device that nobody has attached, each with two fields."""
    messages = (
        Message(
            b"plain/rathaus/keller",
            f'{{"time": {START + 60 * n}, "warm": {n % 40}, "damp": {n % 90}}}'.encode(),
            (START + 60 * n) * 1_000_000,
        )
        for n in range(MESSAGES)
    )
    quarantine.keep(db, (Rejected(one, Reason.UNKNOWN_DEVICE, "", *METER) for one in messages))
    db.commit()
    return MESSAGES


def claim(*fields: str, **more: Any) -> Claim:
    attach = tuple(Attach(one, f"neu-{one}", new=WARM) for one in fields)
    return Claim(*METER, "rathaus", "Fühler", "Karin Vogt", attach, **more)


def values(store: Any, point: str) -> int:
    return len(store.values(point))


def held_up(db: Connection) -> Any:
    """The second page of what is kept is in somebody's hands."""
    return db.execute(
        "SELECT id FROM quarantine WHERE id = (SELECT min(id) + %s FROM quarantine) FOR UPDATE",
        (PAGE + 3,),
    )


def test_what_died_in_the_middle_is_read_by_the_worker(
    store: Any, db: Connection, lying: int, settings: Any, eventually: Any
) -> None:
    """kill -9 of the command between two pages; nothing is lost, nothing is there twice."""
    held_up(db)
    command = "claim plain rathaus/keller --building rathaus --name F --attach warm=temperatur"
    process = subprocess.Popen(
        [sys.executable, "-m", "gebaeude.cli", "devices", *command.split(), "--ignore", "damp"],
        env=os.environ | {"GEBAEUDE_DATABASE_URL": store.url},
    )
    eventually(lambda: values(store, "temperatur") == PAGE)
    worker.read(store.connection, settings, Trouble(log), threading.Event())  # not its own yet
    assert values(store, "temperatur") == PAGE
    process.kill()
    process.wait(20)
    (waiting,) = inbox.waiting(db, of=METER)
    assert (waiting.messages, waiting.unread) == (lying - PAGE, True)
    db.rollback()

    with connect(store.url, name="test", autocommit=True) as connection:
        eventually(lambda: not unread.is_being_read(connection, METER))
        worker.read(connection, settings, Trouble(log), threading.Event())
        assert unread.devices(connection) == []
        assert inbox.waiting(connection) == []
    assert values(store, "temperatur") == lying
    assert store.one("SELECT count(*) FROM quarantine") == 0


def test_two_people_at_once_leave_nothing_behind(
    store: Any, db: Connection, lying: int, settings: Any, eventually: Any
) -> None:
    """The second attaches another field while what is kept is read for the first."""
    held_up(db)
    done: dict[str, desk.Claimed] = {}

    def person(field: str) -> None:
        with connect(store.url, name="test") as connection:
            done[field] = desk.claim(connection, settings, claim(field))

    people = [threading.Thread(target=person, args=(field,)) for field in ("warm", "damp")]
    people[0].start()
    eventually(lambda: values(store, "neu-warm") == PAGE)
    people[1].start()
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    eventually(lambda: store.one(waiting) == 2)
    db.rollback()
    for one in people:
        one.join(30)
    assert values(store, "neu-warm") == values(store, "neu-damp") == lying
    assert store.one("SELECT count(*) FROM quarantine") == 0
    assert store.one("SELECT count(*) FROM unread") == 0
    assert done["warm"].checked == lying


def test_what_stays_for_another_reason_is_looked_at_once(
    store: Any, db: Connection, lying: int, settings: Any
) -> None:
    done = desk.claim(db, settings, claim("warm"))
    assert (done.checked, done.readings, done.left) == (lying, lying, lying)
    assert store.ask("SELECT DISTINCT reason FROM quarantine") == [("unknown_field",)]
    again = replay_device(db, settings, *METER)
    assert (again.checked, again.released, again.left) == (lying, 0, 0)


def test_a_device_that_is_detached_meanwhile_is_not_read(
    store: Any, db: Connection, lying: int, settings: Any
) -> None:
    """Undone before the worker came to it: it waits in the inbox again, whole."""
    claims.claim(db, claim("warm"))
    assert unread.devices(db) == [METER]
    claims.release(db, METER, actor="Karin Vogt")
    db.commit()
    assert unread.devices(db) == []
    (waiting,) = inbox.waiting(db, of=METER)
    assert (waiting.messages, waiting.known) == (lying, False)


def test_a_point_that_counts_something_else_is_refused(
    store: Any, db: Connection, settings: Any
) -> None:
    """The message says its unit: what comes in watts can never become cubic metres."""
    payload = f'{{"time": {START}, "value": 3.5, "unit": "W"}}'.encode()
    message = Message(b"plain/rathaus/keller/power", payload, START * 1_000_000)
    quarantine.keep(db, [Rejected(message, Reason.UNKNOWN_DEVICE, "", *METER)])
    db.commit()
    wrong = Claim(*METER, "rathaus", "Fühler", "Karin Vogt", (Attach("power", "wasser"),))
    with pytest.raises(UsageError, match="kommt in W"):
        desk.claim(db, settings, wrong)
    assert store.one("SELECT count(*) FROM device WHERE format = 'plain'") == 0
    right = Claim(*METER, "rathaus", "Fühler", "Karin Vogt", (Attach("power", "leistung"),))
    assert desk.claim(db, settings, right).readings == 1
    assert store.values("leistung") == [0.0035]
