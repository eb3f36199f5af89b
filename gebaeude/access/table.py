"""What each route, page, callback and command asks for; docs/access.md has it by roles.

API, dashboard and sign-in pages consult these tables before anything else happens, and do not
start with a route, page or callback that is missing here.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

import msgspec

from gebaeude.access.person import Person
from gebaeude.access.roles import Right


class Need(StrEnum):
    """What is asked of somebody where no right of a role is."""

    NOTHING = "nothing"  # open to whoever comes
    SIGN_IN = "sign_in"  # whoever the gate lets in, guests and programs too
    ACCOUNT = "account"  # an account signed in with a browser: no guests, no programs
    MACHINE = "machine"  # an account of the operating system, with the database's address


Needed = Right | Need

# Method and path under /api/v1.
API: dict[str, Needed] = {
    "GET /openapi.json": Need.SIGN_IN,
    "GET /health/live": Need.NOTHING,
    "GET /health/ready": Need.NOTHING,
    "GET /metrics": Right.SEE_QUALITY,
    "GET /municipalities": Right.SEE_BUILDINGS,
    "GET /buildings": Right.SEE_BUILDINGS,
    "GET /buildings/{building}": Right.SEE_BUILDINGS,
    "GET /points": Right.SEE_READINGS,
    "GET /points/{building}/{point}": Right.SEE_READINGS,
    "GET /points/{building}/{point}/latest": Right.SEE_READINGS,
    "GET /points/{building}/{point}/readings": Right.SEE_READINGS,
    "GET /devices": Right.SEE_QUALITY,
    "GET /devices/{format}/{device:path}": Right.SEE_QUALITY,
    "GET /quarantine": Right.SEE_QUALITY,
    "GET /quarantine/{message}": Right.SEE_QUALITY,
    "GET /findings": Right.SEE_QUALITY,
    "GET /inbox": Right.MANAGE_DEVICES,
    "GET /inbox/{format}/{device:path}": Right.MANAGE_DEVICES,
    "POST /inbox/{format}/{device:path}/claim": Right.MANAGE_DEVICES,
    "POST /inbox/{format}/{device:path}/release": Right.MANAGE_DEVICES,
    "GET /tickets": Right.SEE_TICKETS,
    "GET /tickets/{number}": Right.SEE_TICKETS,
    "POST /tickets/{number}/take": Right.WORK_TICKETS,
    "POST /tickets/{number}/start": Right.WORK_TICKETS,
    "POST /tickets/{number}/finish": Right.WORK_TICKETS,
    "POST /tickets/{number}/comment": Right.WORK_TICKETS,
    "POST /tickets/{number}/cancel": Right.MANAGE_TICKETS,
    "POST /tickets/{number}/reopen": Right.MANAGE_TICKETS,
    "POST /tickets/{number}/reassign": Right.MANAGE_TICKETS,
}

# Pages of the dashboard.
PAGES: dict[str, Needed] = {
    "/": Right.SEE_QUALITY,
    "/gebaeude": Right.SEE_BUILDINGS,
    "/gebaeude/<key>": Right.SEE_READINGS,
    "/datenqualitaet": Right.SEE_QUALITY,
    "/quarantaene": Right.SEE_QUALITY,
    "/quarantaene/<message>": Right.SEE_QUALITY,
    "/geraete": Right.SEE_QUALITY,
    "/geraete/<format>/<device>": Right.SEE_QUALITY,
    "/geraete/<format>/<device>/umziehen": Right.MANAGE_DEVICES,
    "/posteingang": Right.MANAGE_DEVICES,
    "/posteingang/<format>/<device>": Right.MANAGE_DEVICES,
    "/auftraege": Right.SEE_TICKETS,
    "/auftraege/<number>": Right.SEE_TICKETS,
    "/protokoll": Right.SEE_AUDIT,
}

# Callbacks that reach the server, by what they change.
CALLBACKS: dict[str, Needed] = {
    # The page itself asks for what stands in PAGES.
    "page.children title.data navigation.children": Need.SIGN_IN,
    "freshness.children": Need.SIGN_IN,
    '{"badge":["ALL"]}.children': Need.SIGN_IN,
    "gebaeude-liste.children": Right.SEE_BUILDINGS,
    "geraete-liste.children": Right.SEE_QUALITY,
    "posteingang-liste.children": Right.MANAGE_DEVICES,
    'claim-form.children uebernahme.children {"claim":["ALL"],"n":["ALL"]}.error done.data': (
        Right.MANAGE_DEVICES
    ),
    "loesung.children": Right.MANAGE_DEVICES,
    "loesung.children version.data said.children done.data": Right.MANAGE_DEVICES,
    "ergebnis.children done.data": Right.MANAGE_DEVICES,
    "einlesen.children quarantaene-liste.children done.data": Right.MANAGE_DEVICES,
    "payload-file.data": Right.SEE_QUALITY,
    "tafel.children": Right.SEE_TICKETS,
    # Each button asks for what stands in ACTIONS.
    "meldung.children version.data said.children": Right.WORK_TICKETS,
}

# What the dashboard is made of, and its frame, the same for everybody.
ASSETS: dict[str, Needed] = dict.fromkeys(
    (
        "/",
        "/<path:path>",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_dash-dependencies",
        "/_dash-layout",
        "/_dash-update-component",
        "/_favicon.ico",
        "/_reload-hash",
        "/assets/<path:filename>",
        "/static/<path:filename>",
    ),
    Need.SIGN_IN,
)

# What people do with a ticket.
ACTIONS: dict[str, Right] = {
    "take": Right.WORK_TICKETS,
    "start": Right.WORK_TICKETS,
    "finish": Right.WORK_TICKETS,
    "comment": Right.WORK_TICKETS,
    "cancel": Right.MANAGE_TICKETS,
    "reopen": Right.MANAGE_TICKETS,
    "reassign": Right.MANAGE_TICKETS,
}

# Pages for signing in and for accounts.
SIGN_IN: dict[str, Needed] = {
    "GET /anmelden/stil.css": Need.NOTHING,
    "GET /barrierefreiheit": Need.NOTHING,
    "GET /datenschutz": Need.NOTHING,
    "GET /anmelden": Need.NOTHING,
    "POST /anmelden": Need.NOTHING,
    "GET /anmelden/code": Need.NOTHING,
    "POST /anmelden/code": Need.NOTHING,
    "GET /anmelden/oidc": Need.NOTHING,
    "GET /anmelden/oidc/zurueck": Need.NOTHING,
    "GET /anmelden/oidc/ende": Need.NOTHING,
    "GET /anmelden/vergessen": Need.NOTHING,
    "POST /anmelden/vergessen": Need.NOTHING,
    "GET /anmelden/demo": Need.NOTHING,  # there in a demo alone
    "POST /anmelden/demo": Need.NOTHING,
    "GET /kennwort/{secret}": Need.NOTHING,
    "POST /kennwort/{secret}": Need.NOTHING,
    "GET /gast/{secret}": Need.NOTHING,
    "POST /gast/{secret}": Need.NOTHING,
    "POST /abmelden": Need.SIGN_IN,
    "GET /konto/schrift.css": Need.SIGN_IN,
    "GET /konto": Need.SIGN_IN,
    "POST /konto/name": Need.ACCOUNT,
    "POST /konto/kennwort": Need.ACCOUNT,
    "POST /konto/sitzungen": Need.ACCOUNT,
    "POST /konto/schluessel": Right.OWN_TOKENS,
    "POST /konto/schluessel/ende": Need.ACCOUNT,
    "GET /konto/zweiter-faktor": Need.ACCOUNT,
    "POST /konto/zweiter-faktor": Need.ACCOUNT,
    "POST /konto/zweiter-faktor/codes": Need.ACCOUNT,
    "POST /konto/zweiter-faktor/ende": Need.ACCOUNT,
    "GET /benutzer": Right.MANAGE_ACCOUNTS,
    "POST /benutzer": Right.MANAGE_ACCOUNTS,
    "POST /benutzer/gast": Right.MANAGE_ACCOUNTS,
    "POST /benutzer/gast/ende": Right.MANAGE_ACCOUNTS,
    "GET /benutzer/{account:int}": Right.MANAGE_ACCOUNTS,
    "POST /benutzer/{account:int}": Right.MANAGE_ACCOUNTS,
    "POST /benutzer/{account:int}/rolle": Right.MANAGE_ACCOUNTS,
}

# Commands know no roles: who can run them on the machine has the database itself.
COMMANDS: dict[str, Need] = dict.fromkeys(
    (
        "demo", "migrate", "import", "export", "ingest", "work", "serve", "simulate", "replay",
        "status", "gateway add", "gateway revoke", "gateway list", "devices list",
        "devices inbox", "devices show", "devices claim", "devices release", "devices profiles",
        "account first-administrator", "account add", "account list", "account role",
        "account disable", "account reset", "account new-key", "account encrypt", "person export",
        "person delete", "person readmit",
        "audit list", "audit verify",
    ),
    Need.MACHINE,
)  # fmt: skip


def check(kind: str, found: Collection[str], known: Collection[str]) -> None:
    """Raises LookupError where something can be reached of which no table says who may."""
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise LookupError(f"gebaeude/access/table.py does not say who may: {kind} {unknown}")


def may(person: Person | None, needed: Needed) -> bool:
    """Whether somebody has what is needed, anywhere; None: nobody has signed in."""
    if needed is Need.NOTHING:
        return True
    if person is None or needed is Need.MACHINE:
        return False
    if isinstance(needed, Right):
        return person.may(needed)
    if needed is Need.ACCOUNT:
        return person.account is not None and person.session is not None
    return True


def narrowed(person: Person, needed: Needed) -> Person:
    """The person as far as they have the right: without the municipalities where they do not."""
    if person.system or not isinstance(needed, Right):
        return person
    return msgspec.structs.replace(person, memberships=person.municipalities(needed))
