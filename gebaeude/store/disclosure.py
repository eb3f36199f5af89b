"""Everything the system has on a person, as they may ask for it (Art. 15 and 20 DSGVO).

Secrets are told as being there, not given out. The copy is German like the record of processing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gebaeude.config import Settings
from gebaeude.store import persons
from gebaeude.store.database import Connection, queries
from gebaeude.store.privacy import ELSEWHERE, PERSONAL, until

_sql = queries(__file__)

# Tables whose rows are a person's. Each has a query of its name; what it asks by.
PARTS: dict[str, tuple[str, ...]] = {
    "account": ("account",),
    "account_role": ("account",),
    "session": ("account",),
    "api_token": ("account",),
    "one_time_link": ("account",),
    "technician": ("technician",),
    "technician_municipality": ("technician",),
    "ticket": (
        "technician",
        "pattern",
    ),
    "ticket_event": ("pattern",),
    "mail": (
        "emails",
        "pattern",
    ),
    "device_event": ("pattern",),
    "audit": ("account", "emails", "key", "pattern"),
}
# The others, and where what they hold of a person is told instead.
TOLD_ELSEWHERE: dict[str, str] = {
    "recovery_code": "als Anzahl beim Konto",
    "attempt": "nur als Hash, höchstens einen Tag",
    "erased_person": "gibt es erst nach einer Löschung",
    "reading": "nicht einer Person zugeordnet",
    "withdrawn": "nicht einer Person zugeordnet",
    "quarantine": "nicht einer Person zugeordnet",
}
RIGHTS = (
    "Sie haben das Recht auf Berichtigung (Art. 16), Löschung (Art. 17), Einschränkung (Art. 18) "
    "und Widerspruch (Art. 21) sowie auf Beschwerde bei der Landesbeauftragten für Datenschutz "
    "und Informationsfreiheit Nordrhein-Westfalen (Art. 77 DSGVO)."
)
RECIPIENTS = (
    "Beschäftigte der beteiligten Kommunen nach ihrer Rolle; der Mailserver der Kommune. "
    "Keine Übermittlung in Drittländer, keine automatisierte Entscheidung im Sinne von Art. 22."
)


def copy(connection: Connection, settings: Settings, of: str, now: datetime) -> dict[str, Any]:
    """The person's data by an address or key, ready for JSON; NotFound and Conflict."""
    who = persons.find(connection, of)
    known = {
        "account": who.account,
        "technician": who.technician,
        "emails": list(who.emails),
        "pattern": who.pattern,
        "key": who.key,
    }
    return {
        "Auskunft": "Auskunft und Kopie der Daten nach Art. 15 und 20 DSGVO",
        "Stand": now.isoformat(timespec="seconds"),
        "Person": {"Namen": who.names, "E-Mail": who.emails, "Telefon": who.phones},
        "Empfänger": RECIPIENTS,
        "Rechte": RIGHTS,
        "Daten": [
            {
                "Bezeichnung": PERSONAL[table].about,
                "Zweck": PERSONAL[table].purpose,
                "Aufbewahrung": until(PERSONAL[table], settings),
                "Einträge": _entries(connection, table, known),
            }
            for table in PARTS
        ],
        "Außerhalb der Datenbank": {name: what for name, (what, _until) in ELSEWHERE.items()},
    }


def _entries(connection: Connection, table: str, known: dict[str, Any]) -> list[dict[str, Any]]:
    told = {name: known[name] for name in PARTS[table]}
    return [row[0] for row in getattr(_sql, table)(connection, **told)]
