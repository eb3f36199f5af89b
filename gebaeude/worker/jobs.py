"""The jobs, and the queue in the database that hands them out.

A job's row is deleted when it has run; whatever goes wrong in one is said and counted here, and
the next run looks at the state of things anew, so that nothing is lost with a failed one. Several
workers share the queue: each run of a job goes to one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

import procrastinate
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from gebaeude.store.database import LOST, Connection, connect, wait_for
from gebaeude.worker import mails, metrics, plans, quarantine, retention, silence, unread
from gebaeude.worker.context import Context

log = logging.getLogger(__name__)

QUEUE = "gebaeude"
AT_ONCE = 3  # jobs that run beside each other in one worker
PATIENCE_S = 20  # for running jobs when the worker is told to stop
TICK_S = 0.2  # how soon a stop is seen
AGAIN_S = 1.0  # before the queue is tried again
STALLED_S = 60.0  # a worker without a sign of life for so long is dead


@dataclass(frozen=True)
class Job:
    """What is done, and by which cron line; without one, when it is asked for."""

    work: Callable[[Connection, datetime, Context], None]
    cron: str | None = None


JOBS: dict[str, Job] = {
    "silence": Job(lambda c, now, x: silence.check(c, now, x.trouble), cron="* * * * *"),
    "plans": Job(lambda c, now, x: plans.open_due(c, now, x.trouble), cron="0 * * * *"),
    "quarantine": Job(
        lambda c, now, x: quarantine.prune(c, x.settings, now, x.stop), cron="*/5 * * * *"
    ),
    "unread": Job(
        lambda c, now, x: unread.read(c, x.settings, x.trouble, x.stop), cron="* * * * *"
    ),
    "retention": Job(
        lambda c, now, x: retention.forget(c, x.settings, now, x.stop), cron="17 2 * * *"
    ),
    "mails": Job(lambda c, now, x: mails.send_waiting(c, x.settings, now, x.stop)),
}
for _name in JOBS:
    metrics.JOBS.labels(_name, "failed")  # there from the start, so that the first one is a step
AT_START = ("silence", "plans", "quarantine", "unread", "retention")


@cache
def _asker() -> App:
    """Only writes into the queue, on connections it is given."""
    return App(connector=procrastinate.SyncPsycopgConnector())


def ask_for(connection: Connection, name: str) -> None:
    """Puts a job into the queue, unless it waits there already. Needs autocommit."""
    with contextlib.suppress(AlreadyEnqueued):
        _asker().configure_task(
            name, queue=QUEUE, queueing_lock=name, connection=connection
        ).defer()


def run(context: Context) -> None:
    """Runs jobs until the context's `stop` is set; waits where the database is away."""
    asyncio.run(_run(_app(context), context))


def work(name: str, context: Context) -> None:
    """Runs one job on a connection of its own; what goes wrong is said and counted."""
    outcome = "failed"
    try:
        with connect(context.database, name=f"gebaeude-worker-{name}", autocommit=True) as opened:
            JOBS[name].work(opened, datetime.now(UTC), context)
        outcome = "done"
    except LOST as error:
        context.trouble.say("the database is away", f"job {name}: {' '.join(str(error).split())}")
    except Exception as error:
        context.trouble.say(f"job {name}", f"{type(error).__name__}: {error}", logging.ERROR)
    finally:
        metrics.JOBS.labels(name, outcome).inc()


def _app(context: Context) -> App:
    connector = procrastinate.PsycopgConnector(
        conninfo=context.database,
        kwargs={"application_name": "gebaeude-worker-queue", "connect_timeout": 5},
        min_size=1,
        max_size=3,
        timeout=10,
    )
    app = App(connector=connector)
    for name, job in JOBS.items():
        task = app.task(name=name, queue=QUEUE, queueing_lock=name)(partial(_task, name, context))
        if job.cron:
            app.periodic(cron=job.cron)(task)
    return app


def _task(name: str, context: Context, timestamp: int = 0) -> None:
    """The queue hands a periodic job the second it was meant for; what counts here is now."""
    work(name, context)


async def _run(app: App, context: Context) -> None:
    while not context.stop.is_set():
        try:
            async with app.open_async():
                await _serve(app, context)
        except Exception as error:
            text = f"{type(error).__name__}: {' '.join(str(error).split())}"
            context.trouble.say("the job queue is away", text)
        if not context.stop.is_set():
            await asyncio.to_thread(_wait, context)


async def _serve(app: App, context: Context) -> None:
    """Until told to stop, or until the queue breaks down."""
    await _forget_stalled(app)
    worker = asyncio.create_task(
        app.run_worker_async(
            queues=[QUEUE],
            concurrency=AT_ONCE,
            delete_jobs="always",
            shutdown_graceful_timeout=PATIENCE_S,
            install_signal_handlers=False,
        )
    )
    while not (context.stop.is_set() or worker.done()):
        await asyncio.sleep(TICK_S)
    if not worker.done():
        worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await worker


async def _forget_stalled(app: App) -> None:
    """Removes jobs whose worker died while at them: the next run makes up for theirs."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)


def _wait(context: Context) -> None:
    context.stop.wait(AGAIN_S)
    wait_for(context.database, name="gebaeude-worker", stopped=context.stop.is_set)
