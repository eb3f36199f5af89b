"""One click on an example role. This page is there in `gebaeude demo` alone."""

from __future__ import annotations

from starlette.responses import Response

from gebaeude.access.examples import EXAMPLES
from gebaeude.signin import entry
from gebaeude.signin.visit import Refused, Visit
from gebaeude.store import accounts
from gebaeude.store.sessions import Strength
from gebaeude.text import _


def choose(visit: Visit) -> Response:
    """The example roles."""
    return visit.page(
        "demo.html", onward=visit.onward(),
        examples=[(one.key, _(one.label), _(one.about)) for one in EXAMPLES],
    )  # fmt: skip


def enter(visit: Visit) -> Response:
    """A session as one of them."""
    wanted = next((one for one in EXAMPLES if one.key == visit.field("rolle")), None)
    if wanted is None:
        raise Refused(400, _("Das Formular ist unvollständig."))
    with visit.site.connect(origin=visit.origin) as connection:
        account = accounts.id_of(connection, wanted.email)
        if account is None:
            raise Refused(404, _("Dieses Konto gibt es nicht."))
        return entry.enter(visit, connection, account, Strength.DEMO)
