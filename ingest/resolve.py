"""Samples become readings: (format, device, field, time) → point, in the point's canonical unit."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from gebaeude.model import Reason, Sample
from gebaeude.profiles import Profile, profiles
from gebaeude.store.devices import Channel
from gebaeude.store.inbox import Heard
from ingest.formats.radio import Signal
from ingest.routes import SECOND, Device, Habits, Meaning, Route
from ingest.rows import Rows

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2000 = 946_684_800_000_000  # µs; a clock that was ever set is beyond it
LISTEN_EVERY = 60 * SECOND  # to one device
LISTENS_PER_S = 2000  # to all of them; a flood has no time for it
NAMED = 5  # offending fields that one detail names


class Trouble(NamedTuple):
    """Why a message, or a part of it, became no reading."""

    reason: Reason
    detail: str
    device: str | None = None


class Channels:
    """All channels as they stood at one moment."""

    def __init__(
        self,
        channels: Iterable[Channel],
        ahead_s: int,
        known: Mapping[str, Profile] | None = None,
    ) -> None:
        """`ahead_s`: seconds a device's clock may be ahead of ours. `known`: else all profiles."""
        known = profiles() if known is None else known
        self._ahead = ahead_s * SECOND
        self._devices: dict[str, dict[str, Device]] = {}
        self._all: list[tuple[str, str, Device]] = []  # format, id, by number
        habits: dict[str | None, Habits] = {}
        meanings: dict[tuple[object, ...], Meaning] = {}
        for channel in channels:
            profile = known.get(channel.profile) if channel.profile else None
            device = self._device(channel, habits, profile)
            if channel.field is not None:
                field = sys.intern(channel.field)
                kind = (
                    channel.quantity, channel.unit, channel.sent_unit, channel.factor,
                    *((channel.profile, field) if profile else ()),
                )  # fmt: skip
                if (meaning := meanings.get(kind)) is None:
                    about = profile.field(field) if profile else None
                    meaning = meanings[kind] = Meaning(channel, about)
                device[field] = Route(channel, device.get(field), meaning)
        # By number, µs: when a device was heard, when that was last told, and when it was last
        # listened to. Beside each other, so that a hundred thousand stay in the processor's cache.
        self._heard = array("q", bytes(8 * len(self._all)))
        self._told = self._heard[:]
        self._listened = self._heard[:]
        self._listens, self._counted = LISTENS_PER_S, 0  # left of a second's, and when (µs)

    def _device(
        self, channel: Channel, habits: dict[str | None, Habits], profile: Profile | None
    ) -> Device:
        of_format = self._devices.setdefault(channel.format, {})
        device = of_format.get(channel.device)
        if device is None:
            name = channel.profile if profile else None
            if name not in habits:
                habits[name] = Habits(profile, self._ahead)
            device = of_format[channel.device] = Device(len(self._all), habits[name])
            self._all.append((channel.format, channel.device, device))
        return device

    def decoder(self, kind: str, device: str) -> str | None:
        """The name of what decodes the raw frames of a device; None where there is nothing."""
        found = self._devices.get(kind, {}).get(device)
        return None if found is None else found.habits.decoder

    def heard(self) -> list[Heard]:
        """Which devices were heard since the last time that this was asked."""
        heard = np.array(self._heard, np.int64)
        found = []
        for number in np.flatnonzero(heard != np.array(self._told, np.int64)).tolist():
            kind, name, device = self._all[number]
            battery, signal = device.battery or (None, None), device.signal or (None, None)
            found.append(Heard(kind, name, self._heard[number], *battery, *signal))
        self._told = self._heard[:]
        return found

    def listens(self, kind: str, samples: Sequence[Sample], received: int) -> bool:
        """Whether to look for the signal of the device that sent these; each now and then.

        Without a value nobody knows yet whose message it is: it is looked at.
        """
        if not samples:
            return True
        device = self._devices.get(kind, {}).get(samples[0].device)
        if device is None or received - self._listened[device.number] < LISTEN_EVERY:
            return False
        passed = (received - self._counted) * LISTENS_PER_S // SECOND
        if passed > 0:
            self._listens, self._counted = min(self._listens + passed, LISTENS_PER_S), received
        if self._listens <= 0:
            return False
        self._listens -= 1
        self._listened[device.number] = received
        return True

    def note_signal(self, kind: str, signal: Signal) -> None:
        """Remembers how well a device is heard, if it is known."""
        device = self._devices.get(kind, {}).get(signal.device)
        if device is not None:
            device.signal = signal.value, signal.unit

    def is_moment(self, time: int, received: int) -> bool:
        """Whether a sample's time is that of receipt, or so wrong that it may have to be."""
        return time == received or not YEAR_2000 <= time <= received + self._ahead

    def resolve(
        self, kind: str, samples: Iterable[Sample], received: int, rows: Rows
    ) -> list[Trouble]:
        """Appends the samples of wanted fields to `rows`; returns what is wrong with the others.

        kind: the format's name. received: µs since 1970-01-01 UTC.
        """
        devices = self._devices.get(kind, {})
        trouble: dict[tuple[Reason, str], list[str]] = {}
        name: str | None = None
        device: Device | None = None
        earliest = latest = start = 0
        for sample in samples:
            if sample.device != name:
                name = sample.device
                device = devices.get(name)
                if device is not None:
                    habits = device.habits
                    earliest = max(YEAR_2000, received - habits.behind)
                    latest = received + habits.ahead
                    start = len(rows)
                    self._heard[device.number] = received
            time = sample.time
            route = None if device is None else device.get(sample.field)
            while route is not None and not route.since <= time < route.until:
                route = route.earlier
            if route is not None:
                meaning = route.meaning
                if route.point is None:
                    if meaning.about is not None and device is not None:
                        device.note(sample, meaning.about)
                    continue
                conversion = meaning.conversions[sample.unit]
                if conversion is not None:
                    value = sample.value * conversion[0] + conversion[1]
                    if meaning.low <= value <= meaning.high and earliest <= time <= latest:
                        rows.points.append(route.point)
                        rows.times.append(time)
                        rows.values.append(value)
                        continue
            if device is None:
                trouble.setdefault((Reason.UNKNOWN_DEVICE, name), []).append(name)
                continue
            found = _second_look(sample, device, (earliest, received, latest), rows, start)
            if found is not None:
                evidence = _evidence(found, sample, route)
                trouble.setdefault((found, name), []).append(evidence)
        return [
            Trouble(reason, ", ".join(list(dict.fromkeys(evidence))[:NAMED]), of)
            for (reason, of), evidence in trouble.items()
        ]


def _second_look(
    sample: Sample, device: Device, times: tuple[int, int, int], rows: Rows, start: int
) -> Reason | None:
    """A sample that is no plain reading: appends it after all, passes it over, or says why not.

    times: from when to when a clock can be right, and the moment of receipt between them.
    start: index in `rows` of the message's first reading.
    """
    earliest, received, latest = times
    time, wrong = sample.time, None
    if not earliest <= time <= latest:
        wrong = Reason.TIME_AHEAD if time > latest else Reason.TIME_IMPLAUSIBLE
        if not device.habits.takes_receipt:
            return wrong
        time = received
    route = device.route(sample.field, time)
    if route is None:
        # Text that nobody asked for is a status, not a value that is missing somewhere.
        is_nothing = math.isnan(sample.value) or device.is_unwanted(sample)
        return None if is_nothing else Reason.UNKNOWN_FIELD
    if route.point is None or sample.value in route.meaning.absent:
        return None
    conversion = route.meaning.conversions[sample.unit]
    if conversion is None:
        return Reason.UNIT_MISMATCH
    value = sample.value * conversion[0] + conversion[1]
    if not route.meaning.bounds[0] <= value <= route.meaning.bounds[1]:
        return Reason.IMPLAUSIBLE_VALUE if math.isfinite(sample.value) else Reason.NOT_A_NUMBER
    if wrong is not None:
        if rows.has(route.point, time, start):
            return wrong  # one message has one moment of receipt, and this value is another's
        rows.suspect.append(len(rows))
    rows.append(route.point, time, value)
    return None


def _evidence(reason: Reason, sample: Sample, route: Route | None) -> str:
    """What shows the trouble; the reason itself says what it is."""
    if reason in (Reason.TIME_IMPLAUSIBLE, Reason.TIME_AHEAD):
        return _iso(sample.time)
    if reason is Reason.UNIT_MISMATCH and route is not None:
        return f"{sample.field}: {sample.unit} → {route.meaning.unit}"
    if reason is Reason.IMPLAUSIBLE_VALUE:
        return f"{sample.field} = {sample.value:g} {sample.unit or ''}".rstrip()
    return sample.field


def _iso(time: int) -> str:
    try:
        return (EPOCH + timedelta(microseconds=time)).isoformat()
    except OverflowError:
        return f"{time} µs"
