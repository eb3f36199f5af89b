"""Prometheus metrics of the web process, and of what the database holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from fastapi import APIRouter, Response
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from gebaeude import metrics
from gebaeude.api.parameters import Pooled
from gebaeude.reports.lines import freshness
from gebaeude.store import summary
from gebaeude.store.database import Connection, Pool
from gebaeude.store.heartbeat import heartbeats

router = APIRouter(prefix="/metrics", tags=["Operation"])


class Stored(Collector):
    """What the database holds, asked at each scrape; without it only that it is not there."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("gebaeude_database_up", "1 where the database answers.")
        try:
            with self.pool.connection(timeout=2) as connection:
                found = list(_families(connection))
        except psycopg.Error:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


def _families(connection: Connection) -> Iterator[Metric]:
    fresh = freshness(summary.heard(connection), datetime.now(UTC))
    points = GaugeMetricFamily("gebaeude_points", "Points by freshness.", labels=["state"])
    for state in ("fresh", "silent", "never"):
        points.add_metric([state], getattr(fresh, state))
    yield points
    held = GaugeMetricFamily(
        "gebaeude_quarantine_messages", "Messages in quarantine.", labels=["reason"]
    )
    for refused in summary.quarantine_by_reason(connection):
        held.add_metric([refused.reason], refused.messages)
    yield held
    open_now = GaugeMetricFamily("gebaeude_open", "Open findings and tickets.", labels=["kind"])
    buildings = summary.buildings(connection)
    open_now.add_metric(["finding"], sum(row.findings for row in buildings))
    open_now.add_metric(["ticket"], sum(row.tickets for row in buildings))
    yield open_now
    age = GaugeMetricFamily(
        "gebaeude_heartbeat_age_seconds", "Since a process's last sign of life.", labels=["process"]
    )
    for sign in heartbeats(connection).values():
        age.add_metric([sign.process], sign.age_s)
    yield age


@router.get(
    "",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
    summary="Metrics for Prometheus",
)
def scrape(pool: Pooled) -> Response:
    """Requests and their times, points by freshness, quarantine, findings, signs of life."""
    registry = CollectorRegistry()
    registry.register(Stored(pool))
    body = metrics.render() + generate_latest(registry)
    return Response(body, media_type=metrics.CONTENT_TYPE)
