"""Prometheus metrics: what every process offers the same way.

A process defines its own counters with `prometheus_client` in the module that counts, and calls
`serve` once; the web process shows them at /api/v1/metrics instead.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from importlib.metadata import version
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CONTENT_TYPE_LATEST, Info, generate_latest, start_http_server

from gebaeude.config import Settings
from gebaeude.errors import SettingsError
from gebaeude.text import _

log = logging.getLogger(__name__)

CONTENT_TYPE = CONTENT_TYPE_LATEST

_BUILD = Info("gebaeude_build", "Version of the program.")
_BUILD.info({"version": version("gebaeude")})


def serve(settings: Settings) -> Callable[[], None]:
    """Offers this process's metrics on the port that is set, and returns how to stop that.

    Port 0 means none. Raises SettingsError where the port cannot be had.
    """
    if not settings.metrics_port:
        return lambda: None
    try:
        server, thread = start_http_server(settings.metrics_port, settings.metrics_host)
    except OSError as error:
        text = _("Einstellung {name}: {why}")
        why = _why(error, f"{settings.metrics_host}:{settings.metrics_port}")
        raise SettingsError(text.format(name="GEBAEUDE_METRICS_PORT", why=why)) from None
    log.info("metrics on http://%s:%s/metrics", settings.metrics_host, settings.metrics_port)
    return lambda: _stop(server, thread)


def _why(error: OSError, where: str) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"{where}: {error}"
    text = _(
        "{where} hat schon ein anderer Prozess. Auf einer Maschine braucht jeder einen eigenen "
        "Port, etwa 9464 für gebaeude ingest und 9465 für gebaeude work."
    )
    return text.format(where=where)


def render() -> bytes:
    """This process's metrics in Prometheus's text format."""
    return generate_latest()


def _stop(server: WSGIServer, thread: Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
