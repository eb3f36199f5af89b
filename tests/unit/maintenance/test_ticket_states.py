"""Which state follows which, and the number of a ticket."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gebaeude.errors import Conflict, NotFound
from gebaeude.maintenance.tickets import (
    ACTIONS,
    ACTIVE,
    CLOSED,
    TRANSITIONS,
    Action,
    allowed,
    follow,
    number,
    ticket_id,
)
from gebaeude.model import TicketState as S

actions = st.sampled_from(list(Action))


def test_the_usual_way() -> None:
    state = S.OPEN
    for action, expected in [(Action.TAKE, S.ACCEPTED), (Action.START, S.IN_PROGRESS),
                             (Action.FINISH, S.DONE), (Action.REOPEN, S.OPEN)]:  # fmt: skip
        state = follow(state, action, number="A-2026-0001")
        assert state is expected


def test_what_nobody_took_cannot_be_finished() -> None:
    with pytest.raises(Conflict, match="A-2026-0001 muss zuerst jemand annehmen"):
        follow(S.OPEN, Action.FINISH, number="A-2026-0001")


def test_taking_what_is_taken_names_who_has_it() -> None:
    with pytest.raises(Conflict, match="hat Maria Beispiel schon angenommen"):
        follow(S.ACCEPTED, Action.TAKE, number="A-2026-0001", technician="Maria Beispiel")


def test_reopening_what_is_open_says_so() -> None:
    with pytest.raises(Conflict, match="nicht abgeschlossen"):
        follow(S.OPEN, Action.REOPEN, number="A-2026-0001")


@given(st.lists(actions, max_size=30))
def test_any_series_of_actions_ends_in_a_known_state(series: list[Action]) -> None:
    state = S.OPEN
    for action in series:
        if action in allowed(state):
            state = follow(state, action, number="A-2026-0001")
        else:
            with pytest.raises(Conflict):
                follow(state, action, number="A-2026-0001")
        assert state in S
        assert (state in ACTIVE) != (state in CLOSED)


def test_every_state_can_be_left_and_every_action_has_its_name() -> None:
    assert set(TRANSITIONS) == set(S)
    assert all(TRANSITIONS.values())
    assert set(ACTIONS) == set(Action)


@given(st.integers(1, 10**17), st.datetimes(datetime(2000, 1, 1), datetime(9000, 1, 1)))  # noqa: DTZ001
def test_the_number_leads_back(of: int, opened: datetime) -> None:
    assert ticket_id(number(of, opened.replace(tzinfo=UTC))) == of


def test_the_number_carries_the_local_year() -> None:
    assert number(42, datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == "A-2026-0042"
    assert number(42, datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == "A-2027-0042"
    assert ticket_id(" a-2026-0042 ") == 42


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "A-2026-",
        "A-26-0042",
        "A-2026-042; DROP",
        "A-2026-" + "9" * 30,
        "A-２０２６-００４２",
    ],
)
def test_what_is_no_number_is_not_found(text: str) -> None:
    with pytest.raises(NotFound, match="gibt es nicht"):
        ticket_id(text)
