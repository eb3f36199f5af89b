"""The worker's own clock: what happens every second, and its sign of life.

The round over the limits is no job of the queue. It runs every second and makes up for any that
was missed, so that a row for each, written and deleted 86,400 times a day, would keep nothing. It
has a thread and a connection of its own, and so waits for no job. Rounds cannot pile up: the next
begins after the one before.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

import psycopg

from gebaeude.store import heartbeat, mail
from gebaeude.store.database import Connection, connect
from gebaeude.worker import jobs, limits, metrics
from gebaeude.worker.context import Context
from gebaeude.worker.quarantine import Growth

PROCESS = "worker"
EVERY_S = 1.0


class Clock:
    """Runs rounds until the context's `stop` is set."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection: Connection | None = None
        self._next_beat = 0.0
        self._asked = False
        self._rounds = 0
        self._quarantine = Growth(context.settings)

    def run(self) -> None:
        """Until told to stop; a round that fails is said, and the next one tries again."""
        while not self._context.stop.is_set():
            began = time.monotonic()
            try:
                self._round(self._open())
            except psycopg.Error as error:
                self._lost(f"{type(error).__name__}: {' '.join(str(error).split())}")
            except Exception as error:
                text = f"{type(error).__name__}: {error}"
                self._context.trouble.say("a round over the limits", text, logging.ERROR)
            self._context.stop.wait(max(0.0, EVERY_S - (time.monotonic() - began)))
        self._close()

    def _round(self, connection: Connection) -> None:
        began, now = time.monotonic(), datetime.now(UTC)
        if not self._asked:
            for name in jobs.AT_START:
                jobs.ask_for(connection, name)
            self._asked = True
        limits.check(connection, now, self._context.trouble)
        metrics.ROUNDS.observe(time.monotonic() - began)
        metrics.LAST_ROUND.set(now.timestamp())
        metrics.DATABASE.set(1)
        self._rounds += 1
        if self._context.settings.smtp_url and mail.is_due(connection, now):
            jobs.ask_for(connection, "mails")
        self._beat(connection, time.monotonic() - began)

    def _beat(self, connection: Connection, took_s: float) -> None:
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + heartbeat.EVERY_S
        if self._quarantine.is_news(connection):
            jobs.ask_for(connection, "quarantine")
        waiting = mail.waiting(connection)
        metrics.MAILS_WAITING.set(waiting.waiting)
        detail = {
            "rounds": self._rounds,
            "last_round_ms": round(took_s * 1000, 1),
            "mails_waiting": waiting.waiting,
            "mails_given_up": waiting.given_up,
        }
        heartbeat.beat(connection, PROCESS, detail)

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = connect(
                self._context.database, name="gebaeude-worker", autocommit=True
            )
        return self._connection

    def _lost(self, text: str) -> None:
        metrics.DATABASE.set(0)
        self._context.trouble.say("the database is away", text)
        self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
