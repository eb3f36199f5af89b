"""Samples become readings: (format, device, field, time) → point, in the point's canonical unit."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gebaeude.errors import UnitError
from gebaeude.model import Reason, Sample
from gebaeude.store.devices import Channel
from gebaeude.units import QUANTITIES, factor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2000 = 946_684_800_000_000  # µs; a clock that was ever set is beyond it
ALWAYS = 2**62  # µs
NAMED = 5  # offending fields that one detail names


class Rows:
    """Readings to be written, column by column: 20 bytes each, however many."""

    __slots__ = ("points", "times", "values")

    def __init__(self) -> None:
        self.points = array("i")
        self.times = array("q")  # µs since 1970-01-01 UTC
        self.values = array("d")

    def __len__(self) -> int:
        return len(self.points)


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

    __slots__ = ("conversions", "earlier", "high", "low", "point", "since", "unit", "until")

    def __init__(self, channel: Channel, earlier: Route | None) -> None:
        self.point = channel.point_id
        self.since = -ALWAYS if channel.since is None else channel.since
        self.until = ALWAYS if channel.until is None else channel.until
        self.earlier = earlier
        self.conversions = Conversions(channel)
        self.unit = channel.unit
        quantity = QUANTITIES.get(channel.quantity or "")
        self.low = quantity.low if quantity else -sys.float_info.max
        self.high = quantity.high if quantity else sys.float_info.max


class Channels:
    """All channels as they stood at one moment."""

    def __init__(self, channels: Iterable[Channel], ahead_s: int) -> None:
        """`ahead_s`: seconds a device's clock may be ahead of ours."""
        self._ahead = ahead_s * 1_000_000
        self._devices: dict[str, dict[str, dict[str, Route]]] = {}
        for channel in channels:
            fields = self._devices.setdefault(channel.format, {}).setdefault(channel.device, {})
            if channel.field is not None:
                fields[channel.field] = Route(channel, fields.get(channel.field))

    def resolve(
        self, kind: str, samples: Iterable[Sample], received: int, rows: Rows
    ) -> list[Trouble]:
        """Appends the samples of wanted fields to `rows`; returns what is wrong with the others.

        kind: the format's name. received: µs since 1970-01-01 UTC.
        """
        devices = self._devices.get(kind, {})
        latest = received + self._ahead
        trouble: dict[tuple[Reason, str], list[str]] = {}
        device: str | None = None
        fields: Mapping[str, Route] | None = None
        for sample in samples:
            if sample.device != device:
                device = sample.device
                fields = devices.get(device)
            time = sample.time
            route = None if fields is None else fields.get(sample.field)
            while route is not None and not route.since <= time < route.until:
                route = route.earlier
            if route is not None:
                if route.point is None:
                    continue
                conversion = route.conversions[sample.unit]
                if conversion is not None:
                    value = sample.value * conversion[0] + conversion[1]
                    if route.low <= value <= route.high and YEAR_2000 <= time <= latest:
                        rows.points.append(route.point)
                        rows.times.append(time)
                        rows.values.append(value)
                        continue
            reason = _why_not(sample, fields, route, latest)
            if reason is not None:
                evidence = _evidence(reason, sample, route)
                trouble.setdefault((reason, device), []).append(evidence)
        return [
            Trouble(reason, ", ".join(list(dict.fromkeys(evidence))[:NAMED]), of)
            for (reason, of), evidence in trouble.items()
        ]


def _why_not(
    sample: Sample, fields: Mapping[str, Route] | None, route: Route | None, latest: int
) -> Reason | None:
    if fields is None:
        return Reason.UNKNOWN_DEVICE
    if sample.time < YEAR_2000:
        return Reason.TIME_IMPLAUSIBLE
    if sample.time > latest:
        return Reason.TIME_AHEAD
    if route is None:
        # Text that nobody asked for is a status, not a value that is missing somewhere.
        return None if math.isnan(sample.value) else Reason.UNKNOWN_FIELD
    if route.conversions[sample.unit] is None:
        return Reason.UNIT_MISMATCH
    return Reason.IMPLAUSIBLE_VALUE if math.isfinite(sample.value) else Reason.NOT_A_NUMBER


def _evidence(reason: Reason, sample: Sample, route: Route | None) -> str:
    """What shows the trouble; the reason itself says what it is."""
    if reason is Reason.UNKNOWN_DEVICE:
        return sample.device
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
