"""The web process: API and dashboard as one ASGI application on one port."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast
from urllib.parse import urlsplit

import psycopg
import uvicorn
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.app import CONTENT_SECURITY_POLICY, create_dash
from gebaeude.api.app import PREFIX, create_api
from gebaeude.api.guard import Guard
from gebaeude.api.problems import DETAILS, respond
from gebaeude.api.scoped import Scoped
from gebaeude.config import Settings, is_loopback
from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.signin.app import pages
from gebaeude.signin.clock import ClockWatch
from gebaeude.signin.door import Door
from gebaeude.signin.gate import Gate
from gebaeude.signin.refusals import Ledger
from gebaeude.signin.site import Site, sealer
from gebaeude.store import webrole
from gebaeude.store.database import Pool, connect, hopeless
from gebaeude.store.heartbeat import EVERY_S, beat
from gebaeude.store.scope import open_scoped_pool, unscoped
from gebaeude.text import _

log = logging.getLogger(__name__)

POOL = 12  # connections at most
DASHBOARD_THREADS = 8
# A browser may send on a connection just as we close it, and does not send a POST again: so we
# close later than browsers and proxies do.
KEEP_ALIVE_S = 310
GRACE_S = 10  # seconds that running requests get when the process is to stop


def create_app(site: Site, ledger: Ledger) -> ASGIApp:
    """API at /api/v1, problems elsewhere under /api, pages for signing in, the dashboard at
    everything else; a gate in front that lets nobody in who has not signed in."""
    pool, settings = site.pool, site.settings
    dash = create_dash(pool, settings)
    door = Door(site, ledger)
    return Starlette(
        routes=[
            Mount(PREFIX, create_api(pool, settings)),
            Route("/api", _no_such),
            Mount("/api", _no_such_app),
            *pages(site),
            # What the gate lets through for them must never be the dashboard's to answer.
            *(Mount(f"/{word}", _no_page) for word in ("anmelden", "kennwort", "gast")),
            Mount("/", cast(ASGIApp, WSGIMiddleware(dash.server, workers=DASHBOARD_THREADS))),
        ],
        exception_handlers={HTTPException: _nowhere},
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
            Middleware(
                Guard,
                public_url=settings.public_url,
                exposed=not is_loopback(settings.web_host),
                policy=CONTENT_SECURITY_POLICY,
                refused=door.refused,
            ),
            Middleware(Gate, site=site, ledger=ledger),
            Middleware(Scoped),
        ],
    )


def run(
    settings: Settings,
    stop: threading.Event,
    *,
    ready: Callable[[str], None] = lambda address: None,
    demo: bool = False,
) -> None:
    """Serves until `stop` is set; `ready` is called with the address when requests are answered.

    `demo`: whoever comes may take an example role, so it is for this machine alone. Raises
    SettingsError where the address must not or cannot be listened on, ServiceMissing where the
    database refuses us for good. A database that is away is waited for while serving.
    """
    _check_exposure(settings, demo)
    url = settings.web_database_url
    _check_database(url)
    sealer(settings)  # no key, no start
    with (
        _listening(settings) as listener,
        open_scoped_pool(url, name="gebaeude-web", max_size=POOL, bound=True) as pool,
        _at_work(Site(pool, settings, demo=demo)) as app,
    ):
        _serve(app, listener, stop, ready)


@contextmanager
def _at_work(site: Site) -> Iterator[ASGIApp]:
    """The application, and what it does by itself every few seconds."""
    ledger, watch = Ledger(site), ClockWatch(site)
    with _beating(site.pool, (ledger.flush, watch.look)):
        yield create_app(site, ledger)
    ledger.flush(everything=True)


def _serve(
    app: ASGIApp, listener: socket.socket, stop: threading.Event, ready: Callable[[str], None]
) -> None:
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
    )
    done = threading.Event()

    def watch() -> None:
        while not (server.started or done.is_set()):
            done.wait(0.01)
        if not done.is_set():
            address = _address(listener)
            log.info("serving on %s", address)
            ready(address)
        while not stop.wait(0.1) and not done.is_set():
            pass
        server.should_exit = True

    watcher = threading.Thread(target=watch, name="stop", daemon=True)
    watcher.start()
    try:
        server.run(sockets=[listener])
    finally:
        done.set()
        watcher.join()


class _Server(uvicorn.Server):
    """Leaves the signals to the command, which sets `stop`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(settings.web_host, None)[0][0]
        # asyncio sends without delay only where the socket says that it speaks TCP; otherwise each
        # answer waits 40 ms for the acknowledgement of its head.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise SettingsError(_wrong("GEBAEUDE_WEB_HOST", str(error))) from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.web_host, settings.web_port))
        except OSError as error:
            where = f"{settings.web_host}:{settings.web_port}"
            raise SettingsError(_wrong("GEBAEUDE_WEB_PORT", f"{where}: {error}")) from None
        yield listener


def _wrong(name: str, why: str) -> str:
    return _("Einstellung {name}: {why}").format(name=name, why=why)


def _address(listener: socket.socket) -> str:
    host, port, *_rest = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _beating(pool: Pool, others: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Gives a sign of life every few seconds, and does what else is due then."""
    stop = threading.Event()

    def go_on() -> None:
        while True:
            try:
                with unscoped(pool, EVERY_S) as connection:
                    beat(connection, "web")
            except psycopg.Error as error:  # away, or not migrated yet
                log.debug("no sign of life: %s", error)
            for other in others:
                other()
            if stop.wait(EVERY_S):
                return

    thread = threading.Thread(target=go_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=2 * EVERY_S)


def _check_exposure(settings: Settings, demo: bool) -> None:
    if is_loopback(settings.web_host):
        return
    if demo:
        raise SettingsError(_("Die Beispielrollen der Demo gibt es nur auf diesem Rechner."))
    public = urlsplit(settings.public_url)
    if public.scheme != "https" and not is_loopback(public.hostname or ""):
        raise SettingsError(
            _(
                "Einstellung GEBAEUDE_WEB_HOST: {host} ist von anderen Rechnern aus erreichbar, "
                "aber GEBAEUDE_PUBLIC_URL beginnt nicht mit https://. Kennwörter gingen offen über "
                "die Leitung; siehe docs/operations.md."
            ).format(host=settings.web_host)
        )


def _check_database(url: str) -> None:
    """Raises where the database refuses us for good, or does not bind us (SettingsError)."""
    if not url:
        raise SettingsError(
            _(
                "Einstellung GEBAEUDE_WEB_DATABASE_URL fehlt: Das Dashboard braucht in der "
                "Datenbank eine eigene Rolle, die an die Trennung der Kommunen gebunden ist. Mit "
                "der Adresse der Datenbank, einem neuen Benutzer und einem Passwort darin legt "
                "gebaeude migrate sie an."
            )
        )
    try:
        with connect(url, name="gebaeude-web") as connection:
            webrole.refuse_unbound(connection)
    except psycopg.OperationalError as error:
        text = " ".join(str(error).split())
        if hopeless(error):
            refused = _("Die Datenbank weist uns ab: {why}").format(why=text)
            raise ServiceMissing(refused) from None
        log.warning("the database does not answer yet: %s", text)


def _no_such(request: Request) -> Response:
    return respond(404, _(DETAILS[404]), request.url.path)


def _nowhere(request: Request, error: Exception) -> Response:
    """For addresses that no route takes, such as those with a line break in them."""
    if request.url.path.startswith("/api"):
        return _no_such(request)
    return PlainTextResponse(_(DETAILS[404]), 404)


async def _no_such_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Whatever else is asked for under /api is a problem, and not the dashboard's page."""
    await _no_such(Request(scope))(scope, receive, send)


async def _no_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Whatever else is asked for where people sign in."""
    await PlainTextResponse(_(DETAILS[404]), 404)(scope, receive, send)
