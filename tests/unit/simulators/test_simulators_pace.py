"""History goes as fast as it is taken: a broker and a taker on a clock of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import pytest

from simulators.pace import FIRST, SLOWEST, Pace

REPORTS_EVERY = 5.0  # s, sys_interval of the brokers that come with the system
RETAINED = 57


@dataclass
class Simulated:
    """Time that passes only when somebody waits."""

    now: float = 0.0
    queue: float = 0.0
    sent: int = 0
    longest: list[float] = field(default_factory=list)  # s a new message would have waited

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False

    def is_set(self) -> bool:
        return False


def _run(
    taken_per_s: Callable[[float], float], seconds: float, *, reports: bool = True
) -> Simulated:
    time = Simulated()
    pace = Pace(time)
    if reports:
        pace.stored(str(RETAINED).encode())  # comes with the subscription
        pace.received(b"0")
    last = reported = 0.0
    told = 0
    while time.now < seconds:
        assert pace.wait(time)  # type: ignore[arg-type]
        time.now += 0.00002
        time.sent += 1
        rate = taken_per_s(time.now)
        time.queue = max(0.0, time.queue + 1 - rate * (time.now - last))
        last = time.now
        time.longest.append(time.queue / rate if rate else 0.0)
        if reports and time.now - reported >= REPORTS_EVERY:
            reported = time.now
            if int(time.queue) != told:  # only what has changed
                told = int(time.queue)
                pace.stored(str(told + RETAINED).encode())
            pace.received(str(time.sent).encode())
    return time


@pytest.mark.parametrize("rate", [300.0, 800.0, 2_000.0])
def test_it_keeps_a_taker_busy_without_a_long_queue(rate: float) -> None:
    done = _run(lambda _now: rate, 120)
    assert done.sent / done.now > 0.8 * rate
    waits = sorted(done.longest)
    assert waits[len(waits) // 2] < 2.0
    assert waits[-1] < 6.0


def test_it_waits_for_a_taker_that_is_away() -> None:
    done = _run(lambda now: 0.0 if now < 60 else 1_000.0, 61)
    assert done.sent < FIRST * 2 * REPORTS_EVERY + 60 * SLOWEST + 1_500
    back = _run(lambda now: 0.0 if now < 60 else 1_000.0, 120)
    assert back.sent - done.sent > 0.6 * 1_000 * 59


def test_a_broker_that_tells_nothing_gets_a_steady_rate() -> None:
    done = _run(lambda _now: 10_000.0, 20, reports=False)
    assert done.sent / done.now == pytest.approx(FIRST, rel=0.02)


def test_what_is_no_number_changes_nothing() -> None:
    pace = Pace(Simulated())
    for payload in (b"", b"12 messages", b"-3", b"\xff"):
        pace.stored(payload)
        pace.received(payload)
    assert pace.rate == FIRST


def test_without_a_queue_it_grows_faster() -> None:
    done = _run(lambda _now: 50_000.0, 40)
    assert done.sent / done.now > 2 * FIRST


def test_it_stops_at_once() -> None:
    stop = Event()
    stop.set()
    assert not Pace().wait(stop)
