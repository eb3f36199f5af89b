"""Our cookies. None of them can be read by a script, and none is sent from another site's form.

With https the name begins with `__Host-`: browsers then take it only with Secure, for this host
and no other, so that no neighbouring name can plant one. Plain http is for this machine alone;
there a browser would refuse that prefix, and we do without.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

SESSION = "gebaeude"
BROWSER = "gebaeude-browser"  # by which a browser is known beyond its session
STEP = "gebaeude-step"  # between password and second factor
ELSEWHERE = "gebaeude-elsewhere"  # while signing in at the identity provider
CAME_BY = "gebaeude-came-by"  # that somebody came from there: to be told on signing out
MONTHS_S = 90 * 86_400


class Jar:
    """Sets and reads our cookies; `secure` where people reach us by https."""

    def __init__(self, secure: bool) -> None:
        self.secure = secure

    def name(self, plain: str) -> str:
        """The cookie's name as the browser has it."""
        return f"__Host-{plain}" if self.secure else plain

    def read(self, request: Request, plain: str) -> str | None:
        """What the browser sent, None for nothing."""
        return request.cookies.get(self.name(plain)) or None

    def put(self, response: Response, plain: str, value: str, lasts_s: int | None = None) -> None:
        """Gives the browser a cookie; without `lasts_s` until it is closed."""
        response.set_cookie(
            self.name(plain), value, max_age=lasts_s, path="/", secure=self.secure, httponly=True,
            samesite="lax",
        )  # fmt: skip

    def drop(self, response: Response, plain: str) -> None:
        """Takes the cookie away."""
        response.delete_cookie(
            self.name(plain), path="/", secure=self.secure, httponly=True, samesite="lax"
        )
