"""A message that comes again keeps the moment it first came; nothing else does."""

from __future__ import annotations

from gebaeude.store.database import Connection
from gebaeude.store.deliveries import keep, pages
from ingest.ledger import REMEMBERED, Ledger

CLIENT = "test-ledger"
TOPIC, PAYLOAD = b"plain/haus/fuehler/wert", b"21.5"
FIRST, LATER = 1_000_000, 9_000_000  # µs


def test_what_comes_again_keeps_its_moment() -> None:
    ledger = Ledger(CLIENT)
    assert ledger.moment(7, TOPIC, PAYLOAD, False, FIRST) == FIRST
    assert ledger.moment(7, TOPIC, PAYLOAD, True, LATER) == FIRST


def test_what_only_looks_alike_does_not() -> None:
    ledger = Ledger(CLIENT)
    ledger.moment(7, TOPIC, PAYLOAD, False, FIRST)
    assert ledger.moment(8, TOPIC, PAYLOAD, True, LATER) == LATER
    assert ledger.moment(7, TOPIC, b"21.6", True, LATER) == LATER
    assert ledger.moment(7, TOPIC, PAYLOAD, True, LATER + 1) == LATER + 1
    assert ledger.moment(8, TOPIC, PAYLOAD, False, LATER + 2) == LATER + 2


def test_the_next_process_knows_what_was_committed(connection: Connection) -> None:
    ledger = Ledger(CLIENT)
    for number in (1, 0, 2, 3, 4, 5):
        ledger.moment(number, TOPIC, PAYLOAD, False, FIRST + number)
    page = ledger.page(3)
    keep(connection, page)
    keep(connection, page)
    assert ledger.acknowledge(3, LATER) == [1, 2]
    keep(connection, ledger.page(1))
    heir = Ledger(CLIENT)
    heir.load(pages(connection, CLIENT))
    moments = [heir.moment(number, TOPIC, PAYLOAD, True, LATER) for number in range(1, 6)]
    assert moments == [FIRST + 1, FIRST + 2, FIRST + 3, LATER, LATER]


def test_another_session_is_another_matter(connection: Connection) -> None:
    ledger = Ledger(CLIENT)
    ledger.moment(1, TOPIC, PAYLOAD, False, FIRST)
    keep(connection, ledger.page(1))
    stranger = Ledger("somebody-else")
    stranger.load(pages(connection, "somebody-else"))
    assert stranger.moment(1, TOPIC, PAYLOAD, True, LATER) == LATER


def test_it_forgets_what_is_too_old_to_come_again(connection: Connection) -> None:
    ledger, size, count = Ledger(CLIENT), 4096, 12
    for number in range(count):
        ids = range(number * size + 1, (number + 1) * size + 1)
        for one in ids:
            ledger.moment(one, TOPIC, PAYLOAD, False, FIRST)
        keep(connection, ledger.page(size))
        ledger.acknowledge(size, FIRST)
    kept = connection.execute("SELECT min(number), max(number), count(*) FROM delivery").fetchone()
    needed = REMEMBERED // size
    assert kept == (count - needed + 1, count, needed)
    heir = Ledger(CLIENT)
    heir.load(pages(connection, CLIENT))
    assert heir.page(0).number == count + 1


def test_ids_that_begin_anew_are_known_by_their_order(connection: Connection) -> None:
    """RabbitMQ counts from 1 on each connection, and delivers again what it had, in order."""
    ledger = Ledger(CLIENT)
    ledger.reconnected()
    payloads = [b"21.5", b"21.6", b"21.5", b"21.7", b"21.9", b"21.8"]
    for at, payload in enumerate(payloads):
        ledger.moment(at + 1, TOPIC, payload, False, FIRST + at)
    keep(connection, ledger.page(2))
    ledger.acknowledge(2, LATER)
    keep(connection, ledger.page(3))  # the last was never written
    heir = Ledger(CLIENT)
    heir.load(pages(connection, CLIENT))
    ledger.parted()
    for one, known in ((ledger, 6), (heir, 5)):
        one.reconnected()
        moments = [one.moment(at - 1, TOPIC, payloads[at], True, LATER + at) for at in range(2, 6)]
        assert moments == [FIRST + at if at < known else LATER + at for at in range(2, 6)]


def test_ids_that_go_on_are_not_taken_for_new_ones() -> None:
    ledger = Ledger(CLIENT)
    ledger.moment(7, TOPIC, PAYLOAD, False, FIRST)
    ledger.reconnected()
    assert ledger.moment(8, TOPIC, PAYLOAD, True, LATER) == LATER
    assert ledger.moment(7, TOPIC, PAYLOAD, True, LATER + 1) == FIRST


def test_what_comes_again_on_the_same_connection_is_known_by_its_order() -> None:
    """A cluster whose node was away delivers once more, under new ids, as often as it is away."""
    ledger, count, done = Ledger(CLIENT), 100, 60
    ledger.reconnected()
    payloads = [b"%d" % (at % 7) for at in range(count)]
    payloads[98] = b"once"
    for at, payload in enumerate(payloads):
        ledger.moment(at + 1, TOPIC, payload, False, FIRST + at)
    ledger.acknowledge(done, FIRST + count)
    number = count
    for turn in range(3):
        number += 1
        ledger.moment(number, TOPIC, b"new %d" % turn, False, LATER + turn)
        again = [*payloads[done:], *(b"new %d" % one for one in range(turn + 1))]
        moments = []
        for payload in again:
            number += 1
            moments.append(ledger.moment(number, TOPIC, payload, True, 2 * LATER))
        assert max(moments) == LATER + turn
        assert ledger.moment(number + 1, TOPIC, payloads[done], True, 3 * LATER) == 3 * LATER


def test_the_order_of_a_long_connection_is_kept_as_far_back_as_messages_can_come_again() -> None:
    ledger = Ledger(CLIENT)
    ledger.reconnected()
    count = 3 * REMEMBERED
    for at in range(count):
        ledger.moment(at % 65_535 + 1, TOPIC, b"%d" % at, False, FIRST + at)
    ledger.acknowledge(count - REMEMBERED, LATER)
    for at in (count - REMEMBERED, count - REMEMBERED + 1, count - 1):
        assert ledger.moment(9, TOPIC, b"%d" % at, True, LATER + count) == FIRST + at
    assert ledger.moment(9, TOPIC, b"0", True, LATER + count) == LATER + count
