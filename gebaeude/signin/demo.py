"""One click on an example role. This page is there in `gebaeude demo` alone."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gebaeude.access.roles import Role
from gebaeude.signin import entry
from gebaeude.signin.visit import Refused, Visit
from gebaeude.store import accounts
from gebaeude.store.sessions import Strength
from gebaeude.text import N_, _

DOMAIN = "demo.invalid"  # no mail ever leaves for there (RFC 2606)


@dataclass(frozen=True)
class Example:
    """Somebody one can look at the system as."""

    key: str
    name: str
    role: Role
    everywhere: bool  # in all municipalities, or in the first alone
    technician: str | None  # key, where they are one of the example's team
    label: str
    about: str

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


EXAMPLES: tuple[Example, ...] = (
    Example(
        "gebaeudemanagerin", "Karin Vogt", Role.FACILITY_MANAGER, True, "k-vogt",
        N_("Als Gebäudemanagerin ansehen"),
        N_("Das gemeinsame Team: alle Kommunen, Aufträge, Geräte und Kosten."),
    ),
    Example(
        "hausmeisterin", "Lena Huxoll", Role.TECHNICIAN, True, "l-huxoll",
        N_("Als Hausmeisterin ansehen"),
        N_("Mit dem Telefon im Heizungskeller: Aufträge annehmen und erledigen."),
    ),
    Example(
        "kaemmerer", "Jens Sievert", Role.TREASURER, False, None,
        N_("Als Kämmerer einer Kommune ansehen"),
        N_("Verbrauch und Kosten der eigenen Kommune, ohne Namen der Technik."),
    ),
    Example(
        "buergermeisterin", "Sabine Rolf", Role.READER, False, None,
        N_("Als Bürgermeisterin ansehen"),
        N_("Nur lesen, nur die eigene Kommune."),
    ),
    Example(
        "verwaltung", "Uwe Held", Role.ADMINISTRATOR, True, None,
        N_("Als Verwalter ansehen"),
        N_("Alles, auch Konten, Rollen und Protokoll."),
    ),
)  # fmt: skip


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
