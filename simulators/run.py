"""The simulation as a process: live messages on time, and behind them history as fast as it may.

`live` and `history` are the same messages without a broker, for tests and benches.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread

from gebaeude.errors import UsageError
from gebaeude.portfolio.records import Portfolio
from gebaeude.text import _
from simulators import devices, schedule
from simulators.faults import parse
from simulators.logger import Logger
from simulators.pace import RECEIVED, STORED, Pace
from simulators.publish import Publisher
from simulators.senml import Encoded
from simulators.source import Source
from simulators.stock import houses, stock
from simulators.troubles import Troubles
from simulators.world import DAY, EPOCH, World

WIDEST_WINDOW = 1_800  # s made ahead when the clock runs fast
GREETING_SECONDS = 1.0  # at most, until the broker has what every device said first

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fleet:
    """Everything that speaks."""

    sources: Sequence[Source]
    loggers: Sequence[Logger]


@dataclass(frozen=True)
class Clock:
    """A clock that showed `begin` when it was `now`, and runs `speed` times as fast until then."""

    begin: int  # s since 1970
    now: int
    speed: float

    def due(self, at: int) -> float:
        """When it shows `at`: never before it really is."""
        return max(self.now + (at - self.begin) / self.speed, at)


def fleet(portfolio: Portfolio, seed: int, now: int, faults: Sequence[str] = ()) -> Fleet:
    """The devices of a portfolio, with faults relative to `now` [s]. Raises UsageError."""
    troubles = Troubles(parse(faults, portfolio, now=now, seed=seed))
    buildings = stock(houses(portfolio), seed)
    world = World(buildings, seed, troubles.overrides(buildings.place))
    world.until(now)
    return Fleet(
        devices.sources(world, portfolio, troubles), devices.loggers(world, portfolio, troubles)
    )


def history(
    portfolio: Portfolio, seed: int, start: datetime, end: datetime, faults: Sequence[str] = ()
) -> Iterator[Encoded]:
    """(topic, payload) of all packs of the loggers from start to end, the newest first."""
    last = int(end.timestamp())
    _require_after_epoch(start)
    everything = fleet(portfolio, seed, last, faults)
    return schedule.history(everything.loggers, int(start.timestamp()), last)


def live(
    portfolio: Portfolio, seed: int, start: datetime, end: datetime, faults: Sequence[str] = ()
) -> Iterator[tuple[int, str, bytes]]:
    """(second since 1970, topic, payload) of what all devices send from start to before end."""
    begin, last = int(start.timestamp()), end.timestamp()
    _require_after_epoch(start)
    sources = fleet(portfolio, seed, begin, faults).sources
    for at, (topic, payload) in schedule.live(sources, begin, window=WIDEST_WINDOW):
        if at >= last:
            return
        yield at, topic, payload


def _require_after_epoch(start: datetime) -> None:
    if start.timestamp() < EPOCH:
        raise UsageError(_("Die Simulation beginnt am 1.1.2024; davor gibt es keine Werte."))


def simulate(
    portfolio: Portfolio,
    mqtt_url: str,
    *,
    seed: int = 1,
    days: int = 0,
    speed: float = 1.0,
    faults: Sequence[str] = (),
    stop: Event,
) -> None:
    """Publish until `stop` is set.

    days: of history before now. speed: how much faster the clock runs; above 1 it starts `days`
    back and runs until it has caught up with now, and there is no other history.
    Raises UsageError for a fault that does not exist, SettingsError for an address that is none.
    """
    now = int(time.time())
    everything = fleet(portfolio, seed, now, faults)
    _warm(everything.sources, now)
    now = int(time.time())
    begin = max(now - days * DAY, EPOCH)
    log.info("simulating %d devices, seed %d", len(everything.sources), seed)
    publisher = Publisher(mqtt_url, "simulators-live", stop)
    started = Event()
    back = Thread(
        target=_tell_history, args=(everything.loggers, mqtt_url, begin, now, started, stop)
    )
    if speed <= 1 and begin < now:
        back.start()
    try:
        clock = Clock(begin if speed > 1 else now, now, speed)
        _tell_live(everything.sources, publisher, clock, started, stop)
    finally:
        stop.set()
        started.set()
        publisher.close()
        if back.ident is not None:
            back.join()


def _warm(sources: Sequence[Source], now: int) -> None:
    """Have every device compute once, so that none is late when its turn comes."""
    for _spoken in zip(schedule.live(sources, now), range(2 * len(sources)), strict=False):
        pass


def _tell_live(
    sources: Sequence[Source], publisher: Publisher, clock: Clock, greeted: Event, stop: Event
) -> None:
    """Everything when the clock says so."""
    window = min(max(round(schedule.WINDOW * clock.speed), schedule.WINDOW), WIDEST_WINDOW)
    for at, (topic, payload) in schedule.live(sources, clock.begin, window=window):
        if at > clock.begin and not greeted.is_set():
            # History goes out by another connection, which the broker could hear first.
            publisher.settle(GREETING_SECONDS)
            greeted.set()
        pause = clock.due(at) - time.time()
        if pause > 0 and stop.wait(pause):
            return
        if not publisher.publish(topic, payload):
            return


def _tell_history(
    loggers: Sequence[Logger], url: str, begin: int, end: int, greeted: Event, stop: Event
) -> None:
    """All packs, once every device has said where it stands."""
    greeted.wait()
    publisher, pace = Publisher(url, "simulators-history", stop), Pace()
    publisher.watch(STORED, pace.stored)
    publisher.watch(RECEIVED, pace.received)
    since = time.monotonic()
    for topic, payload in schedule.history(loggers, begin, end):
        if not (pace.wait(stop) and publisher.publish(topic, payload)):
            break
    else:
        log.info("history sent: %d packs in %.0f s", pace.sent, time.monotonic() - since)
    publisher.close()
