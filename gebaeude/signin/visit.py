"""One request to one of our own pages: its form, who asks, and the answer.

Handlers are plain functions that may wait for the database; they run in threads of their own, so
that many who sign in at once do not keep the API from answering.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gebaeude.access.person import Person
from gebaeude.access.roles import Right
from gebaeude.access.secrets import form_token, same
from gebaeude.errors import GebaeudeError, NotFound
from gebaeude.signin import cookies
from gebaeude.signin.site import Busy, Site
from gebaeude.store.database import LOST
from gebaeude.store.sessions import Session
from gebaeude.text import _

log = logging.getLogger(__name__)

LARGEST_FORM = 64 * 1024
FIELD_LIMIT = 4_000  # characters
HANDLERS_AT_ONCE = 12
# Our pages need no script, and nothing from anywhere.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    # Addresses of these pages hold secrets.
    "Referrer-Policy": "no-referrer",
}


class Refused(Exception):
    """The form cannot be taken; `status` and a sentence for the person."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


@dataclass(frozen=True)
class Visit:
    """A request as the handlers see it."""

    site: Site
    request: Request
    form: dict[str, list[str]]
    now: datetime

    @property
    def origin(self) -> str:
        return str(self.request.scope["state"]["origin"])

    @property
    def agent(self) -> str:
        return self.request.headers.get("user-agent", "")

    @property
    def session(self) -> Session | None:
        found: Session | None = self.request.scope["state"]["session"]
        return found

    @cached_property
    def person(self) -> Person:
        """Who asks; the gate lets nobody else to a page that needs to know."""
        found: Person | None = self.request.scope["state"]["person"]
        if found is None:
            raise Refused(401, _("Bitte anmelden."))
        return found

    @property
    def account(self) -> int:
        """Id of the account that asks; guests have none."""
        if self.person.account is None or self.session is None:
            raise Refused(403, _("Das geht nur mit einem Konto, im Browser angemeldet."))
        return self.person.account

    def field(self, name: str) -> str:
        """What stands in a field of the form, empty where there is none."""
        return (self.form.get(name) or [""])[0][:FIELD_LIMIT]

    def number(self, name: str) -> int:
        """A field that holds an id; Refused where it does not."""
        text = self.field(name)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refused(400, _("Das Formular ist unvollständig."))
        return int(text)

    def onward(self) -> str:
        """Where to after signing in: one of our own pages, whatever was asked for."""
        given = self.field("weiter") or self.request.query_params.get("weiter", "")
        return safe_path(given)

    def cookie(self, plain: str) -> str | None:
        return self.site.jar.read(self.request, plain)

    @property
    def form_token(self) -> str:
        """What our forms carry; of the session, or of the step in which somebody is."""
        secret = self.cookie(cookies.SESSION) or self.cookie(cookies.STEP)
        return form_token(secret) if secret else ""

    def check_form(self) -> None:
        """Refused unless the form is one that we gave to this session."""
        if not same(self.field("form"), self.form_token) or not self.form_token:
            raise Refused(
                403, _("Das Formular ist abgelaufen. Bitte die Seite neu laden und noch einmal.")
            )

    def page(self, template: str, *, status: int = 200, **shown: Any) -> Response:
        """A page of ours."""
        told = {
            "form_token": self.form_token,
            "person": self.request.scope["state"]["person"],
            "signed_in": self.session is not None,
            "demo": self.site.demo,
            "path": self.request.url.path,
            "complaint": "",
            "done": "",
            "administers": self._administers(),
        }
        html = self.site.templates.get_template(template).render(told | shown)
        return HTMLResponse(html, status, HEADERS)

    def go(self, path: str) -> Response:
        """On to another page of ours."""
        return RedirectResponse(path, 303, HEADERS)

    def _administers(self) -> bool:
        who: Person | None = self.request.scope["state"]["person"]
        return who is not None and who.account is not None and who.may(Right.MANAGE_ACCOUNTS)


Handler = Callable[[Visit], Response]


def route(
    path: str, site: Site, *, get: Handler | None = None, post: Handler | None = None
) -> Route:
    """A page of ours; what changes something is `post`."""
    handlers = {"GET": get, "HEAD": get, "POST": post}
    limiters: list[anyio.CapacityLimiter] = []

    async def answer(request: Request) -> Response:
        handler = handlers[request.method]
        assert handler is not None
        if not limiters:
            limiters.append(anyio.CapacityLimiter(HANDLERS_AT_ONCE))
        form = await _form(request) if request.method == "POST" else {}
        if form is None:
            text = _("Das Formular ist zu groß oder nicht lesbar.")
            return Visit(site, request, {}, datetime.now(UTC)).page(
                "oops.html", status=400, text=text
            )
        visit = Visit(site, request, form, datetime.now(UTC))
        return await anyio.to_thread.run_sync(_answered, handler, visit, limiter=limiters[0])

    methods = [method for method, handler in handlers.items() if handler is not None]
    return Route(path, answer, methods=methods)


def _answered(handler: Handler, visit: Visit) -> Response:
    try:
        return handler(visit)
    except Refused as refused:
        return visit.page("oops.html", status=refused.status, text=str(refused))
    except NotFound as error:
        return visit.page("oops.html", status=404, text=str(error))
    except GebaeudeError as error:
        return visit.page("oops.html", status=409, text=str(error))
    except Busy:
        text = _("Gerade melden sich sehr viele an. Bitte gleich noch einmal versuchen.")
        return visit.page("oops.html", status=503, text=text)
    except LOST as error:
        log.warning("sign-in cannot reach the database: %s", error)
        text = _("Die Datenbank antwortet gerade nicht. Bitte gleich noch einmal versuchen.")
        return visit.page("oops.html", status=503, text=text)


async def _form(request: Request) -> dict[str, list[str]] | None:
    """The fields of a form, None where it is too large or none."""
    if int(request.headers.get("content-length", "0")) > LARGEST_FORM:
        return None
    try:
        text = (await request.body()).decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        return None


def safe_path(given: str) -> str:
    """A path of ours, "/" where it would lead anywhere else."""
    if not given.startswith("/") or given.startswith(("//", "/anmelden", "/kennwort", "/gast")):
        return "/"
    if "\\" in given or not given.isprintable() or len(given) > 2_000:
        return "/"
    try:
        parts = urlsplit(given)
    except ValueError:
        return "/"
    return given if not parts.scheme and not parts.netloc else "/"
