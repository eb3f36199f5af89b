"""`gebaeude status`: which parts of the system answer, and how much there is in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import psycopg

from gebaeude.config import Settings
from gebaeude.demo import ports
from gebaeude.mqtt import address
from gebaeude.store import heartbeat
from gebaeude.store.database import connect
from gebaeude.store.status import Counts, counts
from gebaeude.text import N_, _, number

PROCESSES = ("ingest", "worker", "web")
SHARING = "ingest-"  # begins the names of several ingests that share the messages

PARTS: dict[str, str] = {
    "database": N_("Datenbank"),
    "broker": N_("Broker"),
    "ingest": N_("Datenannahme"),
    "worker": N_("Dienst für Aufträge"),
    "web": N_("Dashboard"),
}
COUNTED: dict[str, str] = {
    "buildings": N_("Gebäude"),
    "points": N_("Messpunkte"),
    "readings": N_("Messwerte"),
    "quarantine": N_("Nachrichten in Quarantäne"),
    "findings_open": N_("offene Auffälligkeiten"),
    "tickets_open": N_("offene Aufträge"),
    "mails_waiting": N_("wartende Mails"),
}


@dataclass(frozen=True)
class Status:
    """parts: name of each part → "ok", "missing" or "not configured"; counts: None if unknown."""

    parts: dict[str, str]
    addresses: dict[str, str]
    counts: Counts | None

    def well(self, only: str | None = None) -> bool:
        """Whether every part answers, or the one named."""
        asked = self.parts.values() if only is None else [self.parts[only]]
        return all(state == "ok" for state in asked)


def gather(settings: Settings) -> Status:
    """Ask every part; nothing that is missing keeps the others from being told."""
    alive, counted = _ask_database(settings.database_url)
    parts = {
        "database": _state(settings.database_url, counted is not None),
        "broker": _state(settings.mqtt_url, broker_answers(settings.mqtt_url)),
        **_processes(alive),
    }
    addresses = {
        "web": settings.public_url,
        "database": without_password(settings.database_url),
        "broker": without_password(settings.mqtt_url),
    }
    return Status(parts, addresses, counted)


def as_json(status: Status) -> str:
    """Return the status as one JSON object."""
    known = None if status.counts is None else asdict(status.counts)
    body = {
        "well": status.well(),
        "parts": status.parts,
        "addresses": status.addresses,
        "counts": known,
    }
    return json.dumps(body, ensure_ascii=False)


def as_text(status: Status) -> str:
    """Return the status as a person reads it."""
    words = {
        "ok": _("läuft"),
        "missing": _("antwortet nicht"),
        "not configured": _("nicht gesetzt"),
    }
    titles = {name: _title(name) for name in status.parts}
    width = max(map(len, titles.values()))
    lines = [
        f"{title:{width}}  {words[status.parts[name]]:16} {status.addresses.get(name, '')}"
        for name, title in titles.items()
    ]
    if status.counts is not None:
        known = asdict(status.counts)
        lines += [f"{number(known[name], digits=0)} {_(title)}" for name, title in COUNTED.items()]
    return "\n".join(line.rstrip() for line in lines)


def without_password(url: str) -> str:
    """Return the address as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    account, _at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{account.partition(':')[0]}@{host}").geturl()


def _processes(alive: dict[str, bool]) -> dict[str, str]:
    """The state of each process; where several ingests share, of all of them and of each."""
    sharing = sorted(name for name in alive if name.startswith(SHARING))
    found = {}
    for name in PROCESSES:
        if name == "ingest" and sharing:
            together = [alive[one] for one in (*sharing, name) if one in alive]
            found[name] = _told(all(together))
            found |= {one: _told(alive[one]) for one in sharing}
        else:
            found[name] = _told(alive.get(name, False))
    return found


def _told(is_alive: bool) -> str:
    return "ok" if is_alive else "missing"


def _title(name: str) -> str:
    if name in PARTS:
        return _(PARTS[name])
    return f"{_(PARTS['ingest'])} {name.removeprefix(SHARING)}"


def _ask_database(url: str) -> tuple[dict[str, bool], Counts | None]:
    if not url:
        return {}, None
    try:
        with connect(url, name="gebaeude-status") as connection:
            beats = heartbeat.heartbeats(connection)
            return {name: beat.alive for name, beat in beats.items()}, counts(connection)
    except psycopg.Error:
        return {}, None


def broker_answers(url: str) -> bool:
    """Say whether something listens where the broker should; of a cluster one node is enough."""
    return bool(url) and any(ports.accepts(port, host) for host, port in address(url).places)


def _state(url: str, answers: bool) -> str:
    if not url:
        return "not configured"
    return "ok" if answers else "missing"
