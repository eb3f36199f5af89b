"""The ticket that most of these tests are about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.tickets.steps import check, page_of


@pytest.fixture
def hot(houses: Any) -> str:
    """The number of the ticket for the overheated room, which is Anna Adler's."""
    houses.overheat()
    check(houses)
    return page_of(houses).card.number
