"""Samples become readings: (format, device, field, time) → point, in the point's canonical unit."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gebaeude.errors import UnitError
from gebaeude.model import Reason, Sample
from gebaeude.profiles import About, Field, Profile, WrongClock, profiles
from gebaeude.store.devices import Channel
from gebaeude.store.inbox import Heard
from gebaeude.units import QUANTITIES, factor
from ingest.formats.radio import Signal
from ingest.rows import Rows

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000  # µs
YEAR_2000 = 946_684_800_000_000  # µs; a clock that was ever set is beyond it
ALWAYS = 2**62  # µs
MOST_FIELDS = 1000  # of one device that are remembered as unwanted; they may invent more
LISTEN_EVERY = 60 * SECOND
NAMED = 5  # offending fields that one detail names


class Trouble(NamedTuple):
    """Why a message, or a part of it, became no reading."""

    reason: Reason
    detail: str
    device: str | None = None


class Conversions(dict[str | None, tuple[float, float] | None]):
    """unit of a sample → (scale, offset) to the point's unit, None where there is no way."""

    def __init__(self, channel: Channel) -> None:
        self._unit = channel.unit or ""
        self._sent = channel.sent_unit or self._unit
        self._factor = 1.0 if channel.factor is None else channel.factor

    def __missing__(self, unit: str | None) -> tuple[float, float] | None:
        try:
            scale, offset = factor(unit or self._sent, self._unit)
        except UnitError:
            return None  # not remembered: devices may invent any number of units
        self[unit] = conversion = scale * self._factor, offset
        return conversion


class Route:
    """Where the values of one field go during a span of time, and `earlier` before that."""

    __slots__ = (
        "about", "absent", "bounds", "conversions", "earlier", "high", "low", "point", "since",
        "unit", "until",
    )  # fmt: skip

    def __init__(self, channel: Channel, earlier: Route | None, about: Field | None = None) -> None:
        """`about`: what the device's profile knows of the field."""
        self.point = channel.point_id
        self.since = -ALWAYS if channel.since is None else channel.since
        self.until = ALWAYS if channel.until is None else channel.until
        self.earlier = earlier
        self.conversions = Conversions(channel)
        self.unit = channel.unit
        quantity = QUANTITIES.get(channel.quantity or "")
        self.low = quantity.low if quantity else -sys.float_info.max
        self.high = quantity.high if quantity else sys.float_info.max
        self.bounds = self.low, self.high
        self.about = about
        self.absent = frozenset(about.absent) if about else frozenset[float]()
        if self.absent:
            self.low = math.nan  # no value passes at first sight: each is looked at twice


class Fields(dict[str, Route]):
    """A device's fields, and what its profile says of the device."""

    __slots__ = (
        "ahead", "battery", "behind", "decoder", "heard", "listened", "profile", "signal",
        "takes_receipt", "told",
    )  # fmt: skip

    def __init__(self, profile: Profile | None, ahead: int) -> None:
        """`ahead`: µs that its clock may be ahead where the profile does not say."""
        self.heard = self.told = 0  # µs
        self.battery: tuple[float, str | None] | None = None
        self.signal: tuple[float, str | None] | None = None
        self.listened = -ALWAYS  # µs; when somebody last looked for the signal
        self.profile = profile
        clock = profile.clock if profile else None
        self.decoder = profile.decoder if profile else None
        self.takes_receipt = clock is not None and clock.wrong is WrongClock.RECEIPT
        self.ahead, self.behind = ahead, ALWAYS
        if clock is not None and clock.ahead_s is not None:
            self.ahead = clock.ahead_s * SECOND
        if clock is not None and clock.behind_s is not None:
            self.behind = clock.behind_s * SECOND

    def route(self, field: str, time: int) -> Route | None:
        """Where a value of this field and time goes."""
        route = self.get(field)
        while route is not None and not route.since <= time < route.until:
            route = route.earlier
        return route

    def is_unwanted(self, sample: Sample) -> bool:
        """Whether a field that nobody has said anything of is none that anybody would attach."""
        if self.profile is None or sample.field in self:
            return False
        about = self.profile.field(sample.field)
        if not (about.quantity is None if about else self.profile.is_ignored(sample.field)):
            return False
        if len(self) < MOST_FIELDS:
            nowhere = Channel("", sample.device, sample.field, *[None] * 7)
            self[sample.field] = Route(nowhere, None, about)  # the next one is quicker
        self.note(sample, about)
        return True

    def note(self, sample: Sample, about: Field | None) -> None:
        """Remembers the state of battery or radio, if that is what the field is about."""
        if about is None or about.about is None or not math.isfinite(sample.value):
            return
        state = sample.value, sample.unit or about.unit
        if about.about is About.BATTERY:
            self.battery = state
        else:
            self.signal = state


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
        self._devices: dict[str, dict[str, Fields]] = {}
        for channel in channels:
            profile = known.get(channel.profile) if channel.profile else None
            of_format = self._devices.setdefault(channel.format, {})
            fields = of_format.get(channel.device)
            if fields is None:
                fields = of_format[channel.device] = Fields(profile, self._ahead)
            if channel.field is not None:
                about = profile.field(channel.field) if profile else None
                fields[channel.field] = Route(channel, fields.get(channel.field), about)

    def decoder(self, kind: str, device: str) -> str | None:
        """The name of what decodes the raw frames of a device; None where there is nothing."""
        fields = self._devices.get(kind, {}).get(device)
        return None if fields is None else fields.decoder

    def heard(self) -> list[Heard]:
        """Which devices were heard since the last time that this was asked."""
        found = []
        for kind, devices in self._devices.items():
            for device, fields in devices.items():
                if fields.heard != fields.told:
                    fields.told = fields.heard
                    battery = fields.battery or (None, None)
                    signal = fields.signal or (None, None)
                    found.append(Heard(kind, device, fields.heard, *battery, *signal))
        return found

    def listens(self, kind: str, samples: Sequence[Sample], received: int) -> bool:
        """Whether to look for the signal of the device that sent these; each now and then.

        Without a value nobody knows yet whose message it is: it is looked at.
        """
        if not samples:
            return True
        fields = self._devices.get(kind, {}).get(samples[0].device)
        if fields is None or received - fields.listened < LISTEN_EVERY:
            return False
        fields.listened = received
        return True

    def note_signal(self, kind: str, signal: Signal) -> None:
        """Remembers how well a device is heard, if it is known."""
        fields = self._devices.get(kind, {}).get(signal.device)
        if fields is not None:
            fields.signal = signal.value, signal.unit

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
        device: str | None = None
        fields: Fields | None = None
        earliest = latest = start = 0
        for sample in samples:
            if sample.device != device:
                device = sample.device
                fields = devices.get(device)
                if fields is not None:
                    earliest = max(YEAR_2000, received - fields.behind)
                    latest = received + fields.ahead
                    start = len(rows)
                    fields.heard = received
            time = sample.time
            route = None if fields is None else fields.get(sample.field)
            while route is not None and not route.since <= time < route.until:
                route = route.earlier
            if route is not None:
                if route.point is None:
                    if route.about is not None and fields is not None:
                        fields.note(sample, route.about)
                    continue
                conversion = route.conversions[sample.unit]
                if conversion is not None:
                    value = sample.value * conversion[0] + conversion[1]
                    if route.low <= value <= route.high and earliest <= time <= latest:
                        rows.points.append(route.point)
                        rows.times.append(time)
                        rows.values.append(value)
                        continue
            if fields is None:
                trouble.setdefault((Reason.UNKNOWN_DEVICE, device), []).append(device)
                continue
            found = _second_look(sample, fields, (earliest, received, latest), rows, start)
            if found is not None:
                evidence = _evidence(found, sample, route)
                trouble.setdefault((found, device), []).append(evidence)
        return [
            Trouble(reason, ", ".join(list(dict.fromkeys(evidence))[:NAMED]), of)
            for (reason, of), evidence in trouble.items()
        ]


def _second_look(
    sample: Sample, fields: Fields, times: tuple[int, int, int], rows: Rows, start: int
) -> Reason | None:
    """A sample that is no plain reading: appends it after all, passes it over, or says why not.

    times: from when to when a clock can be right, and the moment of receipt between them.
    start: index in `rows` of the message's first reading.
    """
    earliest, received, latest = times
    time, wrong = sample.time, None
    if not earliest <= time <= latest:
        wrong = Reason.TIME_AHEAD if time > latest else Reason.TIME_IMPLAUSIBLE
        if not fields.takes_receipt:
            return wrong
        time = received
    route = fields.route(sample.field, time)
    if route is None:
        # Text that nobody asked for is a status, not a value that is missing somewhere.
        is_nothing = math.isnan(sample.value) or fields.is_unwanted(sample)
        return None if is_nothing else Reason.UNKNOWN_FIELD
    if route.point is None or sample.value in route.absent:
        return None
    conversion = route.conversions[sample.unit]
    if conversion is None:
        return Reason.UNIT_MISMATCH
    value = sample.value * conversion[0] + conversion[1]
    if not route.bounds[0] <= value <= route.bounds[1]:
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
        return f"{sample.field}: {sample.unit} → {route.unit}"
    if reason is Reason.IMPLAUSIBLE_VALUE:
        return f"{sample.field} = {sample.value:g} {sample.unit or ''}".rstrip()
    return sample.field


def _iso(time: int) -> str:
    try:
        return (EPOCH + timedelta(microseconds=time)).isoformat()
    except OverflowError:
        return f"{time} µs"
