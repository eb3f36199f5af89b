"""Guests: a link of limited life to one building."""

from __future__ import annotations

from starlette.responses import Response

from gebaeude.signin import cookies, trace
from gebaeude.signin.visit import Visit
from gebaeude.store import links, sessions
from gebaeude.store.links import Purpose
from gebaeude.store.sessions import Strength
from gebaeude.text import _, when


def look(visit: Visit) -> Response:
    """Asks once before it begins: programs that look at links in mails do not press a button."""
    with visit.site.connect() as connection:
        link = links.find(
            connection, visit.request.path_params["secret"], {Purpose.GUEST}, visit.now
        )
        if link is None:
            return _void(visit)
        name = links.building_name(connection, link)
    return visit.page("guest.html", building=name, until=when(link.expires_at, visit.now))


def enter(visit: Visit) -> Response:
    """A session that sees one building until the link ends."""
    with visit.site.connect(origin=visit.origin) as connection:
        secret = visit.request.path_params["secret"]
        link = links.find(connection, secret, {Purpose.GUEST}, visit.now)
        if link is None:
            return _void(visit)
        if visit.session is not None:
            sessions.revoke(connection, visit.session.id, visit.now)
        token = sessions.start(
            connection, guest_link=link.id, strength=Strength.LINK, origin=visit.origin,
            agent=visit.agent, now=visit.now,
        )  # fmt: skip
        building = links.building_key(connection, link)
        trace.note(connection, "sign_in", f"building/{building}", how="guest link")
    response = visit.go(f"/gebaeude/{building}")
    visit.site.jar.put(response, cookies.SESSION, token)
    return response


def _void(visit: Visit) -> Response:
    text = _("Dieser Gastlink gilt nicht mehr. Wer ihn geschickt hat, kann einen neuen machen.")
    return visit.page("oops.html", status=410, text=text)
