"""The inbox and what a person does with it: look at an unknown device, claim it, take that back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from gebaeude.config import Settings
from gebaeude.errors import DecodeError, NotFound, UnitError, UsageError
from gebaeude.model import Kind, Medium, Message, Sample
from gebaeude.profiles import Profile, profiles, score
from gebaeude.profiles import guess as guess_profiles
from gebaeude.reports import people
from gebaeude.store import claims, inbox
from gebaeude.store.attachments import Attachment, Claim, Event
from gebaeude.store.database import Connection
from gebaeude.store.inbox import DeviceLine, Waiting
from gebaeude.text import _, number, unit_name
from gebaeude.units import factor
from ingest import births
from ingest.formats import FORMATS, format_of
from ingest.hints import hint
from ingest.raw import RawFrame
from ingest.replay import replay_device

RECENT = 20  # messages that a live sample is made of; some devices send a part at a time
GUESSES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Value(msgspec.Struct, frozen=True):
    """The newest value of a field that is kept."""

    field: str
    value: float
    unit: str | None  # where the message or the decoder tells it
    time: datetime | None  # None: no time that can be shown
    point: str | None  # building/key of the point it feeds now


class Guess(msgspec.Struct, frozen=True):
    """A profile that may be the device's."""

    profile: str
    name: str
    score: float  # 0 to 1


class Suggestion(msgspec.Struct, frozen=True):
    """What a profile says of a field that was sent."""

    field: str
    wanted: bool  # it is a quantity of a building; else it may be ignored
    name: str
    medium: Medium | None = None
    quantity: str | None = None
    kind: Kind | None = None
    unit: str | None = None  # to be said in the claim, where the message does not
    factor: float = 1.0
    interval_s: int = 900


class Look(msgspec.Struct, frozen=True):
    """A device of the inbox, opened."""

    waiting: Waiting
    topic: str
    hint: str
    values: tuple[Value, ...]
    guesses: tuple[Guess, ...]
    decoded_by: str | None  # the profile whose decoder read raw frames for this view


class Claimed(msgspec.Struct, frozen=True):
    """What a claim did; `str` is the sentence for a person."""

    attached: int  # fields
    restored: int  # withdrawn readings that are back
    checked: int  # kept messages
    released: int  # of these, that have left quarantine
    readings: int  # that were new
    left: int = 0  # messages in which there is more than became readings

    def __str__(self) -> str:
        return _(
            "{attached} Felder zugeordnet. {checked} aufbewahrte Nachrichten geprüft, {released} "
            "davon ausgewertet: {readings} Messwerte gespeichert, {restored} wiederhergestellt."
        ).format(
            attached=self.attached,
            checked=number(self.checked),
            released=number(self.released),
            readings=number(self.readings),
            restored=number(self.restored),
        )


class DeviceReport(msgspec.Struct, frozen=True):
    """A device with all that was and is attached, and who did that."""

    line: DeviceLine
    channels: tuple[Attachment, ...]
    history: tuple[Event, ...]


def look(connection: Connection, kind: str, device: str) -> Look:
    """One device of the inbox: what it sends, and what it may be. Raises NotFound."""
    found = inbox.waiting(connection, of=(kind, device))
    if not found:
        raise NotFound(_("Von diesem Gerät ist nichts aufbewahrt."))
    births.learn(connection)
    messages = inbox.newest(connection, (kind, device), RECENT)
    said = hint(kind, device, messages[0]) if messages else device
    reader = _reader(messages, kind, device, found[0].profile, said)
    samples = _newest(_samples(messages, device, reader.decoder if reader else None))
    attached = {
        one.field: f"{one.building}/{one.point}"
        for one in claims.attachments(connection, (kind, device))
        if one.until is None and one.point is not None
    }
    values = [_value(sample, attached) for sample in samples.values()]
    values += [
        Value(field, value, unit, time, attached.get(field))
        for field, value, unit, time in inbox.withdrawn(connection, (kind, device))
        if field not in samples
    ]
    guesses = guess_profiles(profiles().values(), kind, [one.field for one in values], said)
    return Look(
        waiting=found[0],
        topic=messages[0].topic.decode(errors="backslashreplace") if messages else "",
        hint=said,
        values=tuple(values),
        guesses=tuple(Guess(one.key, one.name, round(of, 2)) for one, of in guesses[:GUESSES]),
        decoded_by=reader.key if reader else None,
    )


def suggest(view: Look, profile: str) -> tuple[Suggestion, ...]:
    """What a profile makes of the fields that were sent. Raises NotFound."""
    return suggestions(profile, (one.field for one in view.values))


def suggestions(profile: str, fields: Iterable[str]) -> tuple[Suggestion, ...]:
    """What a profile makes of fields. Raises NotFound."""
    if (chosen := profiles().get(profile)) is None:
        raise NotFound(_("Dieses Profil gibt es nicht."))
    return tuple(_suggestion(chosen, field) for field in fields)


def claim(connection: Connection, settings: Settings, wanted: Claim) -> Claimed:
    """Attaches, and makes readings of what is kept; both are committed, the latter page by page.

    A device without a profile of its own to name gets none. Raises as `claims.claim`, and
    UsageError where a field comes in a unit that its point cannot have.
    """
    units = _units(connection, wanted)
    with connection.transaction():
        restored = claims.claim(connection, wanted)
        _refuse_other_units(connection, wanted, units)
    connection.commit()
    replayed = replay_device(connection, settings, *wanted.identity)
    attached = len(wanted.attach) or len(claims.attachments(connection, wanted.identity))
    left = replayed.checked - replayed.released + replayed.left
    return Claimed(attached, restored, replayed.checked, replayed.released, replayed.readings, left)


def device(connection: Connection, kind: str, name: str) -> DeviceReport:
    """One device that is known. Raises NotFound."""
    lines = inbox.devices(connection, of=(kind, name))
    if not lines:
        raise NotFound(_("Dieses Gerät ist nicht zugeordnet."))
    return DeviceReport(
        lines[0],
        tuple(claims.attachments(connection, (kind, name))),
        people.events(claims.events(connection, (kind, name))),
    )


def sentence(event: Event) -> str:
    """What was done, for a person."""
    detail = event.detail
    if event.kind == "claimed":
        fields = ", ".join(f"{field} → {point}" for field, point in detail["fields"].items())
        return _("Zugeordnet: {fields}").format(fields=fields or "–")
    if event.kind == "replaced":
        return _("Ersetzt durch {device}").format(device=detail["by"])
    return _("Gelöst: {fields}; {readings} Messwerte zurückgenommen").format(
        fields=", ".join(detail["fields"]) or "–", readings=number(detail["readings"])
    )


def _units(connection: Connection, wanted: Claim) -> dict[str, str]:
    """field → unit, of those that say it themselves in what is kept."""
    births.learn(connection)
    known = inbox.devices(connection, of=wanted.identity)
    own = profiles().get(wanted.profile or (known[0].profile if known else None) or "")
    messages = inbox.newest(connection, wanted.identity, RECENT)
    samples = _newest(_samples(messages, wanted.device, own.decoder if own else None))
    return {one.field: one.unit for one in samples.values() if one.unit}


def _refuse_other_units(connection: Connection, wanted: Claim, units: dict[str, str]) -> None:
    """What a message says of its unit counts: no factor makes a volume of a power."""
    attached = {(one.field, one.point) for one in wanted.attach}
    for one in claims.attachments(connection, wanted.identity):
        sent, unit = units.get(one.field), one.point_unit or ""
        if sent is None or (one.field, one.point) not in attached:
            continue
        try:
            factor(sent, unit)
        except UnitError:
            raise UsageError(_(
                "{field} kommt in {sent}; daraus lässt sich {unit} nicht berechnen, und so zählt "
                "„{point}“."
            ).format(
                field=one.field, sent=unit_name(sent), unit=unit_name(unit) or "1",
                point=one.point_name,
            )) from None  # fmt: skip


def _reader(
    messages: list[Message], kind: str, device: str, own: str | None, said: str
) -> Profile | None:
    """Whose decoder reads the device's raw frames: its own profile's, else the likeliest one's."""
    if not any(_is_raw(one) for one in messages):
        return None
    if own is not None and (known := profiles().get(own)) is not None and known.decoder:
        return known
    able = [one for one in profiles().values() if one.decoder and kind in one.formats]
    scored = [(score(one, _fields(messages, device, one), said), one) for one in able]
    best, found = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return found if best > 0 else None


def _is_raw(message: Message) -> bool:
    try:
        FORMATS[format_of(message.topic)].decode(message)
    except RawFrame:
        return True
    except Exception:
        return False
    return False


def _fields(messages: list[Message], device: str, profile: Profile) -> set[str]:
    return {one.field for one in _samples(messages, device, profile.decoder)}


def _samples(messages: Iterable[Message], device: str, decoder: str | None) -> list[Sample]:
    """What the device sent, of the newest message first; what cannot be read is left out."""
    found: list[Sample] = []
    for message in messages:
        try:
            try:
                samples = FORMATS[format_of(message.topic)].decode(message)
            except RawFrame as frame:
                samples = frame.samples(decoder)
        except DecodeError:
            continue
        found += [one for one in samples if one.device == device and math.isfinite(one.value)]
    return found


def _newest(samples: list[Sample]) -> dict[str, Sample]:
    found: dict[str, Sample] = {}
    for sample in samples:
        if sample.field not in found or found[sample.field].time < sample.time:
            found[sample.field] = sample
    return found


def _value(sample: Sample, attached: dict[str, str]) -> Value:
    return Value(
        sample.field, sample.value, sample.unit, _at(sample.time), attached.get(sample.field)
    )


def _at(time: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=time)
    except OverflowError:
        return None


def _suggestion(profile: Profile, name: str) -> Suggestion:
    field = profile.field(name)
    if field is None:
        return Suggestion(name, wanted=False, name=name, interval_s=profile.every_s)
    return Suggestion(
        field=name,
        wanted=field.quantity is not None,
        name=field.name,
        medium=field.medium,
        quantity=field.quantity,
        kind=field.kind,
        unit=field.unit,
        factor=field.factor,
        interval_s=profile.every_s,
    )
