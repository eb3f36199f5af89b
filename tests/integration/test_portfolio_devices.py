"""A portfolio imported over what was claimed meanwhile: profiles are kept, and so is history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gebaeude.errors import Conflict, UsageError
from gebaeude.portfolio.dump import dump
from gebaeude.portfolio.load import NORDLIPPE, loads
from gebaeude.portfolio.records import Portfolio
from gebaeude.store import claims
from gebaeude.store.attachments import Attach, Claim
from gebaeude.store.database import Connection, connect
from gebaeude.store.portfolio import export, write

TEXT = NORDLIPPE.read_text("utf-8")
SENSOR = ("chirpstack", "24e124707c044108")
MOVED = datetime(2026, 11, 3, tzinfo=UTC)
NAME = "AM307 Büro 1.12"


@pytest.fixture
def db(portfolio_db: str) -> Any:
    with connect(portfolio_db, name="test") as connection:
        yield connection


def edited(old: str, new: str) -> Portfolio:
    assert TEXT.count(old) == 1, old
    return loads(TEXT.replace(old, new))


def pieces(db: Connection) -> list[tuple[datetime | None, datetime | None, str | None]]:
    return [
        (one.since, one.until, one.point)
        for one in claims.attachments(db, SENSOR)
        if one.field == "temperature"
    ]


def move(db: Connection) -> None:
    claims.claim(db, Claim(
        *SENSOR, building="barntrup-rathaus", name=NAME, actor="x", profile="milesight-am307",
        since=MOVED, attach=(Attach("temperature", "sitzungssaal-temperatur"),),
    ))  # fmt: skip


def test_a_profile_goes_out_and_in_again(db: Connection) -> None:
    line = f"name: {NAME}\n            profile: "
    profiled = edited(f"{line}milesight-am307\n", f"{line}lorawan-any\n")
    write(db, profiled)
    assert dump(export(db)).count("profile: lorawan-any\n") == 1
    again = loads(dump(export(db)))
    assert again == export(db)
    assert write(db, again).nothing_changed


def test_a_profile_that_there_is_not_changes_nothing(db: Connection) -> None:
    line = f"name: {NAME}\n            profile: milesight-am3"
    unknown = edited(f"{line}07\n", f"{line}\n")
    with pytest.raises(UsageError, match="milesight-am3"):
        write(db, unknown)
    assert write(db, loads(TEXT)).nothing_changed


def test_an_import_keeps_what_was_before(db: Connection) -> None:
    move(db)
    before = [(None, MOVED, "buero-1-12-temperatur"), (MOVED, None, "sitzungssaal-temperatur")]
    assert pieces(db) == before
    assert write(db, export(db)).nothing_changed
    write(db, loads(dump(export(db)).replace(NAME, "AM307 Saal")))
    assert pieces(db) == before


def test_what_the_file_says_otherwise_counts_from_where_the_past_ended(db: Connection) -> None:
    move(db)
    write(db, loads(TEXT))
    assert pieces(db) == [
        (None, MOVED, "buero-1-12-temperatur"), (MOVED, None, "buero-1-12-temperatur"),
    ]  # fmt: skip


def test_a_device_hangs_in_one_building(db: Connection) -> None:
    with pytest.raises(Conflict, match="speisen noch barntrup-rathaus"):
        claims.claim(db, Claim(
            *SENSOR, building="barntrup-gymnasium", name=NAME, actor="x", since=MOVED,
            attach=(Attach("temperature", "aula-temperatur"),),
        ))  # fmt: skip
