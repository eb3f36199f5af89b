"""The plain format, for any script: a bare value, or a flat JSON object, on topics of your choice.

Topics: the patterns of the setting `plain_topics`, by default `plain/<building>/<device>/<field>`
and `plain/<building>/<device>`. Device: `<building>/<device>`. Time: `time` of an object, ISO 8601
or seconds since 1970, else the moment of reception.
Fields: with a field in the topic that one, its value being the payload or `value` of an object
(and `unit` its unit); without it the members of the object.

Traps
- A value that is no number is kept with the reason, not taken for a state: somebody wrote the
  script, and wants to know. That includes `21,5` and `true`.
- Without a zone a `time` is local.
- Patterns that begin with a word have such topics for themselves, but for those on which another
  format begins with that word; patterns that begin with a place are looked at last.
"""

from __future__ import annotations

import re

import msgspec

from gebaeude.config import settings
from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats.bare import bare
from ingest.formats.common import NAN, bounded, leaves, number_or_text, parse
from ingest.formats.times import epoch, moment_here

_PLACE = re.compile(r"\{(\w+)\}")
_object = msgspec.json.Decoder(dict[str, object])


def topics(patterns: str) -> tuple[str, ...]:
    """The MQTT filters of patterns that are separated by blanks."""
    return tuple(_PLACE.sub("+", pattern) for pattern in patterns.split())


def compiled(patterns: str) -> list[re.Pattern[str]]:
    """What finds building, device and field in a topic, for each of the patterns."""
    return [
        re.compile(
            "/".join(
                f"(?P<{place[1]}>[^/]+)" if (place := _PLACE.fullmatch(level)) else re.escape(level)
                for level in pattern.split("/")
            )
        )
        for pattern in patterns.split()
    ]


TOPICS = topics(settings().plain_topics)
_patterns = compiled(settings().plain_topics)


def decode(message: Message) -> list[Sample]:
    """The values of the message. Raises DecodeError."""
    return read(message, _patterns)


def read(message: Message, patterns: list[re.Pattern[str]]) -> list[Sample]:
    """As `decode`, by other patterns."""
    device, field = _address(message.topic.decode(), patterns)
    if not message.payload.strip():
        raise DecodeError(Reason.EMPTY, "")
    if message.payload.lstrip()[:1] == b"{":
        return _of_object(device, field, message)
    if field is None:
        raise DecodeError(Reason.INVALID_STRUCTURE, "{}")
    value = bare(message.payload)
    return [Sample(device, field, message.received, NAN if value is None else value)]


def _address(topic: str, patterns: list[re.Pattern[str]]) -> tuple[str, str | None]:
    """(device, field) of a topic. Raises DecodeError: unknown_topic."""
    for pattern in patterns:
        if found := pattern.fullmatch(topic):
            places = found.groupdict()
            building = places.get("building")
            device = places["device"]
            return f"{building}/{device}" if building else device, places.get("field")
    raise DecodeError(Reason.UNKNOWN_TOPIC, "")


def _of_object(device: str, field: str | None, message: Message) -> list[Sample]:
    members = parse(_object, message.payload)
    time = _time(members.pop("time", None), message.received)
    if field is None:
        return bounded(
            Sample(device, path, time, number_or_text(value))
            for name, member in members.items()
            for path, value in leaves(member, name)
            if value is not None
        )
    unit = members.get("unit")
    value = number_or_text(members.get("value"))
    return [Sample(device, field, time, value, unit if isinstance(unit, str) else None)]


def _time(told: object, received: int) -> int:
    if told is None:
        return received
    return moment_here(told, received) if isinstance(told, str) else epoch(told)
