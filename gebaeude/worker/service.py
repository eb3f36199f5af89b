"""The worker's process: its clock in one thread, the job queue in another, both ended together."""

from __future__ import annotations

import logging
import threading

from gebaeude.config import Settings, require
from gebaeude.errors import ServiceMissing
from gebaeude.log import Trouble
from gebaeude.metrics import serve
from gebaeude.store.database import wait_for
from gebaeude.worker import jobs
from gebaeude.worker.clock import Clock
from gebaeude.worker.context import Context

log = logging.getLogger(__name__)


def run(settings: Settings, stop: threading.Event) -> None:
    """Works until `stop` is set; then finishes the jobs that run.

    Waits where the database does not answer. ServiceMissing where it turns us away, SettingsError
    where its address is missing.
    """
    database = require(settings.database_url, "database_url")
    # They log every attempt and every job; what matters of it, the worker says itself.
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    stop_metrics = serve(settings)
    try:
        wait_for(database, name="gebaeude-worker", stopped=stop.is_set)
        _work(Context(settings, database, Trouble(log), stop))
    except ServiceMissing:
        if not stop.is_set():
            raise
    finally:
        stop_metrics()


def _work(context: Context) -> None:
    clock = threading.Thread(target=Clock(context).run, name="clock")
    clock.start()
    log.info("working")
    try:
        jobs.run(context)
    finally:
        context.stop.set()
        clock.join()
        log.info("stopped")
