"""The audit in words: what an entry is about, what was done, and each value that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from dashboard.components import audit_notes
from gebaeude.store.audit import CHANGES, Entry
from gebaeude.text import (
    KINDS,
    MEDIA,
    N_,
    PRIORITIES,
    QUANTITY_LABELS,
    ROLES,
    SEVERITIES,
    SKILLS,
    STATES,
    USES,
    _,
    day,
    number,
    when,
)

# Table → what people call its rows.
SUBJECTS: dict[str, str] = {
    "account": N_("Benutzerkonto"),
    "account_role": N_("Rolle"),
    "api_token": N_("Zugriffsschlüssel"),
    "asset": N_("Anlage"),
    "building": N_("Gebäude"),
    "channel": N_("Zuordnung eines Geräts"),
    "device": N_("Gerät"),
    "limit_rule": N_("Grenzwert"),
    "meter_mount": N_("Zähler"),
    "municipality": N_("Kommune"),
    "one_time_link": N_("Zugangslink"),
    "person": N_("Personendaten"),
    "plan": N_("Wartungsplan"),
    "point": N_("Messpunkt"),
    "route": N_("Aufruf"),
    "session": N_("Sitzung"),
    "site": N_("Liegenschaft"),
    "space": N_("Raum"),
    "system": N_("System"),
    "technician": N_("Technik-Team"),
    "technician_municipality": N_("Zuständigkeit im Team"),
    "ticket": N_("Auftrag"),
    "ticket_event": N_("Verlauf eines Auftrags"),
}
# What was done; other words of the audit are shown as OTHER.
ACTIONS: dict[str, str] = {
    "insert": N_("angelegt"),
    "update": N_("geändert"),
    "delete": N_("gelöscht"),
    "sign_in": N_("angemeldet"),
    "sign_in.failed": N_("Anmeldung gescheitert"),
    "sign_in.refused": N_("Anmeldung abgewiesen"),
    "sign_out": N_("abgemeldet"),
    "second_factor.failed": N_("zweiter Faktor falsch"),
    "second_factor.refused": N_("zweiter Faktor abgewiesen"),
    "second_factor.set": N_("zweiter Faktor eingerichtet"),
    "second_factor.removed": N_("zweiter Faktor entfernt"),
    "recovery_code.used": N_("mit Ersatzcode angemeldet"),
    "recovery_codes.renewed": N_("neue Ersatzcodes"),
    "password.forgotten": N_("Kennwort vergessen"),
    "password.set": N_("Kennwort gesetzt"),
    "session.revoked": N_("Sitzung beendet"),
    "token.revoked": N_("Zugriffsschlüssel beendet"),
    "token.refused": N_("Zugriffsschlüssel abgewiesen"),
    "guest_link.created": N_("Gastzugang angelegt"),
    "guest_link.ended": N_("Gastzugang beendet"),
    "access.refused": N_("nicht erlaubt"),
    "access.missing": N_("nicht gefunden oder fremd"),
    "input.refused": N_("Eingabe abgewiesen"),
    "request.refused": N_("Anfrage abgewiesen"),
    "session.refused": N_("Sitzung abgewiesen"),
    "link.refused": N_("Zugangslink abgewiesen"),
    "clock.jumped": N_("Uhr gesprungen"),
    "account.bound": N_("mit Anmeldedienst verbunden"),
    "account.unbound": N_("vom Anmeldedienst gelöst"),
    "person.erased": N_("Personendaten gelöscht"),
    "person.exported": N_("Auskunft erteilt"),
    "person.readmitted": N_("Person wieder zugelassen"),
}
OTHER = N_("sonstiges")
# Column → its name; what is not here says nothing to a person and is left out.
FIELDS: dict[str, str] = {
    "address": N_("Adresse"),
    "built": N_("Baujahr"),
    "calibrated_until": N_("geeicht bis"),
    "closed_at": N_("geschlossen"),
    "comment": N_("Bemerkung"),
    "cost_group": N_("Kostengruppe"),
    "delay_s": N_("Verzögerung (s)"),
    "disabled_at": N_("gesperrt"),
    "due_on": N_("fällig am"),
    "email": N_("E-Mail"),
    "expires_at": N_("gilt bis"),
    "external_id": N_("Kennung"),
    "factor": N_("Faktor"),
    "field": N_("Feld"),
    "floor_area_m2": N_("Fläche (m²)"),
    "high": N_("obere Grenze"),
    "how": N_("Grund"),
    "hysteresis": N_("Schaltabstand"),
    "installed": N_("eingebaut"),
    "interval_s": N_("erwartet alle (s)"),
    "kind": N_("Art"),
    "latitude": N_("Breite"),
    "lead_days": N_("Vorlauf (Tage)"),
    "longitude": N_("Länge"),
    "low": N_("untere Grenze"),
    "medium": N_("Medium"),
    "mounted_from": N_("eingebaut ab"),
    "mounted_to": N_("ausgebaut"),
    "name": N_("Name"),
    "phone": N_("Telefon"),
    "population": N_("Einwohner"),
    "power_kw": N_("Leistung (kW)"),
    "priority": N_("Dringlichkeit"),
    "profile": N_("Geräteprofil"),
    "quantity": N_("Messgröße"),
    "renovated": N_("saniert"),
    "revoked_at": N_("beendet"),
    "role": N_("Rolle"),
    "rrule": N_("Wiederholung"),
    "serial": N_("Zählernummer"),
    "severity": N_("Gewicht"),
    "skill": N_("Fachgebiet"),
    "skills": N_("Fachgebiete"),
    "starts_on": N_("erstmals am"),
    "state": N_("Stand"),
    "strength": N_("auf welchem Weg"),
    "task": N_("Tätigkeit"),
    "title": N_("Titel"),
    "unit": N_("Einheit"),
    "use": N_("Nutzung"),
    "used_at": N_("benutzt"),
    "valid_from": N_("gilt ab"),
    "valid_to": N_("gilt bis"),
}
# Whose values have names of their own.
NAMES: dict[str, Mapping[str, str]] = {
    "kind": KINDS,
    "medium": MEDIA,
    "priority": PRIORITIES,
    "quantity": QUANTITY_LABELS,
    "role": ROLES,
    "severity": SEVERITIES,
    "skill": SKILLS,
    "state": STATES,
    "strength": audit_notes.WAYS,
    "use": USES,
}
# How our own processes and commands are called.
PROCESSES: dict[str, str] = {
    "gebaeude-import": N_("Portfolio-Import"),
    "gebaeude-demo": N_("Demo"),
    "gebaeude-ingest": N_("Datenannahme"),
    "gebaeude-worker": N_("Dienst für Aufträge"),
}
OPEN_ENDED = {"infinity", "-infinity"}
DAYS = {"calibrated_until", "due_on", "starts_on"}
YEARS = {"built", "installed", "renovated"}  # numbers without a dot for thousands
LONGEST = 160  # characters of a value


class Change(NamedTuple):
    """A value before and after; None: there was, or is, none."""

    name: str
    before: str | None
    after: str | None


def subject(entry: Entry) -> tuple[str, str]:
    """What an entry is about: the kind of thing, and which one."""
    table, _slash, key = entry.subject.partition("/")
    return _(SUBJECTS.get(table, N_("Eintrag"))), key


def action(entry: Entry) -> str:
    """What was done."""
    return _(ACTIONS.get(entry.action, OTHER))


def actor(name: str | None) -> str:
    """Who it was."""
    if name is None:
        return _("nicht mehr bekannt")
    return _(PROCESSES[name]) if name in PROCESSES else name


def changes(entry: Entry, now: datetime) -> Iterator[Change]:
    """The values that changed, in the order in which they stand in the row."""
    before, after = entry.before or {}, entry.after or {}
    if entry.action not in CHANGES:
        for label, text in audit_notes.words(after):
            yield Change(label, None, text)
        return
    # A session goes on as long as somebody uses it: when it began, its end says nothing.
    left_out = "expires_at" if entry.subject.startswith("session/") else ""
    for name, label in FIELDS.items():
        if name != left_out and (name in before or name in after):
            old, new = (_value(name, of.get(name), now) for of in (before, after))
            if old != new:
                yield Change(_(label), old, new)


def _value(name: str, value: Any, now: datetime) -> str | None:
    if value is None or value in ("", [], *OPEN_ENDED):
        return None
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, int | float):
        # As it is: what was changed may be the last digit.
        decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
        return str(value) if name in YEARS else number(value, digits=decimals)
    if isinstance(value, list):
        return ", ".join(filter(None, (_value(_singular(name), one, now) for one in value)))
    text = str(value)
    if name in NAMES:
        return _(NAMES[name].get(text, text))
    if name in DAYS and (on := _date(text)):
        return day(on)
    moment = _moment(text) if name.endswith(("_at", "_from", "_to")) else None
    return when(moment, now) if moment else text[:LONGEST]


def _singular(name: str) -> str:
    return name.removesuffix("s")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
