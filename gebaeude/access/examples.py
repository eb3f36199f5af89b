"""The people of the example, as whom one can look at a demo."""

from __future__ import annotations

from dataclasses import dataclass

from gebaeude.access.roles import Role
from gebaeude.text import N_

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
