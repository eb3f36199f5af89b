"""All real messages: right samples, or refused, or ignored, each for the right reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Sample
from ingest.formats import FORMATS, format_of
from tests.messages import RECEIVED, real

# As text throughout: 0.10 is not 0.1, and no is not False.
OUTCOMES = yaml.load(
    (Path(__file__).parent / "outcomes.yaml").read_text(encoding="utf-8"), yaml.BaseLoader
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("name", "message"), real())
def test_outcome(name: str, message: Message) -> None:
    assert outcome(message) == OUTCOMES[name]


def test_every_outcome_has_its_message() -> None:
    assert set(OUTCOMES) == {name for name, _ in real()}


def test_every_format_but_plain_has_real_messages() -> None:
    heard = {format_of(message.topic) for _, message in real()}
    assert heard == FORMATS.keys() - {"plain"}


def outcome(message: Message) -> str | dict[str, dict[str, str]]:
    """What a message becomes, in the words of the table."""
    try:
        samples = FORMATS[format_of(message.topic)].decode(message)
    except DecodeError as error:
        return f"refused {error.reason}"
    told: dict[str, dict[str, str]] = {}
    for sample in samples:
        values = told.setdefault(f"{sample.device} @ {when(sample.time)}", {})
        assert sample.field not in values
        values[sample.field] = what(sample)
    return told or "ignored"


def when(time: int) -> str:
    if time == RECEIVED:
        return "received"
    return (EPOCH + timedelta(microseconds=time)).replace(tzinfo=None).isoformat() + "Z"


def what(sample: Sample) -> str:
    is_whole = float(sample.value).is_integer()
    number = str(int(sample.value)) if is_whole else repr(sample.value)
    return f"{number} {sample.unit}" if sample.unit else number
