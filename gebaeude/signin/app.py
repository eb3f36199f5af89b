"""All pages for signing in and for accounts; what each may be reached by, the gate says."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.theme import DARK, LIGHT, Theme
from gebaeude.signin import (
    account,
    code,
    demo,
    entry,
    guest,
    notice,
    oidc,
    password,
    people,
    second,
    statement,
)
from gebaeude.signin.permit import guarded
from gebaeude.signin.site import Site
from gebaeude.signin.visit import route

_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
_FONT = """\
@font-face { font-family: Inter; font-display: swap; font-weight: 100 900;
  src: url("/assets/fonts/inter-latin.woff2") format("woff2"); }
"""


def pages(site: Site) -> list[Route]:
    """The routes; the one of the demo is there in a demo alone."""
    found = [
        Route("/anmelden/stil.css", _style),
        route("/barrierefreiheit", site, get=statement.show),
        route("/datenschutz", site, get=notice.show),
        route("/anmelden", site, get=entry.form, post=entry.sign_in),
        route("/anmelden/code", site, get=code.form, post=code.check),
        route("/anmelden/oidc", site, get=oidc.begin),
        route("/anmelden/oidc/zurueck", site, get=oidc.back),
        route("/anmelden/oidc/ende", site, get=oidc.end),
        route("/anmelden/vergessen", site, get=password.forgotten, post=password.send),
        route("/kennwort/{secret}", site, get=password.choose, post=password.keep),
        route("/gast/{secret}", site, get=guest.look, post=guest.enter),
        route("/abmelden", site, post=entry.sign_out),
        Route("/konto/schrift.css", _font),
        route("/konto", site, get=account.show),
        route("/konto/name", site, post=account.rename),
        route("/konto/kennwort", site, post=password.change),
        route("/konto/sitzungen", site, post=account.end_session),
        route("/konto/schluessel", site, post=account.make_token),
        route("/konto/schluessel/ende", site, post=account.end_token),
        route("/konto/zweiter-faktor", site, get=second.form, post=second.keep),
        route("/konto/zweiter-faktor/codes", site, post=second.renew_codes),
        route("/konto/zweiter-faktor/ende", site, post=second.drop),
        route("/benutzer", site, get=people.listed, post=people.invite),
        route("/benutzer/gast", site, post=people.make_guest_link),
        route("/benutzer/gast/ende", site, post=people.end_guest_link),
        route("/benutzer/{account:int}", site, get=people.one, post=people.act),
        route("/benutzer/{account:int}/rolle", site, post=people.change_role),
    ]
    if site.demo:
        found.append(route("/anmelden/demo", site, get=demo.choose, post=demo.enter))
    return guarded(found, site)


def stylesheet() -> str:
    """Colours as the dashboard has them, by what the system prefers; then everything else."""
    dark = "@media (prefers-color-scheme: dark) { :root { " + _colours(DARK) + " } }"
    return ":root { " + _colours(LIGHT) + " }\n" + dark + "\n" + _STYLE


def _colours(theme: Theme) -> str:
    plain = {
        name: getattr(theme, name) for name in ("page", "card", "line", "text", "quiet", "grey")
    }
    states = {f"state-{state}": colour for state, colour in theme.states.items()}
    told = "".join(f"--{name}:{value};" for name, value in (plain | states).items())
    return f"color-scheme:{theme.name};{told}"


async def _style(request: Request) -> Response:
    return Response(stylesheet(), media_type="text/css", headers=_LASTING)


async def _font(request: Request) -> Response:
    return Response(_FONT, media_type="text/css", headers=_LASTING)


_LASTING = {"Cache-Control": "private, max-age=300"}
