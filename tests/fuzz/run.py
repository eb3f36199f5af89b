"""Sends damaged messages through the decoders, and a share of them all the way to the rows.

What counts: nothing but a DecodeError comes out of a decoder; no message takes long (CPU time of
this thread, the best of three looks at a slow one, for the garbage of the fuzzer is not its fault);
and each value of a message that went all the way is a row, or its message is rejected for it.
"""

from __future__ import annotations

import gc
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from gebaeude.config import settings
from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from gebaeude.store.devices import Channel
from gebaeude.store.quarantine import Rejected
from ingest.decoders import DECODERS, HISTORIES
from ingest.formats import FORMATS, format_of, homie, sparkplugb
from ingest.formats.sparkplug_nodes import Births
from ingest.interpret import interpret
from ingest.raw import RawFrame
from ingest.resolve import Channels
from ingest.rows import Rows
from tests.fuzz.mutate import BYTES, Source
from tests.messages import PAYLOADS

T = TypeVar("T")

SLOW_S = 0.05  # of CPU time
SHARE = 5  # one of so many goes all the way; all large ones do
LARGE = 5000  # bytes
KEPT = 20  # findings of a kind that are shown
NO_FORMAT = "(no format)"
# Real or made after the vendor's document; those of the vendors' examples lie in tests/frames.
FRAMES: dict[str, tuple[int, str]] = {  # decoder → port, frame
    "dragino-lht65n": (2, "cbf60b0d0376010add7fff"),
    "elsys-ers": (5, "0100e202290400270506060308070d62"),
    "yobiiq-em2101": (1, "0b0400001388 0b0c000008fc 0b1d64 0b231388"),
    "yobiiq-em4301": (1, "0b0400001388 0b0c000008fc 0b1d64"),
}


@dataclass
class Line:
    """What became of the inputs of one format."""

    inputs: int = 0
    decoded: int = 0
    refused: int = 0
    ignored: int = 0
    slowest_s: float = 0.0
    all_the_way: int = 0
    slow: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class Fuzz:
    """One run; `lines` has what became of it, by format."""

    def __init__(self, seed: int) -> None:
        self.lines: dict[str, Line] = {}
        self._source = Source(seed)
        self._random = Random(seed + 1)
        sparkplugb.births = Births()
        homie.forget()
        self._channels = Channels(list(_channels(self._source.corpus)), 900)
        self._limit = settings().message_limit
        self._frames = list(_frames())
        gc.collect()
        gc.freeze()  # else each collection looks through the corpus again, at a message's cost

    def run(self, count: int) -> None:
        """Of `count` inputs a twentieth are raw frames."""
        frames = count // 20
        for message in self._source.messages(count - frames):
            self._message(message)
        for _ in range(frames):
            self._frame()

    @property
    def is_good(self) -> bool:
        """Whether there was nothing but what may be; how long it took is not looked at."""
        return not any(line.exceptions or line.lost for line in self.lines.values())

    @property
    def is_quick(self) -> bool:
        return not any(line.slow for line in self.lines.values())

    def _message(self, message: Message) -> None:
        try:
            kind = format_of(message.topic)
        except DecodeError:
            kind = NO_FORMAT
        line = self.lines.setdefault(kind, Line())
        line.inputs += 1
        samples: Sequence[Sample] | None = None
        is_small = len(message.payload) <= self._limit
        if kind != NO_FORMAT and is_small:
            samples = self._decode(kind, message, line)
        else:
            line.refused += 1
        if len(message.payload) > LARGE or self._random.randrange(SHARE) == 0:
            self._all_the_way(message, samples, line)

    def _decode(self, kind: str, message: Message, line: Line) -> Sequence[Sample] | None:
        """The samples; None where it was refused."""

        def decode() -> list[Sample]:
            try:
                return FORMATS[kind].decode(message)
            except RawFrame as frame:
                return frame.samples(self._random.choice(list(DECODERS)))

        try:
            samples = _timed(decode, line, message)
        except DecodeError:
            line.refused += 1
            return None
        except Exception as error:
            _note(line.exceptions, message, repr(error))
            return None
        line.decoded += bool(samples)
        line.ignored += not samples
        if not all(type(one.value) is float and type(one.time) is int for one in samples[:50]):
            _note(line.exceptions, message, "not a float, or a time that is no int")
        return samples

    def _all_the_way(self, message: Message, samples: Sequence[Sample] | None, line: Line) -> None:
        rows = Rows()

        def go() -> list[Rejected]:
            del rows.points[:], rows.times[:], rows.values[:], rows.suspect[:]
            return interpret(message, self._channels, self._limit, rows)

        line.all_the_way += 1
        try:
            rejected = _timed(go, line, message)
        except Exception as error:
            _note(line.exceptions, message, repr(error))
            return
        if any(repr(one.detail).count("Error(") for one in rejected):
            _note(line.exceptions, message, rejected[0].detail)
        if trouble := lost(message, samples, rows, rejected):
            _note(line.lost, message, trouble)

    def _frame(self) -> None:
        random = self._random
        name, port, data = random.choice(self._frames)
        for _ in range(random.randrange(4)):
            data = random.choice(BYTES)(random, data)
        if random.randrange(8) == 0:
            name, data = random.choice(list(DECODERS)), random.randbytes(random.randrange(60))
        if random.randrange(8) == 0:
            port = random.choice((0, 1, 2, 5, 10, 11, 85, 255))
        line = self.lines.setdefault(f"raw {name}", Line())
        line.inputs += 1
        message = Message(f"{name} {port}".encode(), data, 0)
        try:
            values = _timed(lambda: DECODERS[name](port, data), line, message)
            history = HISTORIES[name](port, data) if name in HISTORIES else []
        except DecodeError:
            line.refused += 1
        except Exception as error:
            _note(line.exceptions, message, repr(error))
        else:
            found = [*values.values(), *(v for _, past in history for v in past.values())]
            line.decoded += bool(found)
            line.ignored += not found
            if not all(map(math.isfinite, found)):
                _note(line.exceptions, message, "a value that is no number")


def lost(
    message: Message, samples: Sequence[Sample] | None, rows: Rows, rejected: Sequence[Rejected]
) -> str:
    """What of a message is neither a row nor a reason; "" where all of it is one or the other.

    samples: what its decoder made of it; None where it refused it.
    """
    if any(one.message is not message for one in rejected):
        return "rejected for another message"
    if samples is None:
        return "" if rejected and not len(rows) else "refused, and not kept"
    if message.retained:
        return "" if (rejected or not samples) and not len(rows) else "retained, and not kept"
    if any(one.reason in (Reason.TOO_LARGE, Reason.UNDECODED) for one in rejected):
        return "" if not len(rows) else "kept whole, and a row"
    hindered = {one.device for one in rejected}
    numbers = [one for one in samples if math.isfinite(one.value)]
    if not rejected and len(rows) < len(numbers):
        return f"{len(numbers)} numbers, {len(rows)} rows"
    free = sum(one.device not in hindered for one in numbers)
    return "" if len(rows) >= free else f"{free} good numbers, {len(rows)} rows"


def _timed(work: Callable[[], T], line: Line, message: Message) -> T:
    """What it returns; notes the CPU time. Raises what it raises."""
    took = SLOW_S
    for _ in range(3):
        began = time.thread_time()
        try:
            result = work()
        finally:
            took = time.thread_time() - began
            is_quick = took < SLOW_S
            if is_quick:
                line.slowest_s = max(line.slowest_s, took)
        if is_quick:
            return result
    line.slowest_s = max(line.slowest_s, took)
    _note(line.slow, message, f"{took * 1000:.0f} ms, {len(message.payload)} B")
    return result


def _channels(corpus: Iterable[Message]) -> Iterable[Channel]:
    """Every field of the undamaged messages but of each third device, at a point of its own."""
    known: dict[tuple[str, str, str], None] = {}
    for message in corpus:
        try:
            kind = format_of(message.topic)
            for one in FORMATS[kind].decode(message):
                known[kind, one.device, one.field] = None
        except DecodeError:
            continue
    for point, (kind, device, name) in enumerate(known):
        if len(device) % 3:
            yield Channel(kind, device, name, None, None, point, None, None, None, None)


def _frames() -> Iterator[tuple[str, int, bytes]]:
    """(decoder, port, frame) of all that are known to be good."""
    for name, (port, frame) in FRAMES.items():
        yield name, port, bytes.fromhex(frame)
    for path in sorted((PAYLOADS.parent / "frames").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        for frame in re.findall(r"^// ([0-9A-F\s]+?)$", text, re.MULTILINE):
            yield path.stem.replace("_", "-"), 85, bytes.fromhex("".join(frame.split()))


def _note(findings: list[str], message: Message, what: str) -> None:
    if len(findings) < KEPT:
        findings.append(f"{what[:200]}  {message.topic[:80]!r} {message.payload[:300]!r}")
