"""Whether this machine's clock jumps: sessions, codes and links are judged by it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg

from gebaeude.access.person import SYSTEM
from gebaeude.signin import trace
from gebaeude.signin.site import Site

log = logging.getLogger(__name__)

JUMP_S = 30.0  # from here on it is no correction in small steps


class ClockWatch:
    """Looks every few seconds whether the clock has gone as far as time has.

    wall: seconds by the clock that people set. steady: seconds of one that nobody sets.
    """

    def __init__(
        self,
        site: Site,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._site, self._wall, self._steady = site, wall, steady
        self._ahead = wall() - steady()

    def look(self) -> None:
        """Into audit and log, where it has jumped since the last look."""
        ahead = self._wall() - self._steady()
        jumped = ahead - self._ahead
        if abs(jumped) < JUMP_S:
            self._ahead = ahead
            return
        try:
            with self._site.connect(SYSTEM) as connection:
                trace.note(connection, "clock.jumped", "system/web", seconds=round(jumped))
        except psycopg.Error as error:  # away: told when it is back
            log.debug("the jump of the clock is not noted yet: %s", error)
            return
        log.warning("the clock has jumped by %.0f s", jumped)
        self._ahead = ahead
