"""`make fuzz-guided`: atheris looks for inputs that reach code no input has reached yet.

The first byte of an input chooses the topic, the rest is the payload; it begins with the real
messages. It ends, with a traceback and the input in a file, where anything but a DecodeError comes
out of a decoder. Needs atheris, which is no dependency of the tests: it has wheels for Linux only.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ingest"]):
    from ingest.decoders import DECODERS
    from ingest.formats import FORMATS, format_of, sparkplugb
    from ingest.formats.sparkplug_nodes import Births
    from ingest.raw import RawFrame

from gebaeude.errors import DecodeError
from gebaeude.model import Message
from tests.fuzz.mutate import made
from tests.messages import RECEIVED, real

KNOWN = [message for _, message in real()] + made()
TOPICS = sorted({message.topic for message in KNOWN})[:256]
_clock = iter(range(RECEIVED, 2**62))


def try_one(data: bytes) -> None:
    """One input. Raises whatever a decoder raises that is no DecodeError."""
    if not data:
        return
    topic = TOPICS[data[0] % len(TOPICS)]
    try:
        kind = format_of(topic)
        try:
            FORMATS[kind].decode(Message(topic, data[1:], next(_clock)))
        except RawFrame as frame:
            for name in DECODERS:
                _frame(frame, name)
        if (listen := FORMATS[kind].signal) is not None:
            listen(Message(topic, data[1:], RECEIVED))
    except DecodeError:
        pass


def _frame(frame: RawFrame, name: str) -> None:
    with suppress(DecodeError):
        frame.samples(name)


def main() -> None:
    sparkplugb.births = Births()
    with tempfile.TemporaryDirectory(prefix="gebaeude-fuzz-") as corpus:
        for number, message in enumerate(KNOWN):
            if message.topic in TOPICS:
                first = bytes([TOPICS.index(message.topic)])
                (Path(corpus) / str(number)).write_bytes(first + message.payload)
        artifacts = f"-artifact_prefix={tempfile.gettempdir()}{os.sep}"
        atheris.Setup([sys.argv[0], artifacts, "-max_len=4096", *sys.argv[1:], corpus], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
