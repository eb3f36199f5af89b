"""What stands in front of every page and every resource, before anybody is asked who they are.

- The address in the request must be ours. A page of another host whose name is made to point at
  this machine (DNS rebinding) names that host, and is refused. A number, or a name without a dot
  (a container's, a neighbour's), is never such a name where we are open to others on purpose.
- What changes something must come from our own pages or from a program: a browser says where a
  request comes from (`Sec-Fetch-Site`, `Origin`), a program says nothing.
- A body larger than anything we take is refused before it is read, and so is a packed one, or one
  that does not say to be of the kind that is taken there: JSON, or a form where people sign in. Who
  would send JSON from another site as if it were a form or plain text gets no further either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
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
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

# The same for everybody, and kept by browsers; nothing else is.
EVERYBODYS = ("/assets/", "/_dash-component-suites/", "/anmelden/stil.css", "/konto/schrift.css")

REFUSALS: dict[int, str] = {
    403: N_("Änderungen sind nur von den eigenen Seiten aus möglich."),
    411: N_("Die Anfrage muss sagen, wie lang sie ist."),
    413: N_("Die Anfrage ist zu groß."),
    415: N_("Angenommen wird hier nur {kind}, nicht gepackt."),
    421: N_("Unter diesem Namen ist das System nicht zu erreichen (GEBAEUDE_PUBLIC_URL)."),
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

    `public_url`: where people reach us. `exposed`: open to other machines on purpose. `refused`:
    told of each refusal, with its status.
    """

    def __init__(
        self, app: ASGIApp, *, public_url: str, exposed: bool, policy: str,
        refused: Callable[[Scope, int], Awaitable[None]],
    ) -> None:  # fmt: skip
        self.app = app
        self.refused = refused
        self.public = urlsplit(public_url)
        self.exposed = exposed
        self.headers = HEADERS | {"Content-Security-Policy": policy}
        if self.public.scheme == "https":
            self.headers |= {"Strict-Transport-Security": f"max-age={365 * 86_400}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(EVERYBODYS):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        status = self._refusal(scope)
        if status is None:
            await self.app(scope, receive, dressed)
        else:
            await self.refused(scope, status)
            await _refuse(Request(scope), status)(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(_name(host)):
            return 421
        ours = (host.lower(), self.public.netloc.lower())
        if scope["method"] not in READING and not _from_us(headers, ours):
            return 403
        if headers.get("content-encoding", "identity") != "identity":
            return 415
        return _size_refusal(headers) or _kind_refusal(scope, headers)

    def _is_ours(self, name: str) -> bool:
        if name in LOOPBACK or (name and name == self.public.hostname):
            return True
        return self.exposed and (_is_number(name) or (name != "" and "." not in name))


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _from_us(headers: Headers, ours: tuple[str, ...]) -> bool:
    """Whether one of our pages or a program sent this. Older browsers send `Origin` only."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin == "null" and site == "same-origin":
        return True  # our pages for signing in tell nobody where they are, not even ourselves
    return origin is None or origin.partition("://")[2].lower() in ours


def _size_refusal(headers: Headers) -> int | None:
    """By the length that is told; who tells none could send without end."""
    if "transfer-encoding" in headers:
        return 411
    length = headers.get("content-length", "0")
    fits = length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY
    return None if fits else 413


def _kind_refusal(scope: Scope, headers: Headers) -> int | None:
    """By what the body is said to be; one of no length needs to be of no kind."""
    if scope["method"] in READING or int(headers.get("content-length", "0")) == 0:
        return None
    told = [kind.partition(";")[0].strip().lower() for kind in headers.getlist("content-type")]
    return None if told == [_taken(scope["path"])] else 415


def _taken(path: str) -> str:
    """The kind of body that is taken there."""
    return JSON if path.startswith(("/api", "/_")) else FORM


def _refuse(request: Request, status: int) -> Response:
    text = _(REFUSALS[status]).format(kind=_taken(request.url.path))
    if request.url.path.startswith("/api") or status == 415:  # no page of ours sends such a body
        return respond(status, text, request.url.path)
    return PlainTextResponse(text, status)
