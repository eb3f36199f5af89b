"""Connections to the database: the pool, waiting for a server, trying again after a lost one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosql
import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolTimeout

from gebaeude.errors import ServiceMissing
from gebaeude.text import _

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = ConnectionPool[Connection]

# What a server that restarts, a cut line or an administrator's terminate looks like from here.
LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)

# Nobody waits for an answer of a minute, and no transaction may be left lying open.
_SESSION = "-c timezone=UTC -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
# How long a line may be dead, and a server silent, until we notice; longer than any statement.
_LINE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 75_000,  # ms
}
# Errors of OperationalError's class that trying again cannot mend.
_FINAL = (
    psycopg.errors.InvalidPassword,
    psycopg.errors.InvalidAuthorizationSpecification,
    psycopg.errors.InvalidCatalogName,
)


def queries(module_file: str) -> Any:
    """The named queries of the .sql file that stands beside the module: `queries(__file__)`."""
    return aiosql.from_path(Path(module_file).with_suffix(".sql"), "psycopg")


def connect(url: str, *, name: str, autocommit: bool = False) -> Connection:
    """One connection in UTC; `name` is how an administrator sees it in pg_stat_activity."""
    return _Bounded.connect(url, autocommit=autocommit, **_session(url, name))


def open_pool(
    url: str,
    *,
    name: str,
    min_size: int = 1,
    max_size: int = 8,
    options: str = "",
    kind: type[Pool] = ConnectionPool,
    configure: Callable[[Connection], None] | None = None,
) -> Pool:
    """A pool whose connections are tried before they are handed out; close it when done.

    options: further ones for the server, as `-c name=value`. configure: is shown each new
    connection; what it raises keeps the connection out of the pool.
    """
    return kind(
        url,
        kwargs=_session(url, name, options),
        min_size=min_size,
        max_size=max_size,
        check=ConnectionPool.check_connection,
        configure=configure,
        timeout=10,
        reconnect_timeout=30,
        name=name,
        open=True,
    )


def _session(url: str, name: str, more: str = "") -> dict[str, Any]:
    """What we ask for; what the address itself says counts more."""
    told = conninfo_to_dict(url)
    options = f"{_SESSION} {more} {told.pop('options', '')}".strip()
    return {**_LINE, **told, "application_name": name, "options": options}


class _Bounded(psycopg.Connection[tuple[Any, ...]]):
    """Gives up a server that stays silent for `tcp_user_timeout`, as the kernel does a dead line.

    A proxy, or a server that stands still, keeps the line alive and never answers. Raises
    psycopg.OperationalError; the connection is closed then.
    """

    def wait(self, gen: PQGen[R], interval: float = 0.1, timeout: float | None = None) -> R:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self._patience_s)
        except psycopg.errors._WaitTimeout:
            self.close()
            text = f"no answer from the database for {self._patience_s:g} s"
            raise psycopg.OperationalError(text) from None

    @cached_property
    def _patience_s(self) -> float:
        return int(self.info.get_parameters()["tcp_user_timeout"]) / 1000


def wait_for(
    url: str,
    *,
    name: str,
    patience_s: float | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Returns when the server answers; says once a minute that it waits.

    Raises ServiceMissing where waiting makes no sense (wrong password, no such database), after
    `patience_s` seconds, or when `stopped()` turns true.
    """
    started, said, pause = time.monotonic(), -60.0, 0.1
    while True:
        try:
            with connect(url, name=name):
                return
        except psycopg.OperationalError as error:
            waited, text = time.monotonic() - started, " ".join(str(error).split())
            if hopeless(error):
                refused = _("Die Datenbank weist uns ab: {why}").format(why=text)
                raise ServiceMissing(refused) from None
            if stopped() or (patience_s is not None and waited > patience_s):
                away = _("Die Datenbank antwortet nicht: {why}").format(why=text)
                raise ServiceMissing(away) from None
            if waited - said >= 60:
                log.warning("waiting for the database: %s", text)
                said = waited
        time.sleep(pause)
        pause = min(pause * 2, 2.0)


def hopeless(error: psycopg.Error) -> bool:
    """Whether waiting cannot mend this: the server is there and refuses us."""
    refusals = ("password authentication failed", "does not exist", "no pg_hba.conf entry")
    return isinstance(error, _FINAL) or any(word in str(error) for word in refusals)


def retrying(work: Callable[Concatenate[Pool, P], R]) -> Callable[Concatenate[Pool, P], R]:
    """Runs `work(pool, …)` up to twice more when its connection is lost; it must bear that."""

    def again(pool: Pool, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for pause in (0.05, 0.5):
            try:
                return work(pool, *args, **kwargs)
            except LOST as error:
                log.info("connection lost, trying again: %s", error)
                time.sleep(pause)
        return work(pool, *args, **kwargs)

    return again
