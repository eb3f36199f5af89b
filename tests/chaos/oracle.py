"""What has become of acknowledged messages: in reading once, or in quarantine once, or trouble."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gebaeude.store.database import Connection
from tests.chaos.messages import DEVICES, Numbered, number_in, steady_value

POINT_OF = {kind: point for kind, (_, _, _, point) in zip(
    ("single", "pack", "clockless", "steady"), DEVICES, strict=True
)}  # fmt: skip


@dataclass
class Verdict:
    """Numbers of messages. Everything but `stored` and `kept` must be empty."""

    sent: int
    stored: set[int] = field(default_factory=set)  # in reading, once and right
    kept: set[int] = field(default_factory=set)  # in quarantine, once and for the right reason
    lost: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)
    wrong: set[int] = field(default_factory=set)  # another value, another reason, half a pack

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {len(self.stored)} stored, {len(self.kept)} in quarantine, "
            f"{len(self.lost)} lost {_some(self.lost)}, {len(self.doubled)} doubled "
            f"{_some(self.doubled)}, {len(self.wrong)} wrong {_some(self.wrong)}"
        )


def judge(
    connection: Connection,
    acknowledged: Mapping[int, Numbered],
    *,
    refused: frozenset[int] = frozenset(),
) -> Verdict:
    """What became of the messages, by their number.

    refused: numbers of messages whose reading the database itself was told not to take.
    Copies that the broker sends of retained messages (reason `retained`) are no message of a
    publisher, and are left out.
    """
    verdict = Verdict(len(acknowledged))
    if not acknowledged:
        return verdict
    first, last = min(acknowledged), max(acknowledged)
    dated, timeless = _dated(connection, first, last), _timeless(connection, first, last)
    quarantine = _quarantine(connection, acknowledged)
    for number, message in acknowledged.items():
        if message.kind == "steady":
            continue
        reasons = quarantine.get(number, [])
        copies, right = _copies(message, dated, timeless)
        expected = "refused_by_database" if number in refused else message.reason
        if copies + len(reasons) == 0:
            verdict.lost.add(number)
        elif copies + len(reasons) > 1:
            verdict.doubled.add(number)
        elif reasons:
            (verdict.kept if reasons == [expected] else verdict.wrong).add(number)
        else:
            (verdict.stored if right and expected is None else verdict.wrong).add(number)
    _judge_steady(verdict, [one for one in acknowledged.values() if one.kind == "steady"], timeless)
    return verdict


def _judge_steady(
    verdict: Verdict, messages: Sequence[Numbered], timeless: Mapping[int, int]
) -> None:
    """Of messages that are all alike nobody can say which is missing, only that one is."""
    blocks: dict[int, list[int]] = defaultdict(list)
    for message in messages:
        blocks[steady_value(message.number)].append(message.number)
    for value, numbers in blocks.items():
        there = timeless.get(value, 0)
        verdict.lost.update(numbers[there:])
        verdict.doubled.update(numbers[: max(0, there - len(numbers))])
        verdict.stored.update(set(numbers[:there]) - verdict.doubled)


def _copies(
    message: Numbered, dated: Mapping[str, dict[int, float]], timeless: Mapping[int, int]
) -> tuple[int, bool]:
    """How often the message's readings are there, and whether they are right."""
    if message.kind == "clockless":
        return timeless.get(message.number, 0), True
    expected = message.readings
    if not expected:
        return 0, True
    there = {time: value for time in expected if (value := dated[message.kind].get(time))}
    return bool(there), there == expected


def _dated(connection: Connection, first: int, last: int) -> dict[str, dict[int, float]]:
    return {
        kind: dict(
            connection.execute(
                "SELECT (extract(epoch FROM time) * 1000000)::bigint, value FROM reading"
                " JOIN point ON point.id = point_id WHERE key = %s AND value >= %s AND value < %s",
                (POINT_OF[kind], first, last + 1),
            ).fetchall()
        )
        for kind in ("single", "pack")
    }


def _timeless(connection: Connection, first: int, last: int) -> dict[int, int]:
    """Value → how often it is there, of what has no time of its own."""
    rows = connection.execute(
        "SELECT value, count(*) FROM reading JOIN point ON point.id = point_id"
        " WHERE key = %s AND value BETWEEN %s AND %s OR key = %s AND value BETWEEN %s AND %s"
        " GROUP BY value",
        (
            *(POINT_OF["clockless"], first, last),
            *(POINT_OF["steady"], steady_value(first), steady_value(last)),
        ),
    ).fetchall()
    return {int(value): count for value, count in rows}


def _quarantine(
    connection: Connection, acknowledged: Mapping[int, Numbered]
) -> dict[int, list[str]]:
    """Number → the reasons for which it is kept."""
    numbers = {message.payload: number for number, message in acknowledged.items()}
    rows: list[Any] = connection.execute(
        "SELECT payload, reason FROM quarantine WHERE reason <> 'retained'"
    ).fetchall()
    found: dict[int, list[str]] = defaultdict(list)
    for payload, reason in rows:
        number = numbers.get(bytes(payload), number_in(payload))
        if number is not None:
            found[number].append(reason)
    return found


def _some(numbers: set[int]) -> str:
    return str(sorted(numbers)[:5]) if numbers else ""
