"""Silence and plans: what the worker's jobs do to the database."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from gebaeude.log import Trouble
from gebaeude.model import TicketState as S
from gebaeude.reports import board as reports
from gebaeude.store import tickets
from gebaeude.worker import plans, silence

ALL = ("raum", "luft", "waerme", "vorlauf", "strom", "lueftung")


def listen(houses: Any, now: datetime) -> None:
    with houses.connect() as connection:
        silence.check(connection, now, Trouble(logging.getLogger("test")))


def pass_time(houses: Any, minutes: int, *, speaking: tuple[str, ...], since: int = 0) -> datetime:
    """Checks every five minutes while some points speak; returns the last moment."""
    now: datetime = houses.now
    for minute in range(since, since + minutes + 1, 5):
        now = houses.now + timedelta(minutes=minute)
        for point in speaking:
            houses.read(point, (0, 20), now=now)
        listen(houses, now)
    return now


def silent(houses: Any) -> list[str]:
    return [row[0] for row in houses.ask(
        "SELECT p.key FROM finding f JOIN point p ON p.id = f.point_id"
        " WHERE f.rule = 'silent' AND f.closed_at IS NULL ORDER BY p.key"
    )]  # fmt: skip


def the_ticket(houses: Any, now: datetime) -> reports.Ticket:
    with houses.connect() as connection:
        found = reports.board(connection, now)
        [card] = [card for column in found.columns for card in column.cards]
        return reports.ticket(connection, card.number, now)


class TestSilence:
    def test_silent_points_of_a_building_are_one_ticket(self, houses: Any) -> None:
        for point in ALL:
            houses.read(point, (0, 20))
        now = pass_time(houses, 60, speaking=("vorlauf", "strom", "lueftung"))
        assert silent(houses) == ["luft", "raum", "waerme"]
        page = the_ticket(houses, now)
        assert page.card.title == "3 Messpunkte melden sich nicht"
        assert (page.card.skill, page.card.technician) == ("metering", "Anna Adler")
        assert page.card.findings_open == 3
        assert "Wärmezähler: letzter Wert" in page.task
        assert len(page.mails) == 1

    def test_whoever_speaks_again_is_closed_and_the_last_closes_the_ticket(
        self, houses: Any
    ) -> None:
        for point in ALL:
            houses.read(point, (0, 20))
        others = ("vorlauf", "strom", "lueftung")
        pass_time(houses, 50, speaking=others)
        now = pass_time(houses, 5, speaking=(*others, "luft", "raum"), since=55)
        assert silent(houses) == ["waerme"]
        assert the_ticket(houses, now).card.state is S.OPEN
        now = pass_time(houses, 5, speaking=ALL, since=65)
        page = the_ticket(houses, now)
        assert (page.card.state, page.card.settled) == (S.CANCELLED, True)
        assert sum(event.kind == "finding_closed" for event in page.history) == 3
        assert "Wärmezähler hat sich 65 Minuten lang nicht gemeldet" in {
            finding.sentence for finding in page.findings
        }

    def test_a_point_that_never_spoke_is_not_silent(self, houses: Any) -> None:
        pass_time(houses, 120, speaking=("strom",))
        assert silent(houses) == []

    def test_of_a_point_without_device_nobody_expects_to_hear(self, houses: Any) -> None:
        houses.ask(
            "WITH d AS (INSERT INTO device (building_id, format, external_id, name)"
            " SELECT building_id, 'plain', 'a/b', 'Fühler' FROM point WHERE key = 'raum'"
            " RETURNING id) INSERT INTO channel (device_id, field, point_id)"
            " SELECT d.id, 't', p.id FROM d, point p WHERE p.key = 'raum' RETURNING point_id"
        )
        for point in ALL:
            houses.read(point, (0, 20))
        pass_time(houses, 60, speaking=("strom",))
        assert "raum" in silent(houses)
        houses.ask("UPDATE channel SET valid_to = now() - interval '1 year' RETURNING 1")
        pass_time(houses, 5, speaking=("strom",), since=65)
        assert "raum" not in silent(houses)

    def test_an_outage_of_the_broker_blames_nobody(self, houses: Any) -> None:
        pass_time(houses, 30, speaking=ALL)
        pass_time(houses, 600, speaking=(), since=35)
        assert silent(houses) == []
        pass_time(houses, 10, speaking=("strom",), since=640)
        assert silent(houses) == []
        pass_time(houses, 60, speaking=("strom",), since=650)
        assert silent(houses) == ["lueftung", "luft", "raum", "vorlauf", "waerme"]

    def test_a_worker_that_was_away_blames_nobody(self, houses: Any) -> None:
        pass_time(houses, 30, speaking=ALL)
        houses.read("strom", *[(ago, 20) for ago in range(0, 300, 5)],
                    now=houses.now + timedelta(hours=6))  # fmt: skip
        listen(houses, houses.now + timedelta(hours=6))
        listen(houses, houses.now + timedelta(hours=6, minutes=1))
        assert silent(houses) == []

    def test_old_values_that_arrive_late_end_no_silence(self, houses: Any) -> None:
        for point in ALL:
            houses.read(point, (0, 20))
        others = ("luft", "waerme", "vorlauf", "strom", "lueftung")
        now = pass_time(houses, 60, speaking=others)
        assert silent(houses) == ["raum"]
        houses.read("raum", (50, 20), now=now)
        listen(houses, now + timedelta(minutes=1))
        assert silent(houses) == ["raum"]


def plan(
    houses: Any, rrule: str, starts_on: date, lead_days: int = 14, skill: str = "heating"
) -> int:
    return int(houses.one(
        "INSERT INTO plan (building_id, key, name, task, rrule, starts_on, lead_days, skill)"
        " SELECT id, %s || random(), 'Kesselwartung', 'Brenner reinigen', %s, %s, %s, %s"
        " FROM building WHERE key = 'schule' RETURNING id",
        "plan", rrule, starts_on, lead_days, skill,
    ))  # fmt: skip


def open_due(houses: Any, now: datetime) -> None:
    with houses.connect() as connection:
        plans.open_due(connection, now, Trouble(logging.getLogger("test")))


class TestPlans:
    def test_a_due_date_opens_its_ticket_once(self, houses: Any) -> None:
        plan(houses, "FREQ=YEARLY", date(2026, 11, 30))
        before, opens = (
            datetime(2026, 11, 16, 6, 59, tzinfo=UTC),
            datetime(2026, 11, 16, 7, tzinfo=UTC),
        )
        open_due(houses, before)
        assert houses.one("SELECT count(*) FROM ticket") == 0
        for hours in range(3):
            open_due(houses, opens + timedelta(hours=hours))
        page = the_ticket(houses, opens)
        assert (page.card.title, page.card.due_on) == ("Kesselwartung", date(2026, 11, 30))
        assert (page.card.origin, page.card.technician) == ("plan", "Anna Adler")
        assert page.task == "Brenner reinigen"
        assert page.plan == "Kesselwartung"
        assert page.history[0].actor == "Wartungsplan"
        assert page.history[0].comment == "Grundschule Kalletal: Kesselwartung"

    def test_at_eight_on_the_days_after_both_changes_of_the_clock(self, houses: Any) -> None:
        plan(houses, "FREQ=DAILY", date(2026, 3, 28), lead_days=0)
        opened = []
        now = datetime(2026, 3, 28, tzinfo=UTC)
        for _hour in range(72):
            open_due(houses, now)
            known = houses.one("SELECT count(*) FROM plan_due")
            if known > len(opened):
                opened.append(now)
            now += timedelta(hours=1)
        assert [(moment.day, moment.hour) for moment in opened] == [(28, 7), (29, 6), (30, 6)]

    def test_what_is_overdue_does_not_pile_up(self, houses: Any) -> None:
        plan(houses, "FREQ=MONTHLY", date(2026, 1, 15), lead_days=0)
        for month in (1, 2, 3):
            open_due(houses, datetime(2026, month, 20, tzinfo=UTC))
        now = datetime(2026, 3, 20, tzinfo=UTC)
        page = the_ticket(houses, now)
        assert page.card.due_on == date(2026, 1, 15)
        assert page.card.overdue
        assert [event.comment for event in page.history[2:]] == [
            "Erneut fällig am So 15. Februar.", "Erneut fällig am So 15. März.",
        ]  # fmt: skip
        with houses.connect() as connection:
            tickets.take(connection, page.card.number, technician="a-adler", now=now)
            tickets.finish(connection, page.card.number, actor="Anna Adler", now=now)
        open_due(houses, now)
        assert houses.one("SELECT count(*) FROM ticket") == 1
        open_due(houses, datetime(2026, 4, 15, 12, tzinfo=UTC))
        assert houses.ask("SELECT due_on FROM ticket ORDER BY id") == [
            (date(2026, 1, 15),), (date(2026, 4, 15),),
        ]  # fmt: skip

    def test_a_plan_of_long_ago_begins_with_its_last_due_date(self, houses: Any) -> None:
        plan(houses, "FREQ=MONTHLY", date(2015, 1, 31), lead_days=0)
        open_due(houses, datetime(2026, 11, 22, 12, tzinfo=UTC))
        assert houses.ask("SELECT due_on FROM ticket") == [(date(2026, 10, 31),)]

    def test_a_plan_that_cannot_be_read_leaves_the_others_alone(
        self, houses: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = plan(houses, "FREQ=SOMETIMES", date(2026, 1, 1))
        plan(houses, "FREQ=YEARLY", date(2026, 1, 1))
        open_due(houses, datetime(2026, 11, 22, tzinfo=UTC))
        assert houses.one("SELECT count(*) FROM ticket") == 1
        assert f"plan {broken}: GebaeudeError" in caplog.text

    def test_two_workers_at_once_open_one_ticket(self, houses: Any) -> None:
        for _number in range(4):
            plan(houses, "FREQ=MONTHLY", date(2026, 1, 15))
        together = Barrier(3)

        def work(_number: int) -> None:
            with houses.connect() as connection:
                together.wait(10)
                now = datetime(2026, 11, 22, tzinfo=UTC)
                plans.open_due(connection, now, Trouble(logging.getLogger("test")))

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, range(3)))
        assert houses.ask("SELECT (SELECT count(*) FROM ticket), (SELECT count(*) FROM plan_due),"
                          " (SELECT count(*) FROM mail)") == [(4, 4, 4)]  # fmt: skip
