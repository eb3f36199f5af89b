"""The subscriber against a socket that says what a well-behaved broker would never say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.publish import packet, text
from gebaeude.errors import ServiceMissing
from gebaeude.model import Message
from ingest import patience
from ingest import subscriber as module
from ingest.patience import Pause, Silence
from ingest.subscriber import Subscriber

CONNECT, SUBSCRIBE, PUBACK, PINGREQ, DISCONNECT = 0x10, 0x82, 0x40, 0xC0, 0xE0
ACCEPTED = b"\x20\x02\x00\x00"


class Wire:
    """The broker's end of the next connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(5)
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connection: socket.socket | None = None

    def accept(self, answer: bytes = ACCEPTED) -> bytes:
        """Takes a connection and answers its CONNECT, whose body it returns."""
        self.drop()
        self._connection, _ = self._listener.accept()
        self._connection.settimeout(5)
        head, body = self.read()
        assert head == CONNECT
        self.send(answer)
        return body

    def read(self) -> tuple[int, bytes]:
        """The next packet: its first byte and its body."""
        head, length = self._exactly(2)
        return head, self._exactly(length)

    def send(self, data: bytes) -> None:
        assert self._connection is not None
        self._connection.sendall(data)

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        self.drop()
        self._listener.close()

    def _exactly(self, size: int) -> bytes:
        assert self._connection is not None
        data = b""
        while len(data) < size:
            piece = self._connection.recv(size - len(data))
            assert piece, "the subscriber has broken off"
            data += piece
        return data


@pytest.fixture
def wire() -> Iterator[Wire]:
    one = Wire()
    yield one
    one.close()


@pytest.fixture
def subscriber(wire: Wire) -> Iterator[Subscriber]:
    one = Subscriber(wire.url, "ingest")
    yield one
    one.close(0.1)


def welcome(wire: Wire, subscriber: Subscriber, answer: bytes = ACCEPTED) -> bytes:
    """Both ends of a connection until the subscription; returns the body of CONNECT."""
    bodies: list[bytes] = []
    broker = threading.Thread(target=lambda: bodies.append(wire.accept(answer)))
    broker.start()
    while broker.is_alive():
        subscriber.breathe(0.05)
    broker.join()
    while not subscriber.connected:
        subscriber.breathe(0.05)
    assert wire.read() == (SUBSCRIBE, b"\x00" + b"%c" % _last(subscriber) + text(b"#") + b"\x01")
    return bodies[0]


def _last(subscriber: Subscriber) -> int:
    return int(subscriber._client._last_mid)


def publish(topic: bytes, payload: bytes, number: int = 0, retained: bool = False) -> bytes:
    head = (0x32 if number else 0x30) | retained
    return packet(head, text(topic) + (number.to_bytes(2) if number else b"") + payload)


def _packets() -> st.SearchStrategy[bytes]:
    """Packets of the right frame and any content."""
    return st.builds(packet, st.integers(0, 255), st.binary(max_size=30))


def collect(subscriber: Subscriber, count: int) -> list[Message]:
    """The next `count` messages; the subscriber must not have more."""
    found: list[Message] = []
    for _ in range(200):
        found += subscriber.collect(1000, 0.05)
        if len(found) >= count:
            break
    assert len(found) == count
    return found


def acknowledged(wire: Wire) -> int:
    head, body = wire.read()
    assert head == PUBACK
    return int.from_bytes(body)


def test_it_asks_for_a_session_that_lasts(wire: Wire, subscriber: Subscriber) -> None:
    body = welcome(wire, subscriber)
    assert body == text(b"MQTT") + b"\x04\x00" + (30).to_bytes(2) + text(b"ingest")


def test_its_ids_begin_anew_on_each_connection(wire: Wire, subscriber: Subscriber) -> None:
    for _ in range(3):
        welcome(wire, subscriber)
        assert _last(subscriber) == 1
        wire.drop()
        while subscriber.connected:
            subscriber.breathe(0.05)


def test_topics_and_payloads_are_bytes_and_may_be_anything(
    wire: Wire, subscriber: Subscriber
) -> None:
    welcome(wire, subscriber)
    wire.send(publish(b"senml/\xff\xfe", b"\xff", 1) + publish(b"", b"", 2, retained=True))
    first, second = collect(subscriber, 2)
    assert (first.topic, first.payload, first.retained) == (b"senml/\xff\xfe", b"\xff", False)
    assert (second.topic, second.payload, second.retained) == (b"", b"", True)
    assert second.received > first.received


def test_packets_may_come_byte_by_byte(wire: Wire, subscriber: Subscriber) -> None:
    welcome(wire, subscriber)
    found = []
    for byte in publish(b"senml/x", b"y" * 200, 1):
        wire.send(bytes([byte]))
        found += subscriber.collect(1, 0.001)
    found = found or collect(subscriber, 1)
    assert [message.payload for message in found] == [b"y" * 200]


def test_a_large_payload_arrives_whole(wire: Wire, subscriber: Subscriber) -> None:
    welcome(wire, subscriber)
    payload = bytes(range(256)) * 8192
    sender = threading.Thread(target=wire.send, args=(publish(b"senml/x", payload, 1),))
    sender.start()
    assert collect(subscriber, 1)[0].payload == payload
    sender.join()


def test_acknowledgements_go_out_in_order_and_only_when_told(
    wire: Wire, subscriber: Subscriber
) -> None:
    welcome(wire, subscriber)
    wire.send(b"".join(publish(b"a", b"", number) for number in (7, 3, 65535)))
    wire.send(publish(b"a", b"quality 0") + publish(b"a", b"", 12))
    collect(subscriber, 5)
    subscriber.acknowledge(2)
    subscriber.acknowledge(2)
    subscriber.acknowledge(1)
    assert [acknowledged(wire) for _ in range(4)] == [7, 3, 65535, 12]


def test_no_acknowledgement_outlives_its_connection(wire: Wire, subscriber: Subscriber) -> None:
    welcome(wire, subscriber)
    wire.send(publish(b"a", b"old", 1) + publish(b"a", b"old", 2))
    collect(subscriber, 2)
    wire.drop()
    while subscriber.connected:
        subscriber.breathe(0.05)
    welcome(wire, subscriber)
    wire.send(publish(b"a", b"stranger", 1) + publish(b"a", b"stranger", 5))
    collect(subscriber, 2)
    subscriber.acknowledge(2)  # the old ones
    subscriber.acknowledge(2)
    assert [acknowledged(wire) for _ in range(2)] == [1, 5]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x32\x03\x00\x09a",  # a topic longer than its packet
        b"\x32\x01\x00",
        b"\x34\x05\x00\x01a\x00\x01",  # quality 2, which nobody subscribed to
        b"\x32\xff\xff\xff\xff\x01",  # a length of more than four bytes
        b"\x00\x00",
        b"\xf0\x00",
    ],
)
def test_nonsense_ends_the_connection_and_not_the_subscriber(
    wire: Wire, subscriber: Subscriber, nonsense: bytes
) -> None:
    welcome(wire, subscriber)
    wire.send(nonsense)
    while subscriber.connected:
        subscriber.breathe(0.05)
    welcome(wire, subscriber)
    wire.send(publish(b"a", b"again", 1))
    assert collect(subscriber, 1)[0].payload == b"again"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), _packets()), max_size=5))
def test_any_bytes_end_the_connection_at_most(pieces: list[bytes]) -> None:
    wire = Wire()
    subscriber = Subscriber(wire.url, "ingest")
    welcome(wire, subscriber)
    wire.send(b"".join(pieces))
    for _ in range(5):
        subscriber.collect(100, 0.001)
    wire.drop()
    while subscriber.connected:
        subscriber.breathe(0.05)
    welcome(wire, subscriber)
    wire.send(publish(b"a", b"again", 1))
    assert collect(subscriber, 1)[0].payload == b"again"
    subscriber.close(0.1)
    wire.close()


@pytest.mark.parametrize("code", [4, 5])
def test_being_turned_away_from_the_start_ends_it(
    wire: Wire, subscriber: Subscriber, code: int
) -> None:
    with pytest.raises(ServiceMissing, match="Broker"):
        welcome(wire, subscriber, bytes([0x20, 2, 0, code]))


def test_being_turned_away_later_is_waited_for(wire: Wire, subscriber: Subscriber) -> None:
    welcome(wire, subscriber)
    broker = threading.Thread(target=wire.accept, args=(bytes([0x20, 2, 0, 5]),))
    wire.drop()
    broker.start()
    while broker.is_alive():
        subscriber.breathe(0.05)
    broker.join()
    welcome(wire, subscriber)


def test_a_refused_subscription_is_tried_again(wire: Wire, subscriber: Subscriber) -> None:
    welcome(wire, subscriber)
    wire.send(b"\x90\x03\x00" + b"%c" % _last(subscriber) + b"\x80")
    while subscriber.connected:
        subscriber.breathe(0.05)
    welcome(wire, subscriber)


def test_nobody_there_is_tried_again_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    lonely = Subscriber(f"mqtt://127.0.0.1:{port}", "ingest")
    for _ in range(5):
        assert lonely.collect(10, 0.01) == []
    assert not lonely.connected
    pauses = []
    pause = Pause()
    monkeypatch.setattr(patience.random, "uniform", lambda low, high: high)
    for _ in range(20):
        pause.prolong()
        pauses.append(round(pause.left(), 1))
    assert pauses[:4] == [0.1, 0.2, 0.4, 0.8]
    assert max(pauses) == pauses[-1] == 30.0


def test_silence_is_looked_into_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: clock[0])
    silence, asked = Silence(), []
    for clock[0] in range(20_000):
        if silence.is_suspicious():
            asked.append(clock[0])
    assert asked == [60, 180, 420, 900, 1860, 3780, 7380, 10_980, 14_580, 18_180]
    silence.end()
    clock[0] += 60
    assert silence.is_suspicious()


def test_too_much_that_waits_is_left_to_the_broker(
    wire: Wire, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING_BYTES", 100_000)
    welcome(wire, subscriber)
    many = b"".join(publish(b"a", bytes(10_000), number) for number in range(1, 101))
    sender = threading.Thread(target=wire.send, args=(many,))
    sender.start()
    for _ in range(20):
        subscriber.breathe(0.01)
    waiting = len(subscriber._waiting)
    assert 10 <= waiting <= 11
    found = 0
    while found < 100:
        found += len(subscriber.collect(5, 0.1))
    sender.join()
    assert found == 100


def test_large_messages_are_handed_over_a_few_at_a_time(
    wire: Wire, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COLLECTED_BYTES", 25_000)
    welcome(wire, subscriber)
    wire.send(b"".join(publish(b"a", bytes(10_000), number) for number in range(1, 8)))
    counts: list[int] = []
    while sum(counts) < 7:
        counts.append(len(subscriber.collect(100, 0.1)))
    assert max(counts) == 3
    subscriber.acknowledge(7)
    assert [acknowledged(wire) for _ in range(7)] == list(range(1, 8))
