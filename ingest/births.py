"""Sparkplug's births and Homie's descriptions between memory and database.

They are written with the batch that told them (`write.store`), so that what was acknowledged is
also remembered.
"""

from __future__ import annotations

from gebaeude.store import births as store
from gebaeude.store.database import Connection
from ingest.formats import homie, sparkplugb
from ingest.formats.sparkplug_nodes import NODES, Births

AGAIN = 10_000_000  # µs; other processes write theirs a little later


class Learnt:
    """How much of what is written some births know."""

    def __init__(self, births: Births) -> None:
        self._births = births
        self._number = self._heard = self._described = 0

    def more(self, connection: Connection) -> None:
        """Learns what was written since the last time. Raises psycopg.Error."""
        born = store.born(connection, self._number)
        states = store.states(connection, self._heard - AGAIN, NODES)
        self._births.learn([one for _, one in born], states)
        described = store.described(connection, self._described - AGAIN)
        homie.learn(described)
        if described:
            self._described = max(self._described, described[-1].heard)
        if born:
            self._number = born[-1][0]
        if states:
            self._heard = max(self._heard, states[-1].heard)


def learn(connection: Connection) -> None:
    """All there is, for a process that only reads what is kept. Raises psycopg.Error."""
    if not sparkplugb.births.listening:
        births = Births(listening=False)
        homie.news()  # what a kept message says counts for nothing here
        Learnt(births).more(connection)
        sparkplugb.births = births
