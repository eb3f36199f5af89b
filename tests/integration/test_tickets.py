"""From a reading beyond its limit to a ticket, and what people do with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gebaeude.errors import Conflict, GebaeudeError, NotFound, UsageError
from gebaeude.log import Trouble
from gebaeude.model import TicketState as S
from gebaeude.reports import board as reports
from gebaeude.store import findings, tickets, watch
from gebaeude.worker import limits

BERLIN = ZoneInfo("Europe/Berlin")


def check(houses: Any, now: datetime | None = None) -> None:
    with houses.connect() as connection:
        limits.check(connection, now or houses.now, Trouble(logging.getLogger("test")))


@pytest.fixture
def hot(houses: Any) -> str:
    """The number of the ticket for the overheated room, which is Anna Adler's."""
    houses.overheat()
    check(houses)
    return page_of(houses).card.number


def page_of(houses: Any, now: datetime | None = None) -> reports.Ticket:
    with houses.connect() as connection:
        found = reports.board(connection, now or houses.now)
        [card] = [card for column in found.columns for card in column.cards]
        return reports.ticket(connection, card.number, now or houses.now)


def do(houses: Any, action: Callable[..., None], number: str, **arguments: Any) -> None:
    with houses.connect() as connection:
        action(connection, number, now=arguments.pop("now", houses.now), **arguments)


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


class TestClosing:
    def test_a_ticket_that_nobody_took_closes_with_its_finding(self, houses: Any, hot: str) -> None:
        later = houses.now + timedelta(minutes=40)
        houses.read("raum", (30, 31.2), (0, 27.4), now=later)
        check(houses, later)
        page = page_of(houses, later)
        assert (page.card.state, page.card.settled) == (S.CANCELLED, True)
        assert [event.kind for event in page.history[2:]] == ["finding_closed", "state"]
        assert page.history[-1].comment is not None
        assert "Hat sich erledigt" in page.history[-1].comment
        [finding] = page.findings
        assert finding.closed_at == later
        assert finding.sentence.replace("\u202f", " ") == (
            "Raum 204 war 75 Minuten lang über 28 °C (höchstens 31,2 °C)"
        )

    def test_a_hint_closes_without_a_ticket(self, houses: Any) -> None:
        later = houses.now + timedelta(minutes=10)
        houses.read("luft", (0, 2400))
        check(houses)
        houses.read("luft", (0, 1700), now=later)
        check(houses, later)
        assert houses.ask("SELECT closed_at FROM finding") == [(later,)]

    def test_a_rule_that_was_taken_away_leaves_no_finding_open(self, houses: Any, hot: str) -> None:
        with houses.connect() as connection:
            connection.execute("DELETE FROM limit_rule")
        check(houses)
        assert houses.one("SELECT count(*) FROM finding WHERE closed_at IS NULL") == 0

    def test_a_value_within_the_hysteresis_closes_nothing(self, houses: Any, hot: str) -> None:
        later = houses.now + timedelta(minutes=10)
        houses.read("raum", (0, 27.6), now=later)
        check(houses, later)
        assert page_of(houses).card.state is S.OPEN

    def test_a_ticket_that_somebody_took_stays_theirs(self, houses: Any, hot: str) -> None:
        do(houses, tickets.take, hot, technician="b-busch")
        later = houses.now + timedelta(minutes=10)
        houses.read("raum", (0, 22), now=later)
        check(houses, later)
        page = page_of(houses)
        assert (page.card.state, page.card.settled) == (S.ACCEPTED, True)
        assert page.history[-1].comment == (
            "Raum 204 ist wieder im vorgegebenen Bereich, nach 45 Minuten."
        )

    def test_what_comes_back_is_the_same_ticket_without_another_mail(
        self, houses: Any, hot: str
    ) -> None:
        cool, again = houses.now + timedelta(hours=1), houses.now + timedelta(hours=3)
        houses.read("raum", (0, 22), now=cool)
        check(houses, cool)
        houses.overheat(again)
        check(houses, again)
        page = page_of(houses, again)
        assert (page.card.number, page.card.state) == (hot, S.OPEN)
        assert (page.card.findings, page.card.findings_open) == (2, 1)
        assert len(page.mails) == 1
        assert any("Wieder aufgetreten" in (event.comment or "") for event in page.history)

    def test_the_next_day_it_is_written_about_again(self, houses: Any, hot: str) -> None:
        cool, again = houses.now + timedelta(hours=1), houses.now + timedelta(hours=26)
        houses.read("raum", (0, 22), now=cool)
        check(houses, cool)
        houses.overheat(again)
        check(houses, again)
        assert len(page_of(houses, again).mails) == 2

    def test_after_a_week_it_is_a_new_ticket(self, houses: Any, hot: str) -> None:
        cool, again = houses.now + timedelta(hours=1), houses.now + timedelta(days=7, hours=2)
        houses.read("raum", (0, 22), now=cool)
        check(houses, cool)
        houses.overheat(again)
        check(houses, again)
        assert houses.one("SELECT count(*) FROM ticket") == 2

    def test_trouble_that_is_being_worked_on_opens_no_second_ticket(
        self, houses: Any, hot: str
    ) -> None:
        do(houses, tickets.start, hot, technician="a-adler")
        cool, again = houses.now + timedelta(hours=1), houses.now + timedelta(hours=3)
        houses.read("raum", (0, 22), now=cool)
        check(houses, cool)
        houses.overheat(again)
        check(houses, again)
        page = page_of(houses, again)
        assert (page.card.state, page.card.findings_open) == (S.IN_PROGRESS, 1)


class TestPeople:
    def test_the_usual_way_with_its_history(self, houses: Any, hot: str) -> None:
        do(houses, tickets.take, hot, technician="b-busch")
        do(houses, tickets.start, hot, technician="b-busch")
        do(houses, tickets.comment, hot, actor=" Bernd  Busch ", comment="Ventil klemmt")
        do(houses, tickets.finish, hot, actor="Bernd Busch", comment="Ventil getauscht")
        page = page_of(houses)
        assert (page.card.state, page.card.technician) == (S.DONE, "Bernd Busch")
        assert page.card.closed_at == houses.now
        assert [(e.actor, e.text, e.comment) for e in page.history[2:]] == [
            ("Bernd Busch", "Angenommen", None),
            ("Bernd Busch", "Arbeit begonnen", None),
            ("Bernd Busch", "Kommentar", "Ventil klemmt"),
            ("Bernd Busch", "Erledigt gemeldet", "Ventil getauscht"),
        ]
        assert page.actions == ("reopen", "comment")

    def test_of_two_who_take_it_at_once_one_is_told_who_was_faster(
        self, houses: Any, hot: str, eventually: Any
    ) -> None:
        def take_as_well() -> str:
            with pytest.raises(Conflict) as refusal:
                do(houses, tickets.take, hot, technician="a-adler")
            return str(refusal.value)

        with ThreadPoolExecutor(1) as pool, houses.connect() as faster:
            with faster.transaction():
                tickets.take(faster, hot, technician="b-busch", now=houses.now)
                slower = pool.submit(take_as_well)
                eventually(lambda: houses.one("SELECT count(*) FROM pg_locks WHERE NOT granted"))
            assert slower.result(10) == f"Den Auftrag {hot} hat Bernd Busch schon angenommen."
        assert page_of(houses).card.technician == "Bernd Busch"

    def test_nobody_starts_what_somebody_else_took(self, houses: Any, hot: str) -> None:
        do(houses, tickets.take, hot, technician="a-adler")
        with pytest.raises(Conflict, match="hat Anna Adler schon angenommen"):
            do(houses, tickets.start, hot, technician="b-busch")

    def test_reassigning_needs_taking_anew_and_writes_to_the_new_one(
        self, houses: Any, hot: str
    ) -> None:
        do(houses, tickets.take, hot, technician="a-adler")
        do(houses, tickets.reassign, hot, actor="Karin Vogt", technician="c-clas", comment="Urlaub")
        page = page_of(houses)
        assert (page.card.state, page.card.technician) == (S.OPEN, "Cem Clas")
        assert page.mails[-1].recipient == "clas@nordlippe.example"
        assert [event.actor for event in page.history[-2:]] == ["Karin Vogt"] * 2

    def test_reopened_is_open_again_and_written_about(self, houses: Any, hot: str) -> None:
        do(houses, tickets.cancel, hot, actor="Karin Vogt", comment="Sommerfest")
        do(houses, tickets.reopen, hot, actor="Karin Vogt", comment="doch nicht")
        page = page_of(houses)
        assert (page.card.state, page.card.closed_at) == (S.OPEN, None)
        assert len(page.mails) == 2

    @pytest.mark.parametrize(("action", "arguments", "error", "text"), [
        (tickets.finish, {"actor": "X"}, Conflict, "muss zuerst jemand annehmen"),
        (tickets.cancel, {"actor": "X", "comment": "  "}, UsageError, "warum"),
        (tickets.comment, {"actor": "X", "comment": "x" * 4001}, UsageError, "4000 Zeichen"),
        (tickets.comment, {"actor": " ", "comment": "ja"}, UsageError, "wer das sagt"),
        (tickets.take, {"technician": "niemand"}, UsageError, "niemanden mit dem Kürzel"),
        (tickets.reassign, {"actor": "X", "technician": "niemand"}, UsageError, "Kürzel"),
    ])  # fmt: skip
    def test_what_is_not_possible_says_why_and_changes_nothing(
        self,
        houses: Any,
        hot: str,
        action: Any,
        arguments: Any,
        error: type[GebaeudeError],
        text: str,
    ) -> None:
        before = page_of(houses)
        with pytest.raises(error, match=text):
            do(houses, action, hot, **arguments)
        assert page_of(houses) == before

    @pytest.mark.parametrize("number", ["A-2026-9999", "A-1999-0001", "x", ""])
    def test_what_is_not_there_is_not_found(self, houses: Any, hot: str, number: str) -> None:
        for call in (
            lambda c: reports.ticket(c, number, houses.now),
            lambda c: tickets.take(c, number, technician="a-adler", now=houses.now),
        ):
            with houses.connect() as connection, pytest.raises(NotFound, match="gibt es nicht"):
                call(connection)

    def test_a_comment_may_hold_anything(self, houses: Any, hot: str) -> None:
        text = "'; DROP TABLE ticket; -- \0 <script>alert(1)</script> 🔧\nzweite Zeile"
        do(houses, tickets.comment, hot, actor="O'Neill %s", comment=text)
        assert page_of(houses).history[-1].comment == text.replace("\0", "")


class TestBoard:
    @pytest.fixture
    def busy(self, houses: Any, hot: str) -> Any:
        houses.read("vorlauf", (0, 95))
        houses.read("lueftung", (0, 40))
        check(houses)
        do(houses, tickets.take, hot, technician="a-adler")
        return houses

    def board(self, houses: Any, *, now: datetime | None = None, **filters: str) -> reports.Board:
        with houses.connect() as connection:
            return reports.board(connection, now or houses.now, reports.Filters(**filters))

    def test_columns_stand_in_the_order_of_the_work(self, busy: Any) -> None:
        found = self.board(busy)
        assert [(column.label, column.count) for column in found.columns] == [
            ("offen", 2), ("angenommen", 1), ("in Arbeit", 0), ("erledigt", 0), ("storniert", 0),
        ]  # fmt: skip
        assert [card.title.replace("\u202f", " ") for card in found.columns[0].cards] == [
            "Vorlauf über 90 °C", "Zuluft über 30 °C",
        ]  # fmt: skip
        assert (found.open, found.unassigned, found.overdue) == (3, 1, 0)

    @pytest.mark.parametrize(("filters", "titles"), [
        ({"municipality": "barntrup"}, {"Zuluft"}),
        ({"skill": "heating"}, {"Vorlauf", "Raum"}),
        ({"technician": "b-busch"}, {"Vorlauf"}),
        ({"technician": "-"}, {"Zuluft"}),
        ({"text": "SPORTHALLE 90"}, {"Vorlauf"}),
        ({"text": "adler"}, {"Raum"}),
        ({"text": "nirgends"}, set()),
        ({"municipality": "kalletal", "text": "raum"}, {"Raum"}),
    ])  # fmt: skip
    def test_filters(self, busy: Any, filters: dict[str, str], titles: set[str]) -> None:
        found = self.board(busy, **filters)
        cards = [card for column in found.columns for card in column.cards]
        assert {card.title.split()[0] for card in cards} == titles
        assert found.open == len(titles)

    def test_a_number_is_found_as_text(self, busy: Any) -> None:
        number = self.board(busy).columns[1].cards[0].number
        assert self.board(busy, text=number.lower()).open == 1

    def test_late_ones_come_first_and_are_counted(self, busy: Any) -> None:
        late = self.board(busy, now=busy.now + timedelta(days=3))
        assert (late.overdue, late.columns[0].overdue) == (1, 1)
        assert late.columns[0].cards[0].overdue

    def test_finished_ones_leave_the_board_after_a_month(self, busy: Any) -> None:
        number = self.board(busy).columns[1].cards[0].number
        do(busy, tickets.finish, number, actor="Anna Adler")
        assert self.board(busy, now=busy.now + timedelta(days=29)).columns[3].count == 1
        assert self.board(busy, now=busy.now + timedelta(days=31)).columns[3].count == 0

    def test_the_team_is_offered_with_those_who_fit_first(self, busy: Any) -> None:
        number = self.board(busy).columns[0].cards[0].number
        with busy.connect() as connection:
            team = reports.ticket(connection, number, busy.now).team
        assert [choice.key for choice in team] == ["a-adler", "b-busch", "c-clas"]


class TestFindings:
    def test_newest_first_page_by_page(self, houses: Any, hot: str) -> None:
        houses.read("vorlauf", (0, 95))
        houses.read("luft", (0, 2400))
        check(houses)
        with houses.connect() as connection:
            first = findings.findings(connection, now=houses.now, limit=2)
            rest = findings.findings(connection, now=houses.now, limit=2, before=first[-1].id)
            of_hall = findings.findings(connection, now=houses.now, building="halle")
        assert len(first) == 2
        assert [found.id for found in (*first, *rest)] == [3, 2, 1]
        assert rest[0].ticket == hot
        assert [found.point for found in of_hall] == ["vorlauf"]

    def test_only_open_ones(self, houses: Any, hot: str) -> None:
        later = houses.now + timedelta(minutes=10)
        houses.read("raum", (0, 22), now=later)
        check(houses, later)
        with houses.connect() as connection:
            assert findings.findings(connection, now=later, open_only=True) == []
            assert len(findings.findings(connection, now=later)) == 1
