"""The silence rule over all points, and which of the silence is our own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from gebaeude.log import Trouble
from gebaeude.maintenance.rules import Change, judge_silence, patience
from gebaeude.maintenance.wording import Evidence, SilenceEvidence
from gebaeude.store import findings, watch
from gebaeude.store.database import Connection
from gebaeude.store.watch import Heard
from gebaeude.worker import metrics
from gebaeude.worker.context import attempt


def check(connection: Connection, now: datetime, trouble: Trouble) -> None:
    """Opens and closes findings of silence, one ticket a building. Needs autocommit."""
    points = watch.heard(connection, now)
    _listen(connection, points, now)
    silent: dict[int, list[tuple[int, Evidence]]] = defaultdict(list)
    for one in points:
        change = judge_silence(one.hearing, is_open=one.finding_id is not None)
        if change is Change.OPEN and one.last is not None:
            evidence = SilenceEvidence(one.last, one.hearing.interval_s)
            silent[one.building_id].append((one.point_id, evidence))
        elif change is Change.CLOSE:
            close = partial(_close, connection, one, now)
            attempt(trouble, "the silence rule", f"point {one.point_id}", close)
    for building_id, found in silent.items():
        work = partial(_open, connection, found, now)
        attempt(trouble, "the silence rule", f"building {building_id}", work)


def _listen(connection: Connection, points: Sequence[Heard], now: datetime) -> None:
    """Extends the time we heard anything at all, as long as the fastest points are heard of.

    Two thirds of their patience, so that an outage of the broker is known as ours before the
    first point would be blamed for it.
    """
    sending = [one for one in points if one.last is not None]
    if not sending:
        return
    newest = min(max(one.last for one in sending if one.last is not None), now)
    tolerance = patience(min(one.hearing.interval_s for one in sending)) * 2 / 3
    if now - newest <= tolerance:
        watch.listen(connection, newest, tolerance)


def _open(connection: Connection, found: Sequence[tuple[int, Evidence]], now: datetime) -> None:
    metrics.OPENED.labels("silent").inc(findings.open_together(connection, "silent", found, now))


def _close(connection: Connection, one: Heard, now: datetime) -> None:
    if one.finding_id is not None and one.last is not None:
        metrics.CLOSED.labels("silent").inc(
            findings.close(connection, one.finding_id, until=one.last, now=now)
        )
