"""The example portfolio and the simulated devices fit each other: every field sent has a place."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from gebaeude.model import Message
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.portfolio.vocabulary import FORMATS as DESCRIBED
from ingest.formats import FORMATS as DECODED
from ingest.formats import format_of
from simulators.run import history, live

PORTFOLIO = load(NORDLIPPE)
DEVICES = {
    (device.format, device.id): device
    for building in PORTFOLIO.buildings()
    for device in building.devices
}
START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_every_format_that_is_decoded_can_be_described() -> None:
    assert set(DECODED) <= set(DESCRIBED)


def test_every_device_sends_its_channels_and_nothing_unheard_of() -> None:
    sent: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    numbers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    messages = [
        *((topic, payload) for _at, topic, payload in live(PORTFOLIO, 1, START, _later(35))),
        *history(PORTFOLIO, 1, START, _later(120)),
    ]
    for topic, payload in messages:
        message = Message(topic.encode(), payload, 0)
        format_ = format_of(message.topic)
        for sample in DECODED[format_].decode(message):
            sent[format_, sample.device].add(sample.field)
            if not math.isnan(sample.value):
                numbers[format_, sample.device].add(sample.field)
    assert sent.keys() == DEVICES.keys()
    for key, device in DEVICES.items():
        wanted = {channel.field for channel in device.channels}
        assert sent[key] <= wanted | set(device.ignore), key
        assert numbers[key] >= wanted, key


def _later(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)
