"""Taking part in the share of several ingests, and leaving it, in step with the stream.

At the marker of a generation a session first finishes and acknowledges everything before it, and
says goodbye to the broker, which closes only when it has read all of that. Then the database notes
the new generation, and only then the session goes on. Killed anywhere in between it finds the
marker again, and before it nothing that was not done.
"""

from __future__ import annotations

import logging
import time

from gebaeude.errors import UsageError
from gebaeude.log import Trouble
from gebaeude.store import heartbeat, members
from gebaeude.store.database import Connection
from gebaeude.store.members import Generation
from gebaeude.text import _
from ingest import metrics
from ingest.broker import VOICE
from ingest.share import TOPIC, Share
from ingest.subscriber import Subscriber

log = logging.getLogger(__name__)

REPEAT_S = 10.0  # a marker that did not come is published again


class Membership:
    """One session's place among those that share the messages."""

    def __init__(
        self, client: str, base: str, process: str, *, alone: bool, leaving: bool = False
    ) -> None:
        """`base`: how the client ids of all who share begin. `process`: its name among the signs
        of life. `alone`: takes the place of all others.
        """
        self._client = client
        self._base = base
        self._process = process
        self._alone = alone
        self._leaving = leaving
        self._changed: int | None = None  # the generation with us, or without us if leaving
        self._doubted = 0  # the generation whose order we have warned of
        self._marked = -REPEAT_S  # when we last published a marker
        self._trouble = Trouble(log)

    def load(self, connection: Connection) -> Share:
        """What the session takes at first; before the first message comes."""
        own = members.of_session(connection, self._client, self._base)
        if own is not None:
            return self._share(own)
        if self._leaving:
            raise UsageError(_("Diese Datenannahme gibt es nicht."))
        newest = members.latest(connection, self._base)
        if newest is None:
            newest = members.enter(connection, self._client, self._base, alone=self._alone)
        return self._share(newest)

    def attend(self, connection: Connection, subscriber: Subscriber) -> None:
        """Every now and then: takes part, or leaves, once the broker keeps messages for us."""
        newest = members.latest(connection, self._base)
        self._look_at_order(newest, subscriber.share)
        if not subscriber.subscribed:
            return
        if newest is not None and self._changed is None:
            newest = self._change(connection)
            self._changed = newest.number
        if newest is None or newest.number <= subscriber.share.generation:
            if subscriber.share.is_nothing and not self._leaving:
                self._trouble.say("no share", "another ingest has taken over; start again to join")
            return
        now = time.monotonic()
        if now - self._marked >= REPEAT_S:
            self._marked = now
            subscriber.mark(newest.number)
            text = f"generation {newest.number} does not come; may we publish {TOPIC}?"
            self._trouble.say("asked for a marker", text, logging.INFO)

    def cross(self, connection: Connection, subscriber: Subscriber) -> None:
        """At a marker, with everything before it written and acknowledged: beyond it."""
        number = subscriber.marker
        if not subscriber.part():
            return  # it may be that not all is acknowledged; the marker comes again
        begins = members.generation(connection, number, self._base)
        if begins is None:
            subscriber.unknown_marker = number
            self._trouble.say("unknown marker", f"nobody has made a generation {number}")
            return
        members.go_by(connection, self._client, number)
        subscriber.follow(self._share(begins))
        log.info("generation %d: %s", number, ", ".join(begins.members))

    def is_over(self, share: Share) -> bool:
        """Whether we were to leave, and have come to where others take over."""
        return self._leaving and self._changed is not None and share.generation >= self._changed

    def end(self, connection: Connection, subscriber: Subscriber) -> bool:
        """Ends the session at the broker, and forgets it; whether the broker was there."""
        if not subscriber.end():
            self._trouble.say("cannot end the session", "the broker is away")
            return False
        members.forget(connection, self._client)
        heartbeat.forget(connection, self._process)
        log.info("left for good; nothing waits in the session any more")
        return True

    def _look_at_order(self, newest: Generation | None, share: Share) -> None:
        """Only a broker that delivers to all in one order lets several share; Mosquitto does."""
        sharing = max(len(share.members), 0 if newest is None else len(newest.members))
        is_doubtful = sharing > 1 and VOICE.is_missing
        metrics.ORDER_DOUBTFUL.set(is_doubtful)
        number = share.generation if newest is None else newest.number
        if is_doubtful and self._doubted != number:
            self._doubted = number
            log.warning(
                "%d ingests share the messages of a broker that says nothing of itself on $SYS, so "
                "it may not be Mosquitto: RabbitMQ delivers to each in an order of its own, and "
                "messages are lost and doubled whenever an ingest joins or leaves. Use one ingest "
                "there (docs/decisions/0013)",
                sharing,
            )

    def _change(self, connection: Connection) -> Generation:
        if not self._leaving:
            return members.enter(connection, self._client, self._base, alone=self._alone)
        newest = members.leave(connection, self._client, self._base)
        if newest is None:
            raise UsageError(_("Das ist die einzige Datenannahme; ohne sie käme nichts mehr an."))
        return newest

    def _share(self, of: Generation) -> Share:
        return Share(self._client, of.number, of.members)
