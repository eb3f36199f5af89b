"""A round of the limits, and what people do with its tickets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gebaeude.log import Trouble
from gebaeude.reports import board as reports
from gebaeude.worker import limits


def check(houses: Any, now: datetime | None = None) -> None:
    with houses.connect() as connection:
        limits.check(connection, now or houses.now, Trouble(logging.getLogger("test")))


def page_of(houses: Any, now: datetime | None = None) -> reports.Ticket:
    with houses.connect() as connection:
        found = reports.board(connection, now or houses.now)
        [card] = [card for column in found.columns for card in column.cards]
        return reports.ticket(connection, card.number, now or houses.now)


def do(houses: Any, action: Callable[..., None], number: str, **arguments: Any) -> None:
    with houses.connect() as connection:
        action(connection, number, now=arguments.pop("now", houses.now), **arguments)
