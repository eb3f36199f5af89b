"""Damaged messages through all decoders: the short form of `make fuzz`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gebaeude.model import Message, Reason, Sample
from gebaeude.store.quarantine import Rejected
from ingest.decoders import DECODERS
from ingest.formats import FORMATS, homie, sparkplugb
from ingest.formats.sparkplug_nodes import Births
from ingest.rows import Rows
from tests.fuzz.mutate import LARGEST, Source
from tests.fuzz.run import Fuzz, lost

INPUTS = 20_000


@pytest.fixture(autouse=True)
def nobody_listens() -> Iterator[None]:
    yield
    sparkplugb.births = Births(listening=False)
    homie.forget()


def test_nothing_is_raised_and_nothing_lost() -> None:
    fuzz = Fuzz(seed=20_261_122)
    fuzz.run(INPUTS)
    assert [
        line.exceptions + line.lost for line in fuzz.lines.values() if line.exceptions or line.lost
    ] == []
    assert sum(line.inputs for line in fuzz.lines.values()) == INPUTS
    for name, line in fuzz.lines.items():
        assert line.inputs == line.decoded + line.refused + line.ignored, name
    # The damage is not such that nothing gets through.
    through = {name for name, line in fuzz.lines.items() if line.decoded}
    assert through >= set(FORMATS) | {f"raw {name}" for name in DECODERS}
    assert sum(line.all_the_way for line in fuzz.lines.values()) > INPUTS / 10


def test_a_seed_is_one_row_of_messages() -> None:
    one, other = list(Source(7).messages(3000)), list(Source(7).messages(3000))
    assert one == other
    assert one != list(Source(8).messages(3000))
    assert max(len(message.payload) for message in one) > 0.9 * LARGEST


def test_what_is_lost_is_seen() -> None:
    message = Message(b"t", b"p", 1)
    samples = [Sample("a", "x", 1, 1.0), Sample("b", "x", 1, 2.0)]
    of_a = Rejected(message, Reason.UNKNOWN_FIELD, "", "plain", "a")
    row = Rows()
    row.append(1, 1, 2.0)
    assert lost(message, samples, row, []) == "2 numbers, 1 rows"
    assert lost(message, samples, row, [of_a]) == ""
    assert lost(message, samples, Rows(), [of_a]) == "1 good numbers, 0 rows"
    assert lost(message, None, Rows(), []) == "refused, and not kept"
    assert lost(message, samples, row, [Rejected(Message(b"t", b"q", 1), Reason.EMPTY, "")]) != ""
