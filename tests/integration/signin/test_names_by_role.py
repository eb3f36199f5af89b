"""Over the web: readers see „Technik“, those who work with the team see names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gebaeude.access.roles import Role
from gebaeude.maintenance.tickets import number
from gebaeude.store.database import Connection


@pytest.fixture
def ticket(db: Connection) -> tuple[str, str]:
    """(number, technician's name) of a ticket in Kalletal that somebody has begun."""
    now = datetime.now(UTC)
    made, name = db.execute(
        "WITH new AS (INSERT INTO ticket (building_id, title, task, priority, skill, technician_id,"
        " opened_at) SELECT b.id, 'Kessel', '', 'low', 'heating', t.id, %s FROM building b"
        " JOIN site s ON s.id = b.site_id JOIN municipality m ON m.id = s.municipality_id"
        " CROSS JOIN technician t WHERE m.key = 'kalletal' ORDER BY b.id, t.id LIMIT 1"
        " RETURNING id, technician_id)"
        " SELECT new.id, t.name FROM new JOIN technician t ON t.id = new.technician_id",
        [now],
    ).fetchone()
    db.execute(
        "INSERT INTO ticket_event (ticket_id, at, actor, kind, state)"
        " VALUES (%s, %s, %s, 'state', 'in_progress')",
        [made, now, name],
    )
    return number(made, now), name


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.READER, False), (Role.TREASURER, False), (Role.TECHNICIAN, True)]
)
def test_names_are_for_those_who_need_them(
    browser: Callable[..., Any],
    somebody: Callable[..., Any],
    ticket: tuple[str, str],
    role: Role,
    sees: bool,
) -> None:
    here = browser()
    here.sign_in(somebody(kalletal=role))
    answers = [here.get(f"/api/v1/tickets/{ticket[0]}"), here.get("/api/v1/tickets")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [ticket[1] in answer.text for answer in answers] == [sees, sees]
    assert ["Technik" in answer.text for answer in answers] == [not sees, not sees]
