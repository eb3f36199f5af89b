"""The limit rule over all points that have limits: one round."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from gebaeude.analysis.localtime import moment
from gebaeude.log import Trouble
from gebaeude.maintenance.rules import Change, Crossing, Verdict, judge_limit
from gebaeude.maintenance.wording import LimitEvidence
from gebaeude.store import findings, watch
from gebaeude.store.database import Connection
from gebaeude.store.watch import Watched
from gebaeude.worker import metrics
from gebaeude.worker.context import attempt


def check(connection: Connection, now: datetime, trouble: Trouble) -> None:
    """Opens and closes findings as the recent readings say. Needs a connection in autocommit."""
    for one in watch.watched(connection, now):
        verdict = judge_limit(one.limit, one.times, one.values, is_open=one.finding_id is not None)
        if verdict.change is not Change.KEEP:
            work = partial(_apply, connection, one, verdict, now)
            attempt(trouble, "the limit rule", f"point {one.point_id}", work)


def _apply(connection: Connection, one: Watched, verdict: Verdict, now: datetime) -> None:
    if verdict.crossing is not None:
        found = [(one.point_id, _evidence(verdict.crossing))]
        metrics.OPENED.labels("limit").inc(findings.open_together(connection, "limit", found, now))
    elif one.finding_id is not None and verdict.until is not None:
        until = moment(verdict.until)
        metrics.CLOSED.labels("limit").inc(
            findings.close(connection, one.finding_id, until=until, now=now)
        )


def _evidence(crossing: Crossing) -> LimitEvidence:
    return LimitEvidence(
        bound=crossing.bound,
        limit=crossing.limit,
        value=crossing.value,
        extreme=crossing.extreme,
        since=moment(crossing.since),
        at=moment(crossing.at),
    )
