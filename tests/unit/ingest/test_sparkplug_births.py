"""Sparkplug births over time: after a restart, read again, in doubt, and come late."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from gebaeude.store.births import News
from ingest.formats import sparkplug_nodes
from ingest.formats.sparkplug_births import NOTHING, REACH, Birth, Known, birth, packed, unpacked
from ingest.formats.sparkplug_nodes import Births
from ingest.formats.sparkplug_wire import Payload

NODE = ("rathaus", "keller")
FLOAT, INT64 = 9, 4
START = 1_798_000_000_000_000  # µs
MINUTE = 60_000_000


class Edge:
    """One node, and the births that hear it."""

    def __init__(self, births: Births | None = None) -> None:
        self.births = births or Births()
        self._clock = count(START)

    def say(
        self, kind: str, seq: int | None, *, device: str = "", at: int | None = None, **names: int
    ) -> Birth:
        """A message, of a birth with these names and aliases."""
        metrics: list[dict[str, Any]] = [
            {"name": name, "alias": alias, "datatype": FLOAT} for name, alias in names.items()
        ]
        if kind in ("NBIRTH", "NDEATH") and "bdSeq" in names:
            metrics = [one for one in metrics if one["name"] != "bdSeq"]
            metrics.append({"name": "bdSeq", "long_value": names["bdSeq"]})
        payload = Payload(seq=seq, metrics=metrics)
        return self.births.tell(
            kind, NODE, device, payload, next(self._clock) if at is None else at
        )

    def data(self, seq: int | None, *, device: str = "", at: int | None = None) -> dict[int, str]:
        """What the aliases of data stand for; where none do it is data that has to wait."""
        at = next(self._clock) if at is None else at
        known = self.say("DDATA" if device else "NDATA", seq, device=device, at=at)
        if not known.aliases:
            self.births.miss(NODE, device, at)
        return {alias: told.name for alias, told in known.aliases.items()}


def restarted(*news: News) -> Births:
    births = Births()
    for one in news:
        births.learn(one.born, one.states)
    return births


def test_after_a_restart_data_is_read_on() -> None:
    edge = Edge()
    edge.say("NBIRTH", 0, flow=1)
    edge.say("DBIRTH", 1, device="wmz", energy=2)
    first = edge.births.news()
    assert edge.data(2) == {1: "flow"}
    second = edge.births.news()
    assert (len(first.born), len(second.born), len(second.states)) == (2, 0, 1)
    edge.births = restarted(first, second)
    assert edge.data(3) == {1: "flow"}
    assert edge.data(4, device="wmz") == {2: "energy"}
    assert edge.births.requests(START) == []


def test_what_was_missed_meanwhile_makes_the_birth_doubtful_until_it_is_said_again() -> None:
    edge = Edge()
    edge.say("NBIRTH", 0, flow=1)
    edge.births = restarted(edge.births.news())
    missed = START + MINUTE
    assert edge.data(9, at=missed) == {}
    assert [request.topic for request in edge.births.requests(START)] == [
        "spBv1.0/rathaus/NCMD/keller"
    ]
    assert edge.births.healed() == []
    edge.say("NBIRTH", 0, at=missed + 1, flow=1)
    assert edge.births.healed() == ["rathaus/keller"]
    assert edge.data(9, at=missed) == {1: "flow"}
    assert edge.births.news().born == []  # it said nothing new


def test_where_the_births_before_and_after_disagree_nothing_is_guessed() -> None:
    edge = Edge()
    edge.say("NBIRTH", 0, flow=1, back=2, at=START)
    assert edge.data(1, at=START + 5) == {1: "flow", 2: "back"}
    assert edge.data(7, at=START + 10) == {}
    edge.say("NBIRTH", 0, flow=1, room=2, new=3, at=START + 20)
    assert edge.data(7, at=START + 10) == {1: "flow", 3: "new"}
    assert edge.data(1, at=START + 5) == {1: "flow", 2: "back"}  # that was before the doubt
    reader = Births(listening=False)
    reader.learn(edge.births.news().born, ())
    assert Edge(reader).data(7, at=START + 10) == {1: "flow", 3: "new"}


def test_a_birth_counts_for_data_shortly_before_it_where_none_is_known() -> None:
    edge = Edge()
    assert edge.data(5, device="wmz", at=START) == {}
    assert edge.data(6, device="wmz", at=START + REACH) == {}
    edge.say("NBIRTH", 0, at=START + REACH + 1)
    edge.say("DBIRTH", 1, device="wmz", at=START + REACH + 2, energy=2)
    assert edge.births.healed() == ["rathaus/keller/wmz"]
    assert edge.data(6, device="wmz", at=START + REACH) == {2: "energy"}
    assert edge.data(5, device="wmz", at=START) == {}


def test_a_birth_says_nothing_of_the_session_before_it() -> None:
    edge = Edge()
    assert edge.data(5, at=START) == {}
    edge.say("NDEATH", None, at=START + 1, bdSeq=3)
    assert edge.data(0, at=START + 2) == {}
    edge.say("NBIRTH", 0, at=START + 3, flow=1, bdSeq=4)
    assert edge.data(5, at=START) == {}
    assert edge.data(0, at=START + 2) == {1: "flow"}


def test_what_is_read_again_changes_nothing() -> None:
    edge = Edge()
    edge.say("NBIRTH", 0, flow=1, at=START)
    for seq in range(1, 4):
        edge.data(seq, at=START + seq)
    for seq in range(1, 4):
        assert edge.data(seq, at=START + seq) == {1: "flow"}
    assert edge.say("NBIRTH", 0, flow=1, at=START).aliases == {1: Known("flow", FLOAT)}
    assert edge.data(4, at=START + 4) == {1: "flow"}
    assert edge.births.requests(START) == []


def test_a_birth_of_a_device_is_enough_for_the_device() -> None:
    edge = Edge()
    edge.data(40)
    edge.say("DBIRTH", 41, device="wmz", energy=2)
    assert edge.data(42, device="wmz") == {2: "energy"}
    assert edge.data(43) == {}


def test_a_death_is_remembered_by_the_next_process() -> None:
    edge = Edge()
    edge.say("NBIRTH", 0, flow=1, bdSeq=3)
    edge.say("NDEATH", None, bdSeq=3)
    edge.births = restarted(edge.births.news())
    assert edge.data(0) == {}


def test_another_process_takes_a_node_over() -> None:
    one, other = Edge(), Edge()
    one.say("NBIRTH", 0, flow=1, at=START)
    one.data(1, at=START + 1)
    told = one.births.news()
    other.births.learn(told.born, told.states)
    assert other.data(2, at=START + 2) == {1: "flow"}
    other.say("NBIRTH", 0, room=1, at=START + 3)
    told = other.births.news()
    one.births.learn(told.born, told.states)
    assert one.data(1, at=START + 4) == {1: "room"}


def test_only_what_is_new_is_written() -> None:
    edge = Edge()
    for _ in range(3):
        edge.say("NBIRTH", 0, flow=1)
    assert len(edge.births.news().born) == 1
    assert not any(edge.births.news())
    assert edge.data(17) == {}
    assert len(edge.births.news().states) == 1


def test_births_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    edge = Edge()
    for number in range(sparkplug_nodes.MOST_BIRTHS + 10):
        edge.say("NBIRTH", 0, device="", at=None, **{f"m{number}": 1})
    assert edge.data(1, at=START) == {}
    assert edge.data(1, at=START + 50) == {1: "m50"}
    monkeypatch.setattr(sparkplug_nodes, "MOST_BYTES", 1000)
    edge.births.tell("NBIRTH", ("g", "n"), "", Payload(seq=0, metrics=[{"name": "x" * 900}]), START)
    assert edge.births.news().forgotten == [b"rathaus/keller"]


def test_a_birth_is_the_same_in_whatever_order_its_metrics_stand() -> None:
    metrics = [{"name": "a", "alias": 7, "datatype": 9}, {"name": "b"}, {"name": "ä", "alias": 0}]
    there = birth(Payload(metrics=metrics).metrics)
    back = birth(Payload(metrics=metrics[::-1]).metrics)
    assert packed(there) == packed(back)
    assert unpacked(packed(there)) == there
    assert unpacked(packed(NOTHING)) == NOTHING
