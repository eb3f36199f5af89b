"""From a reading beyond its limit to a ticket."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

from gebaeude.log import Trouble
from gebaeude.maintenance.urgency import next_care
from gebaeude.reports import board as reports
from gebaeude.store import watch
from gebaeude.worker import limits
from tests.integration.tickets.steps import check, page_of

BERLIN = ZoneInfo("Europe/Berlin")


class TestFromReadingToTicket:
    def test_finding_ticket_assignment_and_mail_are_there_together(self, houses: Any) -> None:
        houses.overheat()
        check(houses)
        page = page_of(houses)
        assert page.card.title.replace("\u202f", " ") == "Raum 204 über 28 °C"
        assert (page.card.state, page.card.priority, page.card.skill) == (
            "open",
            "normal",
            "heating",
        )
        assert (page.card.building, page.card.municipality) == ("Grundschule Kalletal", "Kalletal")
        assert page.card.technician == "Anna Adler"
        assert page.card.due_on == houses.now.astimezone(BERLIN).date() + timedelta(days=7)
        assert [event.kind for event in page.history] == ["opened", "assigned"]
        assert page.history[0].actor == "Grenzwert-Überwachung"
        assert page.history[1].text == "Zugewiesen an Anna Adler"
        [finding] = page.findings
        assert finding.sentence.replace("\u202f", " ") == (
            "Raum 204 seit 35 Minuten über 28 °C (zuletzt 29,4 °C)"
        )
        assert finding.evidence["limit"] == 28
        [mail] = page.mails
        assert mail.recipient == "adler@nordlippe.example"
        assert mail.subject.startswith(f"{page.card.number} · Grundschule Kalletal: Raum 204")

    def test_further_rounds_and_repeated_readings_change_nothing(self, houses: Any) -> None:
        for minutes in range(3):
            houses.overheat()
            check(houses, houses.now + timedelta(minutes=minutes))
        assert houses.ask("SELECT (SELECT count(*) FROM finding), (SELECT count(*) FROM ticket),"
                          " (SELECT count(*) FROM mail)") == [(1, 1, 1)]  # fmt: skip

    def test_history_that_arrives_late_opens_nothing(self, houses: Any) -> None:
        houses.read("vorlauf", *[(60 * 24 * days, 99) for days in range(1, 30)])
        check(houses)
        assert houses.one("SELECT count(*) FROM finding") == 0

    def test_a_finding_that_is_only_worth_a_hint_opens_no_ticket(self, houses: Any) -> None:
        houses.read("luft", (0, 2400))
        check(houses)
        assert houses.ask("SELECT severity, ticket_id FROM finding") == [("info", None)]
        assert houses.one("SELECT count(*) FROM ticket") == 0

    def test_critical_is_urgent(self, houses: Any) -> None:
        houses.read("vorlauf", (0, 95))
        check(houses)
        card = page_of(houses).card
        assert (card.priority, card.severity) == ("high", "critical")
        assert card.due_on == houses.now.astimezone(BERLIN).date() + timedelta(days=1)

    def test_a_cold_classroom_is_for_the_next_day_of_school(self, houses: Any) -> None:
        houses.read("raum", *[(ago, 13.0) for ago in (35, 25, 15, 5, 0)])
        check(houses)
        card = page_of(houses).card
        assert (card.priority, card.severity) == ("high", "warning")
        assert card.due_on == next_care(houses.now)

    def test_nobody_fits_and_the_ticket_says_so(self, houses: Any) -> None:
        houses.read("lueftung", (0, 40))
        check(houses)
        page = page_of(houses)
        assert page.card.technician is None
        assert page.mails == ()
        assert page.history[-1].comment == (
            "Niemand im Team ist in Barntrup für Lüftung zuständig. Bitte zuweisen."
        )
        with houses.connect() as connection:
            assert reports.board(connection, houses.now).unassigned == 1

    def test_work_goes_round(self, houses: Any, hot: str) -> None:
        houses.read("vorlauf", (0, 95))
        check(houses)
        assert houses.ask("SELECT w.key FROM ticket t JOIN technician w ON w.id = t.technician_id"
                          " ORDER BY t.id") == [("a-adler",), ("b-busch",)]  # fmt: skip

    def test_two_workers_at_once_open_one_finding_with_one_ticket(self, houses: Any) -> None:
        houses.overheat()
        houses.read("vorlauf", (0, 95))
        together = Barrier(4)

        def work(_number: int) -> None:
            with houses.connect() as connection:
                together.wait(10)
                limits.check(connection, houses.now, Trouble(logging.getLogger("test")))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert houses.ask("SELECT (SELECT count(*) FROM finding), (SELECT count(*) FROM ticket),"
                          " (SELECT count(*) FROM mail)") == [(2, 2, 2)]  # fmt: skip

    def test_all_of_it_or_nothing_and_the_others_go_on(self, houses: Any) -> None:
        with houses.connect() as connection:
            connection.execute("ALTER TABLE mail ADD CHECK (subject NOT LIKE '%Raum 204%')")
        houses.overheat()
        houses.read("vorlauf", (0, 95))
        check(houses)
        assert houses.ask("SELECT p.key FROM finding f JOIN point p ON p.id = f.point_id") == [
            ("vorlauf",)
        ]
        assert houses.one("SELECT count(*) FROM ticket") == 1
        assert houses.one("SELECT count(*) FROM ticket_event") == 2


class TestCost:
    def test_a_round_touches_only_the_newest_chunk(self, houses: Any) -> None:
        houses.read("raum", *[(60 * 24 * 30 * month, 21) for month in range(12)])
        now = houses.now
        with houses.connect() as connection:
            assert connection.execute("SELECT count(*) FROM show_chunks('reading')").fetchone() >= (
                11,
            )
            values = {"points": [1, 2], "starts": [now] * 2, "horizon": now - timedelta(hours=3)}
            explain = "EXPLAIN (ANALYZE, COSTS OFF) " + watch._sql.recent.sql
            plan = [row[0] for row in connection.execute(explain, values)]
        chunks = {line.split(" on ")[1].split()[0] for line in plan if "_hyper_" in line}
        assert len(chunks) <= 2, plan
        assert not any("Seq Scan on _hyper" in line for line in plan), plan
