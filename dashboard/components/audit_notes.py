"""What the audit notes beside changes, in words: refusals with their reason and place, sign-ins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gebaeude.text import N_, _, number

# What a note says → its name.
NOTED: dict[str, str] = {
    "what": N_("Bereich"),
    "path": N_("aufgerufen"),
    "status": N_("Grund"),
    "how": N_("Grund"),
    "way": N_("auf welchem Weg"),
    "times": N_("weitere Male in einer Minute"),
    "paths": N_("außerdem aufgerufen"),
    "seconds": N_("Sekunden"),
    "days": N_("Tage"),
}
# Why something was refused, by the status of the answer or by the word for it.
REASONS: dict[str, str] = {
    "400": N_("unbrauchbare Angabe"),
    "401": N_("gilt nicht"),
    "403": N_("Rolle oder Herkunft erlaubt es nicht"),
    "404": N_("gibt es nicht oder gehört einer anderen Kommune"),
    "405": N_("unbekannte Methode"),
    "409": N_("geht so nicht"),
    "410": N_("Link gilt nicht (mehr)"),
    "411": N_("Länge nicht angegeben"),
    "413": N_("zu groß"),
    "415": N_("gepackt oder von anderer Art"),
    "421": N_("fremder Name im Aufruf"),
    "422": N_("unbrauchbare Angabe"),
    "429": N_("zu viele Anfragen"),
    "wrong password": N_("falsches Kennwort"),
    "wrong code": N_("falscher Code"),
    "used code": N_("schon benutzter Code"),
    "disabled": N_("Konto gesperrt"),
    "too many attempts": N_("zu viele Versuche"),
    "unknown": N_("unbekannt oder verändert"),
    "revoked": N_("schon abgemeldet"),
    "expired": N_("abgelaufen"),
}
# How somebody came in, or proved who they are.
WAYS: dict[str, str] = {
    "password": N_("mit Kennwort"),
    "second_factor": N_("mit zweitem Faktor"),
    "oidc": N_("über den Anmeldedienst"),
    "demo": N_("Beispielrolle der Demo"),
    "guest link": N_("Gastlink"),
    "link": N_("Gastlink"),
    "account page": N_("unter „Mein Konto“"),
    "first": N_("mit dem ersten Link"),
    "invite": N_("mit einer Einladung"),
    "reset": N_("mit dem Link einer Mail"),
}
# First part of a route or address → what people call that part of the system.
SECTIONS: dict[str, str] = {
    "": N_("Übersicht"),
    "abmelden": N_("Abmelden"),
    "anmelden": N_("Anmeldung"),
    "auftraege": N_("Aufträge"),
    "benutzer": N_("Benutzer"),
    "buildings": N_("Gebäude"),
    "callback": N_("Schaltfläche"),
    "datenqualitaet": N_("Datenqualität"),
    "device": N_("Geräte"),
    "devices": N_("Geräte"),
    "findings": N_("Auffälligkeiten"),
    "gast": N_("Gastlink"),
    "gebaeude": N_("Gebäude"),
    "geraete": N_("Geräte"),
    "inbox": N_("Posteingang"),
    "kennwort": N_("Kennwort-Link"),
    "konto": N_("Mein Konto"),
    "message": N_("Quarantäne"),
    "metrics": N_("Betriebswerte"),
    "municipalities": N_("Kommunen"),
    "points": N_("Messpunkte"),
    "posteingang": N_("Posteingang"),
    "protokoll": N_("Protokoll"),
    "quarantaene": N_("Quarantäne"),
    "quarantine": N_("Quarantäne"),
    "ticket": N_("Aufträge"),
    "tickets": N_("Aufträge"),
}
LONGEST = 160  # characters of a value


def words(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and value of what a note says, as far as there are words for it."""
    told = dict(detail)
    if told.get("how") in WAYS:
        told["way"] = told.pop("how")
    for name, label in NOTED.items():
        value = told.get(name)
        text = _text(name, value) if value not in (None, "", []) else None
        if text:
            yield _(label), text


def _text(name: str, value: Any) -> str | None:
    if name in ("status", "how"):
        reason = REASONS.get(str(value).partition(":")[0])
        return _(reason) if reason else None
    if name == "way":
        return _(WAYS[str(value)])
    if name == "what":
        return section(str(value))
    if isinstance(value, int):
        return number(value)
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:LONGEST]


def section(route: str) -> str:
    """What people call the part of the system that a route, page or callback belongs to."""
    first, _blank, path = route.partition(" ")
    if path.startswith("/"):
        first = path.strip("/").partition("/")[0]
    return _(SECTIONS.get(first, N_("andere Seite")))
