"""What stands in front of every page and every resource, as long as there is no sign-in.

- The address in the request must be ours. A page of another host whose name is made to point at
  127.0.0.1 (DNS rebinding) names that host, and is refused.
- What changes something must come from our own pages or from a program: a browser says where a
  request comes from (`Sec-Fetch-Site`, `Origin`), a program says nothing.
- A body larger than anything we take is refused before it is read.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gebaeude.api.problems import respond
from gebaeude.text import N_, _

READING = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LARGEST_BODY = 2 * 1024 * 1024

REFUSALS: dict[int, str] = {
    403: N_("Änderungen sind nur von den eigenen Seiten aus möglich."),
    411: N_("Die Anfrage muss sagen, wie lang sie ist."),
    413: N_("Die Anfrage ist zu groß."),
    421: N_("Unter diesem Namen ist das System nicht zu erreichen."),
}
HEADERS: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Middleware: refuses what must not come in, and puts the security headers on what goes out.

    `hosts`: names we may be called by, in lower case; None: any.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None, policy: str) -> None:
        self.app = app
        self.hosts = hosts
        self.headers = HEADERS | {"Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        status = self._refusal(scope)
        if status is None:
            await self.app(scope, receive, dressed)
        else:
            await _refuse(Request(scope), status)(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            return 421
        if scope["method"] not in READING and not _from_us(headers, host):
            return 403
        return _size_refusal(headers)


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _from_us(headers: Headers, host: str) -> bool:
    """Whether one of our pages or a program sent this. Older browsers send `Origin` only."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == host.lower()


def _size_refusal(headers: Headers) -> int | None:
    """By the length that is told; who tells none could send without end."""
    if "transfer-encoding" in headers:
        return 411
    length = headers.get("content-length", "0")
    fits = length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY
    return None if fits else 413


def _refuse(request: Request, status: int) -> Response:
    text = _(REFUSALS[status])
    if request.url.path.startswith("/api"):
        return respond(status, text, request.url.path)
    return PlainTextResponse(text, status)
