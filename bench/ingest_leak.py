"""Whether ingest grows, loses or doubles anything over ten million messages.

One process takes messages for as long as it takes. Nine of ten have come before, so that the
database stays small; one of ten is new. Memory is looked at all along. The slope is fitted through
the means of each million but the first, and once more through the later half: caches fill in the
first few millions, a leak goes on.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from statistics import mean

import numpy as np

from bench.ingest import DEVICES, FRACTION, MESSAGES, START, Messages, prepared, uplinks
from bench.ingest_memory import ingest_process, megabytes, until_written, written
from bench.publish import Publisher
from bench.servers import Result, Servers
from gebaeude.store.database import connect, queries

_sql = queries(__file__)

MILLION = 1_000_000
TOTAL = 10 * MILLION
ROUND = 50_000
MOST_UNDER_WAY = 150_000
MOST_S = 1_200.0  # then it ends with fewer messages, and says so
NEW_EVERY = 10

# Two-sided, by degrees of freedom from 1 (any table of Student's distribution).
STUDENT_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)

Sample = tuple[int, float]  # messages sent so far, MB


def leak(on: Servers) -> Iterator[Result]:
    """MB that the process has grown by, from the first million messages to the last."""
    database, broker = prepared(on)
    began = time.monotonic()
    with ingest_process(database, broker) as (pid, port), Publisher(broker) as publisher:
        samples = list(_flow(publisher, pid, port, began + MOST_S))
        took, sent = time.monotonic() - began, samples[-1][0]
        again = int(written(port)) - sent
    context: dict[str, object] = {"messages": sent, "rate": round(sent / took)}
    means = _means(samples)
    grown = round(samples[-1][1] - means[min(means)], 1)
    yield "ingest.leak", grown, "MB", context | {"mb_of_each_million": means}
    for name, first in (("slope", 1), ("slope_late", len(means) // 2)):
        part = {at: mb for at, mb in means.items() if at > first}
        if len(part) > 2:
            slope, margin = slope_of(part)
            more = {"millions": list(part), "margin_95": margin}
            yield f"ingest.leak.{name}", slope, "kB per million", context | more
    yield from accounted(database, sent, context | {"delivered_again": again})


def _flow(publisher: Publisher, pid: int, port: int, until: float) -> Iterator[Sample]:
    """Sends everything, and ends when everything is written."""
    known, fresh, sent = list(uplinks(0)), _new(), 0
    while sent < TOTAL and time.monotonic() < until:
        sent += publisher.publish(_mixed(known, fresh, sent))
        until_written(port, sent - MOST_UNDER_WAY)
        yield sent, megabytes(pid, "VmRSS")
    until_written(port, sent)
    yield sent, megabytes(pid, "VmRSS")


def _mixed(known: list[tuple[bytes, bytes]], fresh: Messages, sent: int) -> Messages:
    for number in range(sent, sent + ROUND):
        yield known[number % MESSAGES] if number % NEW_EVERY else next(fresh)


def _new() -> Messages:
    """Uplinks with times that were not there before, without end."""
    return (message for turn in count(1) for message in uplinks(turn, DEVICES))


def _means(samples: list[Sample]) -> dict[int, float]:
    """Mean MB within each million, by its number."""
    of: dict[int, list[float]] = defaultdict(list)
    for sent, megabytes_then in samples:
        of[-(-sent // MILLION)].append(megabytes_then)
    return {million: round(mean(values), 2) for million, values in of.items()}


def slope_of(means: dict[int, float]) -> tuple[float, float]:
    """kB a million messages, and how far it may be off with a confidence of 95 %.

    For 3 to 12 millions; the margin takes each mean's error as its own.
    """
    at, kilobytes = np.array(list(means)), 1024 * np.array(list(means.values()))
    slope, start = np.polyfit(at, kilobytes, 1)
    free = len(at) - 2
    scatter = np.sum((kilobytes - start - slope * at) ** 2) / free
    error = np.sqrt(scatter / np.sum((at - at.mean()) ** 2))
    return round(float(slope), 1), round(float(error) * STUDENT_95[free - 1], 1)


def accounted(database: str, sent: int, context: dict[str, object]) -> Iterator[Result]:
    """Readings that were sent and are not there, and such that are there and were not sent."""
    fresh = -(-sent // NEW_EVERY)
    repeated = min(sent, MESSAGES) - min(fresh, MESSAGES // NEW_EVERY)
    with connect(database, name="bench") as connection:
        stored, quarantined, found = _sql.count_sent(
            connection,
            devices=DEVICES, steps=MESSAGES + fresh, start=START + FRACTION,
        )  # fmt: skip
    context |= {"expected": fresh + repeated, "in_quarantine": quarantined}
    yield "ingest.leak.lost", fresh + repeated - found, "readings", context
    yield "ingest.leak.doubled", stored - found, "readings", context
