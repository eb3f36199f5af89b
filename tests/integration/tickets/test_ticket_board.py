"""The board of tickets, and the list of findings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gebaeude.reports import board as reports
from gebaeude.store import findings, tickets
from tests.integration.tickets.steps import check, do


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
