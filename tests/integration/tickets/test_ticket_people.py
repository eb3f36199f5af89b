"""What people do with a ticket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gebaeude.errors import Conflict, GebaeudeError, NotFound, UsageError
from gebaeude.model import TicketState as S
from gebaeude.reports import board as reports
from gebaeude.store import tickets
from tests.integration.tickets.steps import do, page_of


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
