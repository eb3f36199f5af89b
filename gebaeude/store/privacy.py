"""Personal data: which columns hold any, whose it is, what for, and how long it is kept.

The record of processing in docs/datenschutz.md has the same table, and the copy of their data that
a person gets quotes it: both are documents for people in Germany, so these texts are German and
not translated. Every column that can hold text stands here, or a test fails.
"""

from __future__ import annotations

import msgspec

from gebaeude.config import Settings

STAFF = "Beschäftigte mit Konto"
TEAM = "Technik-Team"
ACTING = "Handelnde (Konto oder Team)"
GUESTS = "Gäste"
OCCUPANTS = "Nutzende der Räume"

WITH_ACCOUNT = "bis das Konto gelöscht wird"
WITH_TEAM = "bis die Person aus dem Team gelöscht wird"
AFTER_ACCESS = "{retention_access_days} Tage nach Ablauf"
AFTER_TICKET = "Namen: {retention_people_years} Jahre nach Abschluss des Auftrags"
AFTER_DEVICE = "Namen: {retention_people_years} Jahre"
AFTER_MAIL = "{retention_mail_days} Tage nach dem Versand"


class Data(msgspec.Struct, frozen=True):
    """Personal data in one table. `until` may name a setting in braces."""

    columns: str  # that say something of a person
    other: str  # further columns that can hold text, and say nothing of a person
    about: str
    whose: str
    purpose: str
    until: str


PERSONAL: dict[str, Data] = {
    "account": Data(
        "email name technician_id password_hash totp_secret totp_last oidc_issuer oidc_subject "
        "created_at disabled_at",
        "",
        "Konto: E-Mail-Adresse, Name, Kennwort (nur als Hash), zweiter Faktor (verschlüsselt), "
        "Kennung beim Anmeldedienst der Kommune",
        STAFF, "Anmeldung, Zuordnung von Rechten", WITH_ACCOUNT,
    ),
    "account_role": Data(
        "role", "", "Rolle in einer Kommune", STAFF, "Beschränkung auf die nötigen Rechte",
        WITH_ACCOUNT,
    ),
    "recovery_code": Data(
        "hash used_at", "", "Wiederherstellungscodes (nur als Hash)", STAFF,
        "Anmeldung bei Verlust des zweiten Faktors", WITH_ACCOUNT,
    ),
    "session": Data(
        "hash browser origin agent created_at seen_at expires_at told", "strength",
        "Sitzungen: IP-Adresse, Programm (Browser), Beginn, letzte Nutzung", f"{STAFF}; {GUESTS}",
        "angemeldet bleiben, fremde Anmeldungen erkennen, melden und beenden", AFTER_ACCESS,
    ),
    "api_token": Data(
        "hash name used_at created_at expires_at", "scopes",
        "Zugriffsschlüssel für Programme: Bezeichnung, letzte Nutzung", STAFF,
        "Zugriff durch Programme im Namen der Person", AFTER_ACCESS,
    ),
    "one_time_link": Data(
        "hash detail created_by created_at used_at", "purpose",
        "Einmal-Links für Kennwort, Einladung und Gastzugang; wer sie erstellt hat",
        f"{STAFF}; {GUESTS}", "Kennwort setzen, Gastzugang", AFTER_ACCESS,
    ),
    "attempt": Data(
        "key at", "kind",
        "Fehlgeschlagene Anmeldungen: IP-Adresse, gekürzter Hash der E-Mail-Adresse, Zeitpunkt",
        "wer sich anmeldet", "Schutz vor dem Erraten von Kennwörtern",
        "15 Minuten wirksam, danach bei der täglichen Löschung",
    ),
    "technician": Data(
        "key name email phone skills", "",
        "Team: Kürzel, Name, dienstliche E-Mail-Adresse und Telefonnummer, Fachgebiete", TEAM,
        "Aufträge vergeben, Erreichbarkeit", WITH_TEAM,
    ),
    "technician_municipality": Data(
        "technician_id", "", "Kommunen, für die jemand arbeitet", TEAM, "Aufträge vergeben",
        WITH_TEAM,
    ),
    "ticket": Data(
        "technician_id", "title task priority skill state", "Wer einen Auftrag hat oder hatte",
        TEAM, "Aufträge vergeben, Nachweis der Erledigung", AFTER_TICKET,
    ),
    "ticket_event": Data(
        "at actor comment", "kind state",
        "Verlauf eines Auftrags: wer wann was getan oder geschrieben hat", ACTING,
        "Nachweis der Erledigung, Gewährleistung", AFTER_TICKET,
    ),
    "mail": Data(
        "recipient subject body error created_at sent_at", "",
        "Benachrichtigungen: Empfänger, Anrede, Inhalt", f"{TEAM}; {STAFF}",
        "Benachrichtigung über Aufträge, Links und Meldungen zum Konto", AFTER_MAIL,
    ),
    "device_event": Data(
        "at actor", "format device kind detail", "Wer wann ein Gerät zugeordnet oder gelöst hat",
        ACTING, "Nachvollziehbarkeit der Messwerte", AFTER_DEVICE,
    ),
    "audit": Data(
        "at account_id actor origin subject before after", "action content previous hash",
        "Protokoll: wer wann von welcher IP-Adresse was von welchem auf welchen Wert geändert hat, "
        "Anmeldungen und Ablehnungen", ACTING, "Nachvollziehbarkeit, Aufklärung von Missbrauch",
        "{retention_people_years} Jahre, dann geleert bis auf Zeitpunkt, Art und Prüfkette",
    ),
    "erased_person": Data(
        "salt hashes erased_at", "", "Sperrliste: gesalzene Hashes von Kürzel und E-Mail-Adressen",
        "gelöschte Personen", "verhindern, dass eine Portfoliodatei gelöschte Daten zurückbringt",
        "bis die Person wieder aufgenommen wird",
    ),
    "reading": Data(
        "time value", "", "Messwerte des Raumklimas (Temperatur, Feuchte, CO₂, Anwesenheit)",
        OCCUPANTS, "Betrieb, Luftqualität, Energie",
        "solange die Kommune es festlegt; siehe Raumklima",
    ),
    "withdrawn": Data(
        "time value", "format device field unit", "Zurückgenommene Messwerte wie oben", OCCUPANTS,
        "Zuordnung zum richtigen Messpunkt", "bis zur neuen Zuordnung des Geräts",
    ),
    "quarantine": Data(
        "topic payload", "fingerprint reason detail format device",
        "Nicht auswertbare Nachrichten von Geräten", OCCUPANTS, "Auswertung nachholen",
        "{quarantine_max_days} Tage",
    ),
}  # fmt: skip

PORTFOLIO = "Stammdaten der Gebäude; Namen von Personen gehören nicht hinein"
DEVICES = "was Geräte von sich sagen"
MACHINERY = "Betrieb des Systems"

# Tables without personal data: the columns that can hold text, and why none of it is a person's.
OTHER: dict[str, tuple[str, str]] = {
    "municipality": ("key name ags", PORTFOLIO),
    "site": ("key name address", PORTFOLIO),
    "building": ("key name use", PORTFOLIO),
    "space": ("name", PORTFOLIO),
    "asset": ("key name kind cost_group", PORTFOLIO),
    "point": ("key name medium quantity unit kind", PORTFOLIO),
    "meter_mount": ("serial", PORTFOLIO),
    "plan": ("key name task rrule skill", PORTFOLIO),
    "limit_rule": ("severity skill", PORTFOLIO),
    "finding": ("rule severity evidence", "Zahlen zu einem Messpunkt; siehe Messwerte"),
    "device": ("format external_id name profile", DEVICES),
    "channel": ("field unit", DEVICES),
    "device_heard": ("battery_unit signal_unit", DEVICES),
    "sparkplug_birth": ("node device metrics", DEVICES),
    "sparkplug_node": ("node state", DEVICES),
    "homie_description": ("device properties", DEVICES),
    "audit_head": ("hash", MACHINERY),
    "delivery": ("client entries", MACHINERY),
    "ingest_generation": ("base members", MACHINERY),
    "ingest_session": ("client", MACHINERY),
    "quarantine_dropped": ("cause reason", MACHINERY),
    "heartbeat": ("process detail", MACHINERY),
    "alembic_version": ("version_num", MACHINERY),
    "procrastinate_jobs": ("queue_name task_name lock queueing_lock args", MACHINERY),
    "procrastinate_periodic_defers": ("task_name periodic_id", MACHINERY),
}

# Personal data outside of the database: what, and how long.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "Cookie der Sitzung": (
        "zufälliger Schlüssel ohne Angaben zur Person; technisch erforderlich (§ 25 Abs. 2 Nr. 2 "
        "TDDDG)",
        "bis zum Ende der Sitzung",
    ),
    "Cookies der Anmeldung": (
        "zufällige Schlüssel: woran ein Browser wiedererkannt wird, damit fremde Fehlversuche "
        "niemanden aussperren; der Schritt zwischen Kennwort und zweitem Faktor; technisch "
        "erforderlich",
        "90 Tage; zehn Minuten",
    ),
    "Cookies des Anmeldedienstes": (
        "der Weg zum Anmeldedienst der Kommune und zurück, mit der Seite, die aufgerufen war; dass "
        "jemand von dort kam, ohne Angaben zur Person; technisch erforderlich",
        "zehn Minuten; bis der Browser geschlossen wird",
    ),
    "Speicher des Browsers": (
        "helle oder dunkle Darstellung; wo schon vor Einführung der Anmeldung gearbeitet wurde, "
        "noch ein Kürzel des Teams",
        "bis die Person ihn leert",
    ),
    "Protokolle der Prozesse": (
        "Fehlermeldungen, ohne Kennwörter, Schlüssel, Links und ohne den Namen vor dem @ einer "
        "E-Mail-Adresse",
        "legt der Betrieb fest (Vorschlag: 30 Tage)",
    ),
    "Postfächer und Mailserver": ("versandte Benachrichtigungen", "Regeln der Kommune"),
    "Portfoliodatei": ("Team mit Namen und Erreichbarkeit", "solange die Datei gepflegt wird"),
    "Sicherungen der Datenbank": (
        "alles Obige", "legt der Betrieb fest (Vorschlag: 30 Tage); nach einer Wiederherstellung "
        "sind Löschungen nachzuholen",
    ),
}  # fmt: skip


def until(data: Data, settings: Settings) -> str:
    """How long this is kept, as the settings say."""
    return data.until.format(**settings.model_dump())


def record(settings: Settings) -> list[str]:
    """The lines of the record of processing, as Markdown."""
    lines = ["| Tabelle | Daten | Betroffene | Zweck | Frist |", "|---|---|---|---|---|"]
    for table, data in PERSONAL.items():
        cells = (f"`{table}`", data.about, data.whose, data.purpose, until(data, settings))
        lines.append(f"| {' | '.join(cells)} |")
    return lines
