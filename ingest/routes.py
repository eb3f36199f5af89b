"""Where a device's values go: as little memory as can be, since there may be very many devices.

What a processor must fetch from memory for a message costs more than what it does with it, once the
devices no longer fit its cache. So what many devices have in common is there once.
"""

from __future__ import annotations

import math
import sys

from gebaeude.errors import UnitError
from gebaeude.model import Sample
from gebaeude.profiles import About, Field, Profile, WrongClock
from gebaeude.store.devices import Channel
from gebaeude.units import QUANTITIES, factor

SECOND = 1_000_000  # µs
ALWAYS = 2**62  # µs
MOST_FIELDS = 1000  # of one device that are remembered as unwanted; they may invent more


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


class Meaning:
    """What the values of a field are, and which are possible; one for all channels alike."""

    __slots__ = ("about", "absent", "bounds", "conversions", "high", "low", "unit")

    def __init__(self, channel: Channel, about: Field | None) -> None:
        """`about`: what the device's profile knows of the field."""
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


class Route:
    """Where the values of one field go during a span of time, and `earlier` before that."""

    __slots__ = ("earlier", "meaning", "point", "since", "until")

    def __init__(self, channel: Channel, earlier: Route | None, meaning: Meaning) -> None:
        self.point = channel.point_id
        self.since = -ALWAYS if channel.since is None else channel.since
        self.until = ALWAYS if channel.until is None else channel.until
        self.earlier = earlier
        self.meaning = meaning


class Habits:
    """What a profile says of its devices; one for all of them."""

    __slots__ = ("ahead", "behind", "decoder", "profile", "takes_receipt")

    def __init__(self, profile: Profile | None, ahead: int) -> None:
        """`ahead`: µs that a clock may be ahead where the profile does not say."""
        self.profile = profile
        clock = profile.clock if profile else None
        self.decoder = profile.decoder if profile else None
        self.takes_receipt = clock is not None and clock.wrong is WrongClock.RECEIPT
        self.ahead, self.behind = ahead, ALWAYS
        if clock is not None and clock.ahead_s is not None:
            self.ahead = clock.ahead_s * SECOND
        if clock is not None and clock.behind_s is not None:
            self.behind = clock.behind_s * SECOND


class Device(dict[str, Route]):
    """A device's fields, its number among all, and what it said last of battery and radio."""

    __slots__ = ("battery", "habits", "number", "signal")

    def __init__(self, number: int, habits: Habits) -> None:
        self.number = number
        self.habits = habits
        self.battery: tuple[float, str | None] | None = None
        self.signal: tuple[float, str | None] | None = None

    def route(self, field: str, time: int) -> Route | None:
        """Where a value of this field and time goes."""
        route = self.get(field)
        while route is not None and not route.since <= time < route.until:
            route = route.earlier
        return route

    def is_unwanted(self, sample: Sample) -> bool:
        """Whether a field that nobody has said anything of is none that anybody would attach."""
        profile = self.habits.profile
        if profile is None or sample.field in self:
            return False
        about = profile.field(sample.field)
        if not (about.quantity is None if about else profile.is_ignored(sample.field)):
            return False
        if len(self) < MOST_FIELDS:
            nowhere = Channel("", sample.device, sample.field, *[None] * 7)
            self[sample.field] = Route(nowhere, None, Meaning(nowhere, about))  # quicker next time
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
