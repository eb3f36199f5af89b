"""What becomes of a ticket when the readings are good again, and when they are not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gebaeude.maintenance.tickets import due_on
from gebaeude.model import TicketState as S
from gebaeude.store import tickets
from tests.integration.tickets.steps import check, do, page_of


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

    def test_what_comes_back_has_no_more_time_than_its_priority(
        self, houses: Any, hot: str
    ) -> None:
        cool, again = houses.now + timedelta(hours=1), houses.now + timedelta(hours=3)
        with houses.connect() as connection:
            connection.execute("UPDATE ticket SET priority = 'high'")
        houses.read("raum", (0, 22), now=cool)
        check(houses, cool)
        houses.overheat(again)
        check(houses, again)
        assert page_of(houses, again).card.due_on == due_on("high", again)

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
