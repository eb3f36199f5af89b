"""Messages from the broker, in order, each acknowledged only when we say so. All MQTT is in here.

The loop is driven by hand in the caller's thread: `collect` reads, `acknowledge` writes, and
nothing happens in between. The session outlives the connection and the process, so what was not
acknowledged comes again.
"""

from __future__ import annotations

import logging
import math
import time
from array import array
from collections import deque
from pathlib import Path
from typing import Any

from paho.mqtt.client import ConnectFlags
from paho.mqtt.reasoncodes import ReasonCode

from gebaeude.errors import ServiceMissing
from gebaeude.log import Trouble
from gebaeude.model import Message
from gebaeude.mqtt import Place, address
from gebaeude.store.deliveries import Page
from gebaeude.text import _
from ingest.client import Client
from ingest.ledger import Ledger
from ingest.patience import Pause, Silence
from ingest.share import MARKER, TOPIC, Share, generation_of, marker

log = logging.getLogger(__name__)

EVERYTHING = "#"
KEEPALIVE_S = 30
CONNECT_TIMEOUT_S = 5.0
STABLE_S = 10.0  # a connection that lasted this long was no failure
QUIET_S = 1.0  # what comes after it was not sent together with what came before
READ_AT_ONCE = 500  # messages; then it is somebody else's turn
COLLECTED_BYTES = 1_000_000  # handed over at once, and one message more
MOST_WAITING_BYTES = 16_000_000
_OVERHEAD = 400  # bytes of memory that a message takes beside its payload, about
_UNWELCOME = ("Bad user name or password", "Not authorized")


class Subscriber:
    """One persistent session at one broker."""

    def __init__(self, url: str, client_id: str, ca_file: Path | None = None) -> None:
        """`url`: as gebaeude.mqtt says. Connects at the first `collect`."""
        self._client = client = Client(client_id, self._receive)
        broker = address(url)
        self._places = broker.places
        self._turn = 0  # of these places, the one we are at or try next
        self._failures = 0  # since a connection lasted
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.is_encrypted:
            client.tls_set(None if ca_file is None else str(ca_file))
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        self._waiting: deque[Message] = deque()
        self._waiting_bytes = 0
        self.follow(Share(client_id, 0, (client_id,)))
        self.marker = 0  # the generation that begins here: nothing behind it is read yet
        self.unknown_marker = 0  # a generation that nobody has made; such markers are passed over
        self._others = array("H")  # ids of messages that are not ours, to be acknowledged
        self._subscribed = False
        self.ledger = Ledger(client_id)
        self._clock = 0  # µs
        self._quiet_since = math.inf  # nothing has come since then
        self._silence = Silence()
        self._pause = Pause()
        self._trouble = Trouble(log)
        self._unwelcome = ""
        self._was_welcome = False
        self._connected_at: float | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and the connection stands."""
        return self._connected_at is not None

    @property
    def subscribed(self) -> bool:
        """Whether the broker has confirmed on this connection that it keeps messages for us."""
        return self._subscribed

    def collect(self, room: int, wait_s: float) -> list[Message]:
        """Up to `room` messages in the order received; waits up to `wait_s` seconds for the first.

        Raises ServiceMissing when the broker turns us away from the start.
        """
        if not self._waiting:
            self.breathe(wait_s)
        taken: list[Message] = []
        size = 0
        while self._waiting and len(taken) < room and size < COLLECTED_BYTES:
            message = self._waiting.popleft()
            taken.append(message)
            size += _size(message)
        self._waiting_bytes -= size
        return taken

    def breathe(self, wait_s: float) -> None:
        """Keeps the connection alive for up to `wait_s` seconds, or until something has come.

        Messages wait for `collect`. When too much waits nothing more is read: the broker keeps
        it, breaks the connection off if that lasts, and delivers again what we had not
        acknowledged. Raises as `collect`.
        """
        client = self._client
        if not client.is_open and not self._connect(wait_s):
            return
        if self._is_full():
            time.sleep(wait_s)
            return
        try:
            self._exchange(wait_s)
        except Exception as error:
            # Whatever it was, it is over with this connection.
            self._trouble.say("connection to the broker broken off", repr(error), logging.ERROR)
            client.break_off()
        if self._unwelcome:
            text = _("Der MQTT-Broker weist uns ab: {reason}")
            raise ServiceMissing(text.format(reason=self._unwelcome))

    def page(self, count: int) -> Page:
        """What to write with the oldest `count` messages, so that they are known again."""
        return self.ledger.page(count)

    def acknowledge(self, count: int) -> None:
        """Acknowledges the oldest `count` messages that `collect` returned."""
        ids = self.ledger.acknowledge(count, self._clock)
        if ids and self.connected:
            self._client.acknowledge(ids)

    def send(self, topic: str, payload: bytes) -> None:
        """Publishes a command, at most once, and not at all while there is no connection."""
        if self.connected:
            self._client.publish(topic, payload)

    def close(self, patience_s: float = 5.0) -> None:
        """Sends what is to be sent, and leaves; the broker keeps the session."""
        self.part(patience_s)

    def part(self, patience_s: float = 5.0) -> bool:
        """As `close`, until the next `collect`; whether the broker has surely had everything."""
        self._client.on_disconnect = None
        heard = self._client.leave(patience_s)
        self._client.on_disconnect = self._on_disconnect
        self._connected_at, self._subscribed = None, False
        self.ledger.parted()
        self.marker = 0
        return heard

    def follow(self, share: Share) -> None:
        """What is ours from now on."""
        self.share = share
        self._has_others = not share.is_all

    def mark(self, generation: int) -> None:
        """Publishes the marker at which a generation begins, for all who share the messages."""
        self._client.publish(TOPIC, marker(generation), qos=1)

    def end(self, patience_s: float = 5.0) -> bool:
        """Ends the session for good, and what waits in it; whether the broker was there."""
        self.part(patience_s)
        self._client.on_connect = self._client.on_disconnect = None
        return self._client.end(*self._place, patience_s)

    def _exchange(self, wait_s: float) -> None:
        client = self._client
        if client.wait(wait_s):
            self._quiet_since = math.inf
            self._clock = begun = max(self._clock, time.time_ns() // 1000)
            enough = len(self._waiting) + READ_AT_ONCE
            client.read_available(lambda: len(self._waiting) >= enough or self._is_full())
            if self._clock > begun:
                self._silence.end()
        else:
            self._note_quiet(time.monotonic())
        if self._others:
            client.acknowledge(self._others)
            del self._others[:]
        if client.want_write():
            client.loop_write()
        client.loop_misc()
        if self._subscribed and len(self._places) > 1 and self._silence.is_suspicious():
            # A cluster whose node was away may keep messages and send them to nobody, which looks
            # like peace from here. Another connection gets them, and costs nothing.
            log.info("nothing came for a while; connecting again at the next place")
            self.part()
            self._turn = (self._turn + 1) % len(self._places)

    def _note_quiet(self, now: float) -> None:
        self._quiet_since = min(self._quiet_since, now)
        if now - self._quiet_since > QUIET_S:
            self.ledger.quiet()

    def _receive(
        self, topic: bytes, payload: bytes, retained: bool, number: int, again: bool
    ) -> None:
        if (self._has_others or topic == MARKER) and not self._is_ours(topic, payload, number):
            return
        # No two messages at the same moment: what has no time of its own gets this one.
        self._clock += 1
        moment = self.ledger.moment(number, topic, payload, again, self._clock)
        message = Message(topic, payload, moment, retained)
        self._waiting.append(message)
        self._waiting_bytes += _size(message)

    def _is_ours(self, topic: bytes, payload: bytes, number: int) -> bool:
        if self.marker:
            return False  # read by mistake, from behind the marker; it comes again
        if topic == MARKER:
            begins = generation_of(payload)
            if number and begins > self.share.generation and begins != self.unknown_marker:
                self.marker = begins  # not acknowledged: it is to come again when we have crossed
                return False
        elif self.share.takes(topic):
            return True
        if number:
            self._others.append(number)
        return False

    def _is_full(self) -> bool:
        return self._waiting_bytes >= MOST_WAITING_BYTES or self.marker > 0

    @property
    def _place(self) -> Place:
        return self._places[self._turn]

    def _move_on(self) -> None:
        """To the next place, at once; when all had their turn, after a pause."""
        self._turn = (self._turn + 1) % len(self._places)
        self._failures += 1
        if self._failures % len(self._places) == 0:
            self._pause.prolong()

    def _connect(self, wait_s: float) -> bool:
        if (left := self._pause.left()) > 0:
            time.sleep(min(left, wait_s))
            return False
        try:
            self._client.connect(*self._place, KEEPALIVE_S)
        except OSError as error:
            self._move_on()
            self._trouble.say("no connection to the broker", str(error))
            return False
        return True

    def _on_connect(
        self, client: Any, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Any
    ) -> None:
        if reason.is_failure:
            self._trouble.say("the broker turns us away", str(reason))
            if not self._was_welcome and str(reason) in _UNWELCOME:
                self._unwelcome = str(reason)
            return
        self._connected_at = time.monotonic()
        self._was_welcome = True
        self.ledger.reconnected()
        self._silence.begin()
        known = "known" if flags.session_present else "new"
        log.info("connected to the broker %s:%d, session %s", *self._place, known)
        # Also in a known session: it may have been made by a process that came no further.
        client.subscribe(EVERYTHING, 1)

    def _on_subscribe(
        self, client: Any, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._trouble.say("the broker refuses the subscription", str(reasons[0]))
            client.disconnect()
        else:
            self._subscribed = True

    def _on_disconnect(
        self, client: Any, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        stood_since, self._connected_at = self._connected_at, None
        self._subscribed = False
        self.marker = 0
        del self._others[:]
        if stood_since is not None and time.monotonic() - stood_since > STABLE_S:
            self._pause.reset()
            self._failures = 0
        self._move_on()
        self.ledger.parted()
        self._trouble.say("connection to the broker ended", str(reason))


def _size(message: Message) -> int:
    return len(message.payload) + len(message.topic) + _OVERHEAD
