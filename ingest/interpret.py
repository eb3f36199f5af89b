"""One message becomes readings, or the reasons why not."""

from __future__ import annotations

import logging

from gebaeude.errors import DecodeError
from gebaeude.log import Trouble
from gebaeude.model import Message, Reason
from gebaeude.store.quarantine import Rejected
from ingest.formats import FORMATS, Listen, format_of
from ingest.formats.common import within
from ingest.raw import RawFrame
from ingest.resolve import Channels
from ingest.rows import Rows

log = logging.getLogger(__name__)
_trouble = Trouble(log)


def interpret(message: Message, channels: Channels, limit: int, rows: Rows) -> list[Rejected]:
    """Appends the message's readings to `rows`; returns what could not become a reading, and why.

    limit: bytes of payload beyond which it is not looked at. Never raises, whatever was sent.
    Neither a reading nor a reason: the message is none of our business (a join, a status, …).
    """
    kind = device = None
    try:
        if len(message.payload) > limit:
            raise DecodeError(Reason.TOO_LARGE, f"{len(message.payload)} B")
        kind = format_of(message.topic)
        try:
            samples = FORMATS[kind].decode(message)
        except RawFrame as frame:
            device = frame.device
            samples = frame.samples(channels.decoder(kind, device))
        within(len(samples))
    except DecodeError as error:
        return [_rejected(message, error.reason, error.detail, kind, device or error.sender)]
    except Exception as error:
        # A mistake of ours; the message waits in quarantine until it is mended.
        _trouble.say(f"decoder {kind} failed", repr(error), logging.ERROR)
        return [_rejected(message, Reason.INVALID_STRUCTURE, repr(error), kind, device)]
    if message.retained:
        # The broker's copy of something that was a reading once; its time is not to be trusted.
        return [_rejected(message, Reason.RETAINED, "", kind)] if samples else []
    listen = FORMATS[kind].signal
    if listen is not None and channels.listens(kind, samples, message.received):
        _note(listen, message, kind, channels)
    trouble = channels.resolve(kind, samples, message.received, rows)
    if not trouble:
        return []
    is_moment = any(channels.is_moment(sample.time, message.received) for sample in samples)
    return [
        Rejected(message, reason, detail, kind, device, is_moment=is_moment)
        for reason, detail, device in trouble
    ]


def _note(listen: Listen, message: Message, kind: str, channels: Channels) -> None:
    try:
        if (signal := listen(message)) is not None:
            channels.note_signal(kind, signal)
    except Exception as error:
        _trouble.say(f"signal of {kind} failed", repr(error), logging.ERROR)


def _rejected(
    message: Message, reason: Reason, detail: str, kind: str | None, device: str | None = None
) -> Rejected:
    return Rejected(message, Reason.RETAINED if message.retained else reason, detail, kind, device)
